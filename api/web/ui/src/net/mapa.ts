import type { PositionItem } from '../live-frames';
import type { Tarea, Zona } from '../types';

/** An Efectivo as the map gives him: a fix with a name. */
export interface EnMapa {
  fix: PositionItem;
  codigo: string | undefined;
}

export interface Mapa {
  efectivos: EnMapa[];
  tareas: Tarea[];
  zonas: Zona[];
}

/** Reads `GET /geo/mapa`; what has no place on the map is left out. */
export function readMapa(body: unknown): Mapa {
  const mapa = body as Record<string, unknown>;
  return {
    efectivos: rows(mapa['efectivos']).flatMap(efectivo),
    tareas: rows(mapa['tareas']).flatMap(tarea),
    zonas: rows(mapa['zonas']).map((row) => row as unknown as Zona),
  };
}

function efectivo(row: Row): EnMapa[] {
  const id = row['efectivo'];
  if (typeof id !== 'string' || !placed(row)) return [];
  const codigo = row['codigo_interno'];
  return [{
    fix: { ...row, efectivo: id } as unknown as PositionItem,
    codigo: typeof codigo === 'string' ? codigo : undefined,
  }];
}

function tarea(row: Row): Tarea[] {
  const id = row['id'];
  if (typeof id !== 'string' || typeof row['codigo'] !== 'string') return [];
  const ubicacion = placed(row) ? { lat: row['lat'], lon: row['lon'] } : null;
  // Older than any version: whatever else is read of it is better.
  return [{ ...row, id, ubicacion, version: -1 } as unknown as Tarea];
}

type Row = Record<string, unknown>;

function rows(value: unknown): Row[] {
  return Array.isArray(value) ? value as Row[] : [];
}

function placed(row: Row): boolean {
  return Number.isFinite(row['lat']) && Number.isFinite(row['lon']);
}
