import { distance } from '../format';
import type { Efectivo, Geometria, Marca, Punto, Tarea, Zona } from '../types';
import type { Heat } from './layers';
import { drawHeat } from './layers';
import { drawOutline } from './outline';
import type { Track } from './track';
import { drawTrack } from './track';
import { frescura, label, MARK_HALF, Sprites } from './glyphs';
import { gridFor } from './grid';
import type { Camera, XY } from './mercator';
import { apart, toScreen } from './mercator';
import { middle } from './middle';
import { MOST_NAMED, NAME_BELOW, roomFor } from './names';
import { readPalette } from './palette';
import type { Mark } from './under';
import { nearest, pile } from './under';

/** A Tarea or an Efectivo, wherever the page speaks of either. */
export interface Objeto {
  clase: 'tarea' | 'efectivo';
  id: string;
}

/** All that the overlay draws. */
export interface Scene {
  tareas: readonly Tarea[];
  efectivos: readonly Efectivo[];
  zonas: readonly Zona[];
  marcas: readonly Marca[];
  selected: Objeto | null;
  hovered: Objeto | null;
  /** Lines from a Tarea to those bound to it. */
  links: readonly { from: Efectivo; to: Tarea }[];
  /** The place being chosen for a new Tarea. */
  draft: { lat: number; lon: number } | null;
  heat: Heat | null;
  /** The outline of a Zona being drawn: its ring, and the points placed. */
  outline: { ring: readonly Punto[]; placed: readonly Punto[] } | null;
  /** Where the chosen Efectivo was. */
  track: Track | null;
  /** Server's time, ms: fixes fade by it. */
  now: number;
}

/** How far from a shared marker a click still means it, units of the overlay. */
const REACH = 16;

const NAME_FONT = '600 10px system-ui, sans-serif';

/** Marks are drawn for text of this size, CSS pixels; they grow along with it. */
const TEXT = 14;

/**
 * The operation over the base map, on a canvas of its own. Drawn in one go per
 * frame: with 10,000 dots it stays fluid where per-dot elements or a tile
 * pipeline would not, with or without a GPU.
 */
export class Overlay {
  readonly canvas = document.createElement('canvas');
  readonly #ctx = this.canvas.getContext('2d') as CanvasRenderingContext2D;
  #sprites: Sprites;
  /** CSS pixels in one unit: above 1 where the page's text is large, as on a wall. */
  #unit = 1;
  #camera: Camera | undefined;
  #scene: Scene | undefined;
  /** Where each mark was drawn, topmost last. */
  #hits: Mark[] = [];
  #marcas: (XY & { id: string })[] = [];

  constructor() {
    this.canvas.className = 'mapa-capa';
    this.canvas.setAttribute('aria-hidden', 'true');
    this.#sprites = this.#newSprites();
  }

  /** Takes the colours of the theme in force. */
  restyle(): void {
    this.#sprites = this.#newSprites();
    this.draw();
  }

  draw(camera = this.#camera, scene = this.#scene): void {
    this.#camera = camera;
    this.#scene = scene;
    if (!camera || !scene) return;
    if (this.#sprites.density !== this.#density()) this.#sprites = this.#newSprites();
    const ctx = this.#prepare(camera);
    camera = {
      ...camera,
      width: camera.width / this.#unit,
      height: camera.height / this.#unit,
      zoom: camera.zoom - Math.log2(this.#unit),
    };
    this.#grid(ctx, camera);
    if (scene.heat) drawHeat(ctx, camera, this.#sprites.palette, scene.heat);
    for (const zona of scene.zonas) this.#zona(ctx, camera, zona);
    if (scene.track) drawTrack(ctx, camera, this.#sprites.palette, scene.track);
    for (const marca of scene.marcas) this.#marca(ctx, camera, marca);
    for (const link of scene.links) this.#link(ctx, camera, link.from, link.to);
    for (const efectivo of scene.efectivos) this.#efectivo(ctx, camera, efectivo, scene.now);
    // Above the dots: at the place of work the work is what matters.
    for (const tarea of scene.tareas) this.#tarea(ctx, camera, tarea);
    this.#names(ctx, scene);
    for (const objeto of [scene.hovered, scene.selected]) if (objeto) this.#ring(ctx, objeto);
    for (const { from } of scene.links) this.#name(ctx, { clase: 'efectivo', id: from.id }, scene);
    if (scene.selected) this.#name(ctx, scene.selected, scene);
    if (scene.outline) drawOutline(ctx, camera, this.#sprites.palette, scene.outline.ring, scene.outline.placed);
    if (scene.draft) this.#draft(ctx, toScreen(camera, scene.draft.lat, scene.draft.lon));
  }

  /** The mark nearest to a point of the box, if any is within reach; of one kind alone when that is asked for. */
  hit(x: number, y: number, clase?: Objeto['clase']): Objeto | null {
    const mark = nearest(this.#hits, x / this.#unit, y / this.#unit, clase);
    return mark && { clase: mark.clase, id: mark.id };
  }

  /** The mark nearest to a point of the box, and those that lie over or under it. */
  pile(x: number, y: number): Objeto[] {
    return pile(this.#hits, x / this.#unit, y / this.#unit);
  }

  /** The shared marker nearest to a point of the box, if any is within reach. */
  marcaAt(x: number, y: number): string | null {
    const far = (mark: XY) => Math.hypot(mark.x - x / this.#unit, mark.y - y / this.#unit);
    const [nearest] = this.#marcas.filter((mark) => far(mark) <= REACH).sort((a, b) => far(a) - far(b));
    return nearest?.id ?? null;
  }

  /** Where an object was drawn last, CSS pixels; undefined when off screen. */
  where(objeto: Objeto): XY | undefined {
    const mark = this.#mark(objeto);
    return mark && { x: mark.x * this.#unit, y: mark.y * this.#unit };
  }

  #mark(objeto: Objeto): XY | undefined {
    return this.#hits.find((mark) => mark.clase === objeto.clase && mark.id === objeto.id);
  }

  #density(): number {
    this.#unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / TEXT || 1;
    return (devicePixelRatio || 1) * this.#unit;
  }

  #newSprites(): Sprites {
    return new Sprites(readPalette(), this.#density());
  }

  #prepare(camera: Camera): CanvasRenderingContext2D {
    const density = this.#sprites.density;
    const width = Math.round((camera.width * density) / this.#unit);
    const height = Math.round((camera.height * density) / this.#unit);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.#ctx.setTransform(density, 0, 0, density, 0, 0);
    this.#ctx.clearRect(0, 0, camera.width, camera.height);
    this.#hits = [];
    this.#marcas = [];
    return this.#ctx;
  }

  #grid(ctx: CanvasRenderingContext2D, camera: Camera): void {
    const { palette } = this.#sprites;
    const grid = gridFor(camera);
    ctx.strokeStyle = palette.grid;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (const { x } of grid.vertical) {
      ctx.moveTo(Math.round(x) + 0.5, 0);
      ctx.lineTo(Math.round(x) + 0.5, camera.height);
    }
    for (const { y } of grid.horizontal) {
      ctx.moveTo(0, Math.round(y) + 0.5);
      ctx.lineTo(camera.width, Math.round(y) + 0.5);
    }
    ctx.stroke();
    ctx.font = '11px system-ui, sans-serif';
    ctx.fillStyle = palette.gridText;
    ctx.textBaseline = 'top';
    ctx.textAlign = 'left';
    for (const { x, label: text } of grid.vertical) ctx.fillText(text, x + 4, 4);
    ctx.textBaseline = 'bottom';
    for (const { y, label: text } of grid.horizontal) if (y > 34) ctx.fillText(text, 4, y - 2);
  }

  #zona(ctx: CanvasRenderingContext2D, camera: Camera, zona: Zona): void {
    const { palette } = this.#sprites;
    const rings = ringsOf(zona.geometria);
    if (rings.length === 0) return;
    ctx.beginPath();
    let largest: ReturnType<typeof middle>;
    for (const ring of rings) {
      const points = ring.map(([lon = 0, lat = 0]) => toScreen(camera, lat, lon));
      points.forEach((p, i) => {
        if (i === 0) ctx.moveTo(p.x, p.y);
        else ctx.lineTo(p.x, p.y);
      });
      ctx.closePath();
      const found = middle(points);
      if (found && (!largest || found.area > largest.area)) largest = found;
    }
    ctx.globalAlpha = 0.07;
    ctx.fillStyle = palette.zone;
    ctx.fill('evenodd');
    ctx.globalAlpha = 1;
    ctx.strokeStyle = palette.zone;
    ctx.lineWidth = 1.5;
    ctx.setLineDash([6, 4]);
    ctx.stroke();
    ctx.setLineDash([]);
    // Where its name would be larger than itself, it has none.
    if (largest && Math.sqrt(largest.area) > 3.5 * zona.nombre.length) label(ctx, zona.nombre, largest.x, largest.y, palette.zone, palette.halo);
  }

  #link(ctx: CanvasRenderingContext2D, camera: Camera, from: Efectivo, to: Tarea): void {
    if (!from.posicion_actual || !to.ubicacion) return;
    const { palette } = this.#sprites;
    const a = toScreen(camera, from.posicion_actual.lat, from.posicion_actual.lon);
    const b = toScreen(camera, to.ubicacion.lat, to.ubicacion.lon);
    ctx.strokeStyle = palette.accent;
    ctx.lineWidth = 2;
    ctx.setLineDash([2, 5]);
    ctx.beginPath();
    ctx.moveTo(a.x, a.y);
    ctx.lineTo(b.x, b.y);
    ctx.stroke();
    ctx.setLineDash([]);
    const metres = apart(from.posicion_actual, to.ubicacion);
    if (Math.hypot(a.x - b.x, a.y - b.y) > 60) {
      label(ctx, distance(metres), (a.x + b.x) / 2, (a.y + b.y) / 2, palette.text, palette.halo);
    }
  }

  #efectivo(ctx: CanvasRenderingContext2D, camera: Camera, efectivo: Efectivo, now: number): void {
    const fix = efectivo.posicion_actual;
    if (!fix) return;
    const p = toScreen(camera, fix.lat, fix.lon);
    if (!inside(p, camera)) return;
    const sprite = this.#sprites.efectivo({
      disponibilidad: efectivo.disponibilidad,
      simulado: efectivo.simulado === true,
      frescura: frescura((now - Date.parse(fix.en)) / 1000),
    });
    ctx.drawImage(sprite, p.x - MARK_HALF, p.y - MARK_HALF, 2 * MARK_HALF, 2 * MARK_HALF);
    this.#hits.push({ clase: 'efectivo', id: efectivo.id, ...p });
  }

  #tarea(ctx: CanvasRenderingContext2D, camera: Camera, tarea: Tarea): void {
    if (!tarea.ubicacion) return;
    const foot = toScreen(camera, tarea.ubicacion.lat, tarea.ubicacion.lon);
    // Its foot is 8 pixels below the middle of the drawing.
    const p = { x: foot.x, y: foot.y - 8 };
    if (!inside(p, camera)) return;
    const sprite = this.#sprites.tarea({ prioridad: tarea.prioridad, estado: tarea.estado });
    ctx.drawImage(sprite, p.x - MARK_HALF, p.y - MARK_HALF, 2 * MARK_HALF, 2 * MARK_HALF);
    this.#hits.push({ clase: 'tarea', id: tarea.id, ...p });
  }

  #marca(ctx: CanvasRenderingContext2D, camera: Camera, marca: Marca): void {
    const foot = toScreen(camera, marca.lat, marca.lon);
    const p = { x: foot.x, y: foot.y - 8 };
    if (!inside(p, camera)) return;
    const { palette } = this.#sprites;
    ctx.drawImage(this.#sprites.marca(marca.clase), p.x - MARK_HALF, p.y - MARK_HALF, 2 * MARK_HALF, 2 * MARK_HALF);
    // From far away the icons are enough.
    if (camera.zoom >= TITLED) label(ctx, short(marca.titulo), foot.x, foot.y + 8, palette.text, palette.halo, '600 11px system-ui, sans-serif');
    this.#marcas.push({ id: marca.id, x: p.x, y: p.y - 5 });
  }

  #ring(ctx: CanvasRenderingContext2D, objeto: Objeto): void {
    const at = this.#mark(objeto);
    if (!at) return;
    const y = objeto.clase === 'tarea' ? at.y - 5 : at.y;
    ctx.beginPath();
    ctx.arc(at.x, y, 16, 0, 2 * Math.PI);
    ctx.lineWidth = 5;
    ctx.strokeStyle = this.#sprites.palette.halo;
    ctx.stroke();
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = this.#sprites.palette.accent;
    ctx.stroke();
  }

  /** Who is who, where there is room; the chosen ones have their names anyway. */
  #names(ctx: CanvasRenderingContext2D, scene: Scene): void {
    if (this.#hits.length > MOST_NAMED) return;
    const own = new Set([scene.selected?.id, ...scene.links.map(({ from }) => from.id)]);
    ctx.font = NAME_FONT;
    const named = scene.efectivos.flatMap((efectivo) => {
      const at = own.has(efectivo.id) ? undefined : this.#mark({ clase: 'efectivo', id: efectivo.id });
      return at ? [{ text: efectivo.codigo_interno, x: at.x, y: at.y, half: ctx.measureText(efectivo.codigo_interno).width / 2 }] : [];
    });
    const { text, halo } = this.#sprites.palette;
    for (const one of roomFor(named, this.#hits)) label(ctx, one.text, one.x, one.y + NAME_BELOW, text, halo, NAME_FONT);
  }

  #name(ctx: CanvasRenderingContext2D, objeto: Objeto, scene: Scene): void {
    const at = this.#mark(objeto);
    // Who is at the place of the chosen Tarea has his name below the Tarea's.
    const chosen = scene.selected && scene.selected.id !== objeto.id ? this.#mark(scene.selected) : undefined;
    const below = at && chosen && Math.hypot(at.x - chosen.x, at.y - chosen.y) < 40 ? chosen.y - at.y + 39 : 24;
    const name = objeto.clase === 'tarea'
      ? scene.tareas.find((tarea) => tarea.id === objeto.id)?.codigo
      : scene.efectivos.find((efectivo) => efectivo.id === objeto.id)?.codigo_interno;
    if (at && name) label(ctx, name, at.x, at.y + below, this.#sprites.palette.text, this.#sprites.palette.halo);
  }

  #draft(ctx: CanvasRenderingContext2D, p: XY): void {
    const { accent, halo } = this.#sprites.palette;
    for (const [width, colour] of [[5, halo], [2, accent]] as const) {
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      ctx.beginPath();
      ctx.arc(p.x, p.y, 9, 0, 2 * Math.PI);
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
        ctx.moveTo(p.x + dx * 5, p.y + dy * 5);
        ctx.lineTo(p.x + dx * 20, p.y + dy * 20);
      }
      ctx.stroke();
    }
  }
}

/** From this zoom on, markers have their titles beside them. */
const TITLED = 11;

function short(title: string): string {
  const signs = [...title];
  return signs.length > 32 ? `${signs.slice(0, 31).join('')}…` : title;
}

function inside(p: XY, camera: Camera): boolean {
  return p.x > -MARK_HALF && p.y > -MARK_HALF && p.x < camera.width + MARK_HALF && p.y < camera.height + MARK_HALF;
}

export function ringsOf(geometria: Geometria | null | undefined): number[][][] {
  if (geometria?.type === 'Polygon') return geometria.coordinates as number[][][];
  if (geometria?.type === 'MultiPolygon') return (geometria.coordinates as number[][][][]).flat();
  return [];
}
