/** Spherical web mercator, as the map library and this one both draw it. */

/** Mean radius for lengths on the ground, m. */
export const EARTH_M = 6_371_008.8;

/** Length of one degree of latitude, m. */
export const DEGREE_M = (Math.PI * EARTH_M) / 180;

/** Poles lie at infinity; the world is cut where it is a square. */
const MAX_LAT = 85.051129;

/** Pixels the whole world measures at zoom 0. */
const TILE = 512;

/** Where the map looks: centre in degrees, zoom, size of its box in CSS pixels. */
export interface Camera {
  lat: number;
  lon: number;
  zoom: number;
  width: number;
  height: number;
}

export interface XY {
  x: number;
  y: number;
}

/** Degrees -> the unit square, y southwards. */
export function world(lat: number, lon: number): XY {
  const phi = (Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * Math.PI) / 180;
  return {
    x: (lon + 180) / 360,
    y: 0.5 - Math.log(Math.tan(Math.PI / 4 + phi / 2)) / (2 * Math.PI),
  };
}

export function scale(zoom: number): number {
  return TILE * 2 ** zoom;
}

/** Pixels from the box's top left corner. */
export function toScreen(camera: Camera, lat: number, lon: number): XY {
  const size = scale(camera.zoom);
  const centre = world(camera.lat, camera.lon);
  const point = world(lat, lon);
  return {
    x: (point.x - centre.x) * size + camera.width / 2,
    y: (point.y - centre.y) * size + camera.height / 2,
  };
}

export function toDegrees(camera: Camera, x: number, y: number): { lat: number; lon: number } {
  const size = scale(camera.zoom);
  const centre = world(camera.lat, camera.lon);
  const wx = centre.x + (x - camera.width / 2) / size;
  const wy = centre.y + (y - camera.height / 2) / size;
  return {
    lat: (Math.atan(Math.sinh((0.5 - wy) * 2 * Math.PI)) * 180) / Math.PI,
    lon: wx * 360 - 180,
  };
}

/** Metres on the ground under one pixel at the camera's centre. */
export function metresPerPixel(camera: Camera): number {
  return (2 * Math.PI * EARTH_M * Math.cos((camera.lat * Math.PI) / 180)) / scale(camera.zoom);
}

/** West, south, east, north of the box. */
export function bounds(camera: Camera): [number, number, number, number] {
  const nw = toDegrees(camera, 0, 0);
  const se = toDegrees(camera, camera.width, camera.height);
  return [nw.lon, se.lat, se.lon, nw.lat];
}

/** The camera that shows all the points with a margin; undefined without points. */
export function fit(points: readonly { lat: number; lon: number }[], box: { width: number; height: number }, margin = Math.min(60, box.width / 10)): Omit<Camera, 'width' | 'height'> | undefined {
  if (points.length === 0) return undefined;
  const all = points.map((point) => world(point.lat, point.lon));
  const xs = all.map((p) => p.x);
  const ys = all.map((p) => p.y);
  const west = Math.min(...xs);
  const east = Math.max(...xs);
  const north = Math.min(...ys);
  const south = Math.max(...ys);
  const across = Math.max(1, box.width - 2 * margin) / Math.max(east - west, 1e-9);
  const down = Math.max(1, box.height - 2 * margin) / Math.max(south - north, 1e-9);
  const zoom = Math.log2(Math.min(across, down) / TILE);
  const centre = toDegrees({ lat: 0, lon: 0, zoom: 0, width: 0, height: 0 },
    ((west + east) / 2 - 0.5) * TILE, ((north + south) / 2 - 0.5) * TILE);
  return { ...centre, zoom: Math.max(1, Math.min(15.5, zoom)) };
}

/**
 * The points without the far outliers: one wrong fix on another continent must
 * not make the whole operation one dot. Keeps what lies within ten times the
 * median distance from the median point, and never less than 5 km.
 */
export function together<P extends { lat: number; lon: number }>(points: readonly P[]): P[] {
  if (points.length < 3) return [...points];
  const lat = median(points.map((p) => p.lat));
  const lon = median(points.map((p) => p.lon));
  const far = (p: P) => Math.hypot(p.lat - lat, (p.lon - lon) * Math.cos((lat * Math.PI) / 180)) * DEGREE_M;
  const limit = Math.max(5_000, 10 * median(points.map(far)));
  return points.filter((p) => far(p) <= limit);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Straight distance for a label, m; the server's own figures decide anything. */
export function apart(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const mid = ((a.lat + b.lat) / 2) * (Math.PI / 180);
  return Math.hypot(a.lat - b.lat, (a.lon - b.lon) * Math.cos(mid)) * DEGREE_M;
}
