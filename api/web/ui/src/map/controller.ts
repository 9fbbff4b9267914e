import type { Base } from './base';
import { hasWebGL } from './base';
import { CanvasBase } from './base-canvas';
import type { Camera, XY } from './mercator';
import { fit, together, toDegrees } from './mercator';
import type { Objeto, Scene } from './overlay';
import { Overlay } from './overlay';
import { readPalette } from './palette';
import { loadWorld } from './world';

export interface MapEvents {
  /** A click or Enter at a point of the box; `objetos` are the marks there, the nearest first, `marca` the id of a shared marker. */
  pick: (place: { lat: number; lon: number }, objetos: Objeto[], marca: string | null, at: XY) => void;
  hover: (objeto: Objeto | null) => void;
  /** The picture moved or was drawn anew: things pinned to it must follow. */
  drawn: (camera: Camera) => void;
  rest: (camera: Camera) => void;
}

/** A pointer that travelled further than this was dragging, CSS pixels. */
const DRAG = 6;

/**
 * The map of the page: a base, the overlay over it, and one pair of eyes. Uses
 * WebGL when there is any and goes on without, also when it is lost on the way.
 */
export class MapController {
  readonly overlay = new Overlay();
  readonly #box: HTMLElement;
  readonly #ground: HTMLElement;
  readonly #events: MapEvents;
  readonly #abort = new AbortController();
  readonly #resize: ResizeObserver;
  #base: Base | undefined;
  #scene: Scene | undefined;
  #pressed: XY | undefined;
  #frame = 0;
  #closed = false;

  constructor(box: HTMLElement, events: MapEvents) {
    this.#box = box;
    this.#events = events;
    this.#ground = document.createElement('div');
    this.#ground.className = 'mapa-base';
    box.prepend(this.#ground, this.overlay.canvas);
    this.#resize = new ResizeObserver(() => { this.#base?.resize(); this.#draw(); });
    this.#resize.observe(box);
    this.#listen();
    void this.#choose();
  }

  get kind(): Base['kind'] | undefined {
    return this.#base?.kind;
  }

  /** Draws a scene before the next frame; the last one given wins. */
  show(scene: Scene): void {
    this.#scene = scene;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  go(target: { lat: number; lon: number; zoom?: number }): void {
    const zoom = target.zoom ?? Math.max(this.#base?.camera().zoom ?? 0, 13);
    this.#base?.go({ ...target, zoom });
  }

  /** Shows all the points, leaving out what lies absurdly far from the rest. */
  frame(points: readonly { lat: number; lon: number }[]): boolean {
    const base = this.#base;
    const target = base && fit(together(points), base.camera());
    if (!target) return false;
    base.go(target);
    return true;
  }

  zoomBy(levels: number): void {
    this.#base?.zoomBy(levels);
  }

  centre(): { lat: number; lon: number } | undefined {
    const camera = this.#base?.camera();
    return camera && { lat: camera.lat, lon: camera.lon };
  }

  camera(): Camera | undefined {
    return this.#base?.camera();
  }

  /** The mark of a kind under the pointer. */
  under(event: MouseEvent, clase: Objeto['clase']): Objeto | null {
    const at = this.#at(event);
    return this.overlay.hit(at.x, at.y, clase);
  }

  restyle(): void {
    this.#base?.restyle(readPalette());
    this.overlay.restyle();
  }

  focus(): void {
    this.#ground.querySelector<HTMLElement>('canvas')?.focus();
  }

  destroy(): void {
    this.#closed = true;
    this.#abort.abort();
    this.#resize.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#base?.destroy();
    this.#ground.remove();
    this.overlay.canvas.remove();
  }

  async #choose(): Promise<void> {
    const world = loadWorld();
    if (hasWebGL()) {
      try {
        const { WebGLBase } = await import('./base-webgl');
        if (this.#closed) return;
        this.#use(new WebGLBase(this.#ground, readPalette(), world, () => this.#flat()));
        return;
      } catch {
        // A driver may promise WebGL and then refuse it; the flat map remains.
        this.#ground.replaceChildren();
      }
    }
    if (!this.#closed) this.#flat();
  }

  /** Puts the flat map in the place of whatever was there, looking at the same. */
  #flat(): void {
    const before = this.#base?.camera();
    this.#base?.destroy();
    this.#ground.replaceChildren();
    this.#ground.className = 'mapa-base';
    const base = new CanvasBase(this.#ground, readPalette(), loadWorld());
    if (before) base.go(before);
    this.#use(base);
  }

  #use(base: Base): void {
    this.#base = base;
    this.#box.dataset['base'] = base.kind;
    base.onMove(() => this.#draw());
    base.onRest((camera) => this.#events.rest(camera));
    this.#draw();
    this.#events.rest(base.camera());
  }

  #draw(): void {
    const camera = this.#base?.camera();
    if (!camera || !this.#scene) return;
    this.overlay.draw(camera, this.#scene);
    this.#events.drawn(camera);
  }

  #listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(type: K, handle: (event: HTMLElementEventMap[K]) => void) =>
      this.#ground.addEventListener(type, handle, { signal: this.#abort.signal, capture: true });

    on('pointerdown', (event) => { this.#pressed = { x: event.clientX, y: event.clientY }; });
    on('click', (event) => {
      const from = this.#pressed;
      if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > DRAG) return;
      const at = this.#at(event);
      this.#pick(at.x, at.y);
    });
    on('pointermove', (event) => {
      if (event.pointerType === 'touch') return;
      const at = this.#at(event);
      this.#events.hover(this.overlay.hit(at.x, at.y));
    });
    on('pointerleave', () => this.#events.hover(null));
    on('keydown', (event) => {
      // With the keyboard the middle of the map is the pointer.
      const camera = this.#base?.camera();
      if (event.key === 'Enter' && camera) this.#pick(camera.width / 2, camera.height / 2);
    });
  }

  #pick(x: number, y: number): void {
    const camera = this.#base?.camera();
    if (camera) this.#events.pick(toDegrees(camera, x, y), this.overlay.pile(x, y), this.overlay.marcaAt(x, y), { x, y });
  }

  #at(event: MouseEvent): XY {
    const box = this.#ground.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}
