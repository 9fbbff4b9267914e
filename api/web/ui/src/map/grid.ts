import { decimal } from '../format';
import type { Camera } from './mercator';
import { bounds, DEGREE_M, metresPerPixel, toScreen } from './mercator';

/**
 * The grid that stands in for streets: squares of a round number of metres when
 * near, of degrees when far. It stays put while the map pans.
 */
export interface Grid {
  /** Pixels from the left, with the longitude to write there. */
  vertical: { x: number; label: string }[];
  /** Pixels from the top, with the latitude to write there. */
  horizontal: { y: number; label: string }[];
  /** Side of a square, for the caption: `500 m`, `2°`. */
  caption: string;
}

/** Nearer than this, squares are metric. */
const METRIC_ZOOM = 8;

/** Squares get at least this many pixels. */
const MIN_PX = 90;

/** More lines than this mean nonsense input, not a picture. */
const MAX_LINES = 200;

export function gridFor(camera: Camera): Grid {
  return camera.zoom >= METRIC_ZOOM ? metric(camera) : degrees(camera);
}

function metric(camera: Camera): Grid {
  const step = round125(MIN_PX * metresPerPixel(camera));
  // Meridians draw together towards the poles: their spacing is true at a nearby
  // half degree, so that panning within it moves no line (error below 0.4 %).
  const lat0 = Math.round(camera.lat * 2) / 2;
  const lon0 = Math.round(camera.lon);
  const dLat = step / DEGREE_M;
  const dLon = step / (DEGREE_M * Math.cos((lat0 * Math.PI) / 180));
  const digits = Math.max(2, Math.min(5, Math.ceil(-Math.log10(dLat)) + 1));
  return lines(camera, dLat, dLon, 0, lon0, digits, step >= 1_000 ? `${step / 1_000} km` : `${step} m`);
}

function degrees(camera: Camera): Grid {
  const perPixel = metresPerPixel(camera) / DEGREE_M / Math.cos((camera.lat * Math.PI) / 180);
  const step = Math.min(30, [0.5, 1, 2, 5, 10, 15, 30].find((s) => s >= MIN_PX * perPixel) ?? 30);
  return lines(camera, step, step, 0, 0, step < 1 ? 1 : 0, `${decimal(step, step < 1 ? 1 : 0)}°`);
}

function lines(camera: Camera, dLat: number, dLon: number, lat0: number, lon0: number, digits: number, caption: string): Grid {
  const [west, south, east, north] = bounds(camera);
  const grid: Grid = { vertical: [], horizontal: [], caption };
  const firstLon = Math.ceil((west - lon0) / dLon);
  for (let k = 0; k < MAX_LINES; k++) {
    const lon = lon0 + (firstLon + k) * dLon;
    if (lon > east) break;
    grid.vertical.push({ x: toScreen(camera, camera.lat, lon).x, label: `${decimal(wrap(lon), digits)}°` });
  }
  const firstLat = Math.ceil((Math.max(south, -85) - lat0) / dLat);
  for (let k = 0; k < MAX_LINES; k++) {
    const lat = lat0 + (firstLat + k) * dLat;
    if (lat > Math.min(north, 85)) break;
    grid.horizontal.push({ y: toScreen(camera, lat, camera.lon).y, label: `${decimal(lat, digits)}°` });
  }
  return grid;
}

/** The next 1, 2 or 5 times a power of ten. */
export function round125(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const lead = value / power;
  return Math.round(power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10));
}

function wrap(lon: number): number {
  return ((((lon + 180) % 360) + 360) % 360) - 180;
}
