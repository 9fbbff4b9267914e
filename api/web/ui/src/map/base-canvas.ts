import type { Base } from './base';
import { LAND_FADES, MAX_ZOOM, MIN_ZOOM, START } from './base';
import type { Camera, XY } from './mercator';
import { scale, toDegrees, toScreen, world as project } from './mercator';
import type { Palette } from './palette';
import type { World } from './world';

/** One press of an arrow key, CSS pixels. */
const STEP = 100;

/** The ground drawn flat, for machines without WebGL: same look, same keys. */
export class CanvasBase implements Base {
  readonly kind = 'canvas';
  readonly #canvas = document.createElement('canvas');
  readonly #ctx = this.#canvas.getContext('2d') as CanvasRenderingContext2D;
  readonly #abort = new AbortController();
  readonly #container: HTMLElement;
  #palette: Palette;
  /** Land and borders in the unit square, built once. */
  #land: Path2D | undefined;
  #borders: Path2D | undefined;
  #centre = { ...START };
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  readonly #moved: ((camera: Camera) => void)[] = [];
  readonly #rested: ((camera: Camera) => void)[] = [];
  readonly #fingers = new Map<number, XY>();

  constructor(container: HTMLElement, palette: Palette, world: Promise<World>) {
    this.#container = container;
    this.#palette = palette;
    this.#canvas.className = 'mapa-suelo';
    this.#canvas.tabIndex = 0;
    this.#canvas.setAttribute('role', 'region');
    this.#canvas.setAttribute('aria-label', 'Mapa de la operación');
    container.append(this.#canvas);
    this.#listen();
    this.#changed();
    void world.then((data) => {
      this.#land = path(data.land.flat(), true);
      this.#borders = path(data.borders, false);
      this.#changed();
    }, () => undefined);
  }

  camera(): Camera {
    return { ...this.#centre, width: this.#container.clientWidth, height: this.#container.clientHeight };
  }

  onMove(callback: (camera: Camera) => void): void {
    this.#moved.push(callback);
  }

  onRest(callback: (camera: Camera) => void): void {
    this.#rested.push(callback);
  }

  go({ lat, lon, zoom }: { lat: number; lon: number; zoom?: number }): void {
    this.#centre = {
      lat: clamp(lat, -85, 85),
      lon: clamp(lon, -180, 180),
      zoom: clamp(zoom ?? this.#centre.zoom, MIN_ZOOM, MAX_ZOOM),
    };
    this.#changed();
  }

  zoomBy(levels: number): void {
    this.go({ ...this.#centre, zoom: this.#centre.zoom + levels });
  }

  restyle(palette: Palette): void {
    this.#palette = palette;
    this.#changed();
  }

  resize(): void {
    this.#changed();
  }

  destroy(): void {
    this.#abort.abort();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#canvas.remove();
  }

  /** One drawing per frame, however many movements it holds. */
  #changed(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => { for (const call of this.#rested) call(this.camera()); }, 200);
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      const camera = this.camera();
      this.#draw(camera);
      for (const call of this.#moved) call(camera);
    });
  }

  #draw(camera: Camera): void {
    const density = devicePixelRatio || 1;
    this.#canvas.width = Math.round(camera.width * density);
    this.#canvas.height = Math.round(camera.height * density);
    const ctx = this.#ctx;
    const size = scale(camera.zoom);
    const centre = project(camera.lat, camera.lon);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = this.#palette.sea;
    ctx.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (this.#land && this.#borders) {
      ctx.setTransform(size * density, 0, 0, size * density,
        (camera.width / 2 - centre.x * size) * density, (camera.height / 2 - centre.y * size) * density);
      ctx.fillStyle = this.#palette.land;
      ctx.fill(this.#land, 'evenodd');
      ctx.strokeStyle = this.#palette.border;
      ctx.lineWidth = 1 / size;
      ctx.stroke(this.#land);
      ctx.setLineDash([3 / size, 2 / size]);
      ctx.stroke(this.#borders);
      ctx.setLineDash([]);
    }
    // Near the ground the coarse coast gives way to plain paper and the grid.
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalAlpha = clamp((camera.zoom - LAND_FADES.from) / (LAND_FADES.to - LAND_FADES.from), 0, 1);
    ctx.fillStyle = this.#palette.land;
    ctx.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    ctx.globalAlpha = 1;
  }

  #listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(type: K, handle: (event: HTMLElementEventMap[K]) => void) =>
      this.#canvas.addEventListener(type, handle, { signal: this.#abort.signal, passive: false });

    on('pointerdown', (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    on('pointermove', (event) => this.#drag(event));
    for (const type of ['pointerup', 'pointercancel'] as const) on(type, (event) => this.#fingers.delete(event.pointerId));
    on('wheel', (event) => {
      event.preventDefault();
      this.#zoomAt(event.offsetX, event.offsetY, -event.deltaY / (event.deltaMode === 0 ? 300 : 6));
    });
    on('keydown', (event) => {
      const move = ({ ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] } as Record<string, [number, number]>)[event.key];
      if (move) this.#pan(...move);
      else if (event.key === '+' || event.key === '=') this.zoomBy(1);
      else if (event.key === '-') this.zoomBy(-1);
      else return;
      event.preventDefault();
    });
  }

  #drag(event: PointerEvent): void {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const here = { x: event.clientX, y: event.clientY };
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (p: XY) => Math.max(1, Math.hypot(p.x - other.x, p.y - other.y));
      const box = this.#canvas.getBoundingClientRect();
      this.#zoomAt((here.x + other.x) / 2 - box.left, (here.y + other.y) / 2 - box.top, Math.log2(apart(here) / apart(before)));
    } else {
      this.#pan(before.x - here.x, before.y - here.y);
    }
    this.#fingers.set(event.pointerId, here);
  }

  #pan(dx: number, dy: number): void {
    const camera = this.camera();
    this.go(toDegrees(camera, camera.width / 2 + dx, camera.height / 2 + dy));
  }

  /** Zooms so that what lies under the pointer stays under it. */
  #zoomAt(x: number, y: number, levels: number): void {
    const before = this.camera();
    const place = toDegrees(before, x, y);
    const zoomed = { ...before, zoom: clamp(before.zoom + levels, MIN_ZOOM, MAX_ZOOM) };
    const now = toScreen(zoomed, place.lat, place.lon);
    this.go({ ...toDegrees(zoomed, zoomed.width / 2 + now.x - x, zoomed.height / 2 + now.y - y), zoom: zoomed.zoom });
  }
}

function path(lines: number[][][], closed: boolean): Path2D {
  const out = new Path2D();
  for (const line of lines) {
    line.forEach(([lon = 0, lat = 0], i) => {
      const { x, y } = project(lat, lon);
      if (i === 0) out.moveTo(x, y);
      else out.lineTo(x, y);
    });
    if (closed) out.closePath();
  }
  return out;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
