import type { Camera } from './mercator';
import type { Palette } from './palette';

/**
 * The ground under the operation: land, borders, and the hands on it (drag,
 * wheel, pinch, arrow keys). North stays up.
 */
export interface Base {
  readonly kind: 'webgl' | 'canvas';
  camera(): Camera;
  /** Called in the same frame in which the ground moves, before it is shown. */
  onMove(callback: (camera: Camera) => void): void;
  /** Called once the map comes to rest after a movement. */
  onRest(callback: (camera: Camera) => void): void;
  /** Jumps where motion is unwanted, else glides. */
  go(target: { lat: number; lon: number; zoom?: number }): void;
  zoomBy(levels: number): void;
  restyle(palette: Palette): void;
  resize(): void;
  destroy(): void;
}

/** The coast is drawn to about a kilometre: nearer than this it would lie. */
export const LAND_FADES = { from: 8.5, to: 10.5 };

export const MIN_ZOOM = 1;
export const MAX_ZOOM = 19;

/** Where the map opens before anything is known: the operation's country. */
export const START = { lat: -38.5, lon: -63.5, zoom: 3.6 };

export function stillness(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

export function hasWebGL(): boolean {
  try {
    return document.createElement('canvas').getContext('webgl2') !== null;
  } catch {
    return false;
  }
}
