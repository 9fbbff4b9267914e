import { signal } from '@preact/signals';
import type { Punto } from './types';
import type { Calor } from './views/estadisticas/cifras';

/** What is laid over the map for a while, on demand. */

/** Where Tareas and positions were lately; null while the layer is off. */
export const calor = signal<Calor | null>(null);

/** Where somebody went: only for whoever gave a reason, and only until it is closed. */
export interface Recorrido {
  efectivo: string;
  codigo: string;
  lineas: Punto[][];
}
export const recorrido = signal<Recorrido | null>(null);

/** The lines of any GeoJSON, whatever it wraps them in. */
export function lineasDe(geojson: unknown): Punto[][] {
  const node = geojson as Record<string, unknown> | null;
  switch (node?.['type']) {
    case 'FeatureCollection': return (node['features'] as unknown[]).flatMap(lineasDe);
    case 'Feature': return lineasDe(node['geometry']);
    case 'GeometryCollection': return (node['geometries'] as unknown[]).flatMap(lineasDe);
    case 'LineString': return [linea(node['coordinates'] as number[][])];
    case 'MultiLineString': return (node['coordinates'] as number[][][]).map(linea);
    default: return [];
  }
}

function linea(coordinates: number[][]): Punto[] {
  return coordinates.map(([lon = 0, lat = 0]) => ({ lat, lon }));
}
