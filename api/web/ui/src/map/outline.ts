import type { Punto } from '../types';
import type { Camera } from './mercator';
import { toScreen } from './mercator';
import type { Palette } from './palette';

/** Draws an outline that is being made: the ring, and a handle at each point placed. */
export function drawOutline(ctx: CanvasRenderingContext2D, camera: Camera, palette: Palette, ring: readonly Punto[], placed: readonly Punto[]): void {
  const line = ring.length > 0 ? ring : placed;
  for (const [width, colour] of [[6, palette.halo], [2.5, palette.accent]] as const) {
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.lineJoin = 'round';
    ctx.beginPath();
    line.forEach(({ lat, lon }, i) => {
      const p = toScreen(camera, lat, lon);
      if (i === 0) ctx.moveTo(p.x, p.y);
      else ctx.lineTo(p.x, p.y);
    });
    ctx.stroke();
  }
  ctx.fillStyle = palette.accent;
  for (const { lat, lon } of placed) {
    const p = toScreen(camera, lat, lon);
    ctx.beginPath();
    ctx.arc(p.x, p.y, 5, 0, 2 * Math.PI);
    ctx.fill();
  }
}
