import { hour } from '../format';
import type { Punto } from '../types';
import { label } from './glyphs';
import type { Camera } from './mercator';
import { toScreen } from './mercator';
import type { Palette } from './palette';

export interface Track {
  /** From the one before to one with a cut there is no line. */
  points: readonly (Punto & { en: string; corte: boolean })[];
  /** Which of them is pointed at. */
  at: number;
}

/** Draws where somebody was: the line, dots where a stretch begins or ends at a cut, its two ends with their hours, and the point looked at. */
export function drawTrack(ctx: CanvasRenderingContext2D, camera: Camera, palette: Palette, { points, at }: Track): void {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return;
  ctx.lineJoin = 'round';
  for (const [width, colour] of [[6, palette.halo], [3, palette.accent]] as const) {
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.beginPath();
    points.forEach(({ lat, lon, corte }, i) => {
      const p = toScreen(camera, lat, lon);
      if (i === 0 || corte) ctx.moveTo(p.x, p.y);
      else ctx.lineTo(p.x, p.y);
    });
    ctx.stroke();
  }
  ctx.beginPath();
  points.forEach(({ lat, lon, corte }, i) => {
    if (!corte && !points[i + 1]?.corte) return;
    const p = toScreen(camera, lat, lon);
    ctx.moveTo(p.x + 3.5, p.y);
    ctx.arc(p.x, p.y, 3.5, 0, 2 * Math.PI);
  });
  ctx.lineWidth = 2;
  ctx.fillStyle = palette.accent;
  ctx.strokeStyle = palette.halo;
  ctx.stroke();
  ctx.fill();
  for (const [point, filled] of [[first, false], [last, true]] as const) {
    const p = toScreen(camera, point.lat, point.lon);
    ctx.beginPath();
    ctx.arc(p.x, p.y, 5, 0, 2 * Math.PI);
    ctx.lineWidth = 2.5;
    ctx.fillStyle = filled ? palette.accent : palette.halo;
    ctx.strokeStyle = palette.accent;
    ctx.fill();
    ctx.stroke();
    label(ctx, hour(point.en), p.x, p.y - 14, palette.text, palette.halo);
  }
  const chosen = points[at];
  if (!chosen) return;
  const p = toScreen(camera, chosen.lat, chosen.lon);
  ctx.beginPath();
  ctx.arc(p.x, p.y, 8, 0, 2 * Math.PI);
  ctx.lineWidth = 3;
  ctx.strokeStyle = palette.text;
  ctx.stroke();
  label(ctx, hour(chosen.en), p.x, p.y + 20, palette.text, palette.halo);
}
