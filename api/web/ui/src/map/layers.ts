import type { Punto } from '../types';
import type { Camera } from './mercator';
import { toScreen } from './mercator';
import type { Palette } from './palette';

export interface Heat {
  /** Side of a cell, degrees. */
  side: number;
  cells: readonly (Punto & { weight: number })[];
}

/** Cells by how much happened in them; the busiest is the least transparent. */
export function drawHeat(ctx: CanvasRenderingContext2D, camera: Camera, palette: Palette, heat: Heat): void {
  const most = heat.cells.reduce((max, cell) => Math.max(max, cell.weight), 0);
  if (most === 0) return;
  ctx.fillStyle = palette.prioridad[5];
  for (const { lat, lon, weight } of heat.cells) {
    if (weight === 0) continue;
    const nw = toScreen(camera, lat + heat.side / 2, lon - heat.side / 2);
    const se = toScreen(camera, lat - heat.side / 2, lon + heat.side / 2);
    if (se.x < 0 || se.y < 0 || nw.x > camera.width || nw.y > camera.height) continue;
    // By the root: one cell of a hundred must not hide those of ten.
    ctx.globalAlpha = 0.08 + 0.5 * Math.sqrt(weight / most);
    ctx.fillRect(nw.x, nw.y, Math.max(2, se.x - nw.x), Math.max(2, se.y - nw.y));
  }
  ctx.globalAlpha = 1;
}

/** Where somebody went, with a mark where it began and a bigger one where it ended. */
export function drawTrack(ctx: CanvasRenderingContext2D, camera: Camera, palette: Palette, lines: readonly (readonly Punto[])[]): void {
  for (const [width, colour] of [[6, palette.halo], [2.5, palette.sim]] as const) {
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.lineJoin = 'round';
    ctx.beginPath();
    for (const line of lines) {
      line.forEach(({ lat, lon }, i) => {
        const p = toScreen(camera, lat, lon);
        if (i === 0) ctx.moveTo(p.x, p.y);
        else ctx.lineTo(p.x, p.y);
      });
    }
    ctx.stroke();
  }
  ctx.fillStyle = palette.sim;
  for (const [place, radius] of [[lines[0]?.[0], 4], [lines.at(-1)?.at(-1), 7]] as const) {
    if (!place) continue;
    const p = toScreen(camera, place.lat, place.lon);
    ctx.beginPath();
    ctx.arc(p.x, p.y, radius, 0, 2 * Math.PI);
    ctx.fill();
  }
}
