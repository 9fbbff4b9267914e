import { signal } from '@preact/signals';
import { DEGREE_M } from './map/mercator';
import type { Punto } from './types';

/** One fix of a track. */
export interface Paso extends Punto {
  en: string;
  precision_m: number;
  velocidad_mps: number | null;
  /** Nothing is known of the way here from the step before. */
  corte: boolean;
}

/** Where an Efectivo was, as `POST /efectivos/{id}/recorrido` answers it. */
export interface Recorrido {
  efectivo: string;
  pasos: Paso[];
  distancia_m: number;
  /** Fixes that jumped too far to be believed; they are not among the steps. */
  dudosos: number;
  /** There were more fixes than the server tells at once. */
  recortado: boolean;
}

/** The track on the map; null while none is looked at. */
export const recorrido = signal<Recorrido | null>(null);

/** Which of its steps is pointed at. */
export const paso = signal(0);

/** Reads the GeoJSON feature: a line, a single point, both where the track is cut, or nothing. */
export function leerRecorrido(feature: Feature): Recorrido {
  const { geometry, properties } = feature;
  const tramos = geometry === null ? [] : geometry.type === 'GeometryCollection' ? geometry.geometries : [geometry];
  const lugares = tramos.flatMap((tramo, t) =>
    (tramo.type === 'Point' ? [tramo.coordinates] : tramo.coordinates).map((lugar, i) => ({ lugar, corte: t > 0 && i === 0 })));
  const pasos = lugares.flatMap(({ lugar: [lon, lat], corte }, i): Paso[] => {
    const en = properties.en[i];
    if (lat === undefined || lon === undefined || en === undefined) return [];
    return [{ lat, lon, en, precision_m: properties.precision_m[i] ?? 0, velocidad_mps: properties.velocidad_mps[i] ?? null, corte }];
  });
  return {
    efectivo: properties.efectivo, pasos,
    distancia_m: properties.distancia_m, dudosos: properties.dudosos, recortado: properties.recortado === true,
  };
}

type Tramo = { type: 'Point'; coordinates: number[] } | { type: 'LineString'; coordinates: number[][] };

export interface Feature {
  geometry: Tramo | { type: 'GeometryCollection'; geometries: Tramo[] } | null;
  properties: {
    efectivo: string;
    distancia_m: number;
    dudosos: number;
    recortado?: boolean;
    en: string[];
    precision_m: number[];
    velocidad_mps: (number | null)[];
  };
}

/** Times at which he stood still: at least so long within so little, first to last step. */
export interface Parada {
  desde: number;
  hasta: number;
  segundos: number;
}

const QUIETO_M = 40;
const QUIETO_S = 180;

/** Where the track rests, so that nobody has to find it by eye. */
export function paradas(pasos: readonly Paso[]): Parada[] {
  const found: Parada[] = [];
  for (let i = 0; i < pasos.length;) {
    const start = pasos[i] as Paso;
    let last = i;
    for (let next = pasos[last + 1]; next && !next.corte && metros(start, next) <= QUIETO_M; next = pasos[last + 1]) last++;
    const segundos = (Date.parse((pasos[last] as Paso).en) - Date.parse(start.en)) / 1000;
    if (segundos >= QUIETO_S) found.push({ desde: i, hasta: last, segundos });
    i = segundos >= QUIETO_S ? last + 1 : i + 1;
  }
  return found;
}

/** Straight distance, m; good to a per mille over a city. */
function metros(a: Punto, b: Punto): number {
  const mid = ((a.lat + b.lat) / 2) * (Math.PI / 180);
  return Math.hypot(a.lat - b.lat, (a.lon - b.lon) * Math.cos(mid)) * DEGREE_M;
}
