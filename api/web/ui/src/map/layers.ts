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
