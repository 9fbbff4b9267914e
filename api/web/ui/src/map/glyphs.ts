import type { ClaseMarca, Disponibilidad, Estado, Prioridad } from '../types';
import type { Palette } from './palette';

/**
 * The marks of the map. Colour never stands alone: availability is also a shape,
 * priority also a number, simulation also the letters SIM.
 */

/** How much to trust a fix by its age. */
export type Frescura = 'fresca' | 'media' | 'vieja';

/** A fix older than these many seconds is no longer fresh; then, is old. */
export const FRESCA_S = 60;
export const VIEJA_S = 600;

export function frescura(seconds: number): Frescura {
  return seconds <= FRESCA_S ? 'fresca' : seconds <= VIEJA_S ? 'media' : 'vieja';
}

export interface EfectivoMark {
  disponibilidad: Disponibilidad;
  simulado: boolean;
  frescura: Frescura;
}

export interface TareaMark {
  prioridad: Prioridad;
  estado: Estado;
}

/** Half of the box that a mark is drawn in, CSS pixels. */
export const MARK_HALF = 18;

export function drawEfectivo(ctx: CanvasRenderingContext2D, mark: EfectivoMark, palette: Palette): void {
  const colour = palette.disponibilidad[mark.disponibilidad];
  ctx.globalAlpha = mark.frescura === 'media' ? 0.75 : 1;
  ctx.lineWidth = 2;
  ctx.strokeStyle = palette.halo;
  ctx.beginPath();
  shape(ctx, mark.disponibilidad);
  if (mark.frescura === 'vieja') {
    // Hollow: he was here once.
    ctx.fillStyle = palette.halo;
    ctx.fill();
    ctx.strokeStyle = colour;
    ctx.stroke();
  } else {
    ctx.fillStyle = colour;
    ctx.fill();
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
  if (mark.simulado) drawSim(ctx, palette);
}

function drawSim(ctx: CanvasRenderingContext2D, palette: Palette): void {
  ctx.setLineDash([3, 2]);
  ctx.strokeStyle = palette.sim;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.arc(0, 0, 10, 0, 2 * Math.PI);
  ctx.stroke();
  ctx.setLineDash([]);
  label(ctx, 'SIM', 0, -12.5, palette.sim, palette.halo, '700 8px system-ui, sans-serif');
}

function shape(ctx: CanvasRenderingContext2D, disponibilidad: Disponibilidad): void {
  switch (disponibilidad) {
    case 'disponible':
      ctx.arc(0, 0, 6, 0, 2 * Math.PI);
      return;
    case 'en_tarea':
      polygon(ctx, [[0, -7.5], [7.5, 0], [0, 7.5], [-7.5, 0]]);
      return;
    case 'no_disponible':
      polygon(ctx, [[0, -7], [7, 6], [-7, 6]]);
      return;
    case 'fuera_servicio':
      ctx.rect(-5, -5, 10, 10);
      return;
    case 'en_licencia':
      polygon(ctx, [[-2.5, -7], [2.5, -7], [2.5, -2.5], [7, -2.5], [7, 2.5], [2.5, 2.5],
        [2.5, 7], [-2.5, 7], [-2.5, 2.5], [-7, 2.5], [-7, -2.5], [-2.5, -2.5]]);
      return;
  }
}

export function drawTarea(ctx: CanvasRenderingContext2D, mark: TareaMark, palette: Palette): void {
  const colour = palette.prioridad[mark.prioridad];
  const open = mark.estado === 'en_curso';
  ctx.beginPath();
  // A sign on a post: its foot is the place.
  ctx.roundRect(-10, -16, 20, 18, 4);
  ctx.moveTo(-4, 2);
  ctx.lineTo(0, 8);
  ctx.lineTo(4, 2);
  ctx.closePath();
  ctx.lineJoin = 'round';
  ctx.lineWidth = 5;
  ctx.strokeStyle = palette.halo;
  ctx.stroke();
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = colour;
  ctx.stroke();
  ctx.fillStyle = open ? colour : palette.halo;
  ctx.fill();
  ctx.fillStyle = open ? palette.halo : palette.text;
  ctx.font = '700 13px system-ui, sans-serif';
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(mark.estado === 'pausada' ? 'II' : String(mark.prioridad), 0, -6.5);
}

/** A drop whose tip is the place; what it says inside differs in shape, not in colour. */
export function drawMarca(ctx: CanvasRenderingContext2D, clase: ClaseMarca, palette: Palette): void {
  ctx.beginPath();
  ctx.arc(0, -6, 9.5, Math.PI * 0.8, Math.PI * 0.2);
  ctx.lineTo(0, 8);
  ctx.closePath();
  ctx.lineJoin = 'round';
  ctx.lineWidth = 5;
  ctx.strokeStyle = palette.halo;
  ctx.stroke();
  ctx.lineWidth = 2;
  ctx.strokeStyle = palette.zone;
  ctx.stroke();
  ctx.fillStyle = palette.halo;
  ctx.fill();
  ctx.strokeStyle = ctx.fillStyle = palette.text;
  ctx.beginPath();
  switch (clase) {
    case 'corte':
      ctx.rect(-6, -8, 12, 4);
      ctx.fill();
      return;
    case 'encuentro':
      for (const [x, y] of [[-3.5, -6], [3.5, -6], [0, -10], [0, -2]] as const) {
        ctx.moveTo(x + 1.8, y);
        ctx.arc(x, y, 1.8, 0, 2 * Math.PI);
      }
      ctx.fill();
      return;
    case 'peligro':
      polygon(ctx, [[0, -12.5], [6, -2], [-6, -2]]);
      ctx.fill();
      return;
    case 'puesto_de_mando':
      polygon(ctx, [[-3.5, -1], [-3.5, -12], [5.5, -9], [-2, -6], [-2, -1]]);
      ctx.fill();
      return;
    case 'otra':
      ctx.arc(0, -6, 3.5, 0, 2 * Math.PI);
      ctx.fill();
      return;
  }
}

/** Text with a halo, centred, its middle at y. */
export function label(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, colour: string, halo: string, font = '600 12px system-ui, sans-serif'): void {
  ctx.font = font;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 3;
  ctx.strokeStyle = halo;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

function polygon(ctx: CanvasRenderingContext2D, points: [number, number][]): void {
  points.forEach(([x, y], i) => (i === 0 ? ctx.moveTo(x, y) : ctx.lineTo(x, y)));
  ctx.closePath();
}

/**
 * Marks drawn once and stamped: thousands of dots cost one copy each, with their
 * letters. Thrown away when the theme or the screen's density changes.
 */
export class Sprites {
  readonly #cache = new Map<string, HTMLCanvasElement>();

  constructor(readonly palette: Palette, readonly density: number) {}

  efectivo(mark: EfectivoMark): HTMLCanvasElement {
    return this.#sprite(`e${mark.disponibilidad}${mark.simulado}${mark.frescura}`, (ctx) => drawEfectivo(ctx, mark, this.palette));
  }

  tarea(mark: TareaMark): HTMLCanvasElement {
    return this.#sprite(`t${mark.prioridad}${mark.estado}`, (ctx) => drawTarea(ctx, mark, this.palette));
  }

  marca(clase: ClaseMarca): HTMLCanvasElement {
    return this.#sprite(`m${clase}`, (ctx) => drawMarca(ctx, clase, this.palette));
  }

  #sprite(key: string, draw: (ctx: CanvasRenderingContext2D) => void): HTMLCanvasElement {
    let sprite = this.#cache.get(key);
    if (!sprite) {
      sprite = document.createElement('canvas');
      sprite.width = sprite.height = Math.ceil(2 * MARK_HALF * this.density);
      const ctx = sprite.getContext('2d') as CanvasRenderingContext2D;
      ctx.scale(this.density, this.density);
      ctx.translate(MARK_HALF, MARK_HALF);
      draw(ctx);
      this.#cache.set(key, sprite);
    }
    return sprite;
  }
}
