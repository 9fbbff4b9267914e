/** The answers of `/estadisticas/*`, as far as the page shows them. */

export interface Percentiles {
  n: number;
  media_s: number;
  p25_s: number;
  p50_s: number;
  p75_s: number;
  p90_s: number;
}

export interface Grupo {
  clave: string;
  etiqueta?: string;
  total: number;
  abiertas: number;
  finalizadas: number;
  canceladas: number;
  duracion_p50_s: number;
  duracion_p90_s: number;
}

export interface PorGrupo {
  por: string;
  datos: Grupo[];
  total: number;
  /** There are more groups: these have the most Tareas. */
  acotado?: boolean;
}

export interface Dia {
  dia: string;
  creadas: number;
  finalizadas: number;
  canceladas: number;
  duracion_p50_s: number;
  respuesta_p50_s: number;
}

export interface Tiempos {
  duraciones: {
    general: Percentiles;
    por_tipo: Record<string, Percentiles>;
    por_prioridad: Record<string, Percentiles>;
    por_banda: Record<string, Percentiles>;
  };
  respuesta: Record<'oferta' | 'aceptacion' | 'llegada' | 'respuesta' | 'cierre', Percentiles>;
  serie: Dia[];
}

export interface Dotacion {
  horas: number;
  sugeridos: number;
  minimo: number;
  maximo: number;
  en_turno: number;
  tareas_esperadas: number;
  confianza: number;
  nivel: string;
  muestra: { dias: number; tareas: number; medidas: number };
}

/** The answer to `GET /geo/calor`. */
export interface Calor {
  celda_grados: number;
  /** There are more cells: these are the busiest. */
  acotado?: boolean;
  datos: { lat: number; lon: number; tareas: number; posiciones: number }[];
}

/** The parts of a group's bar, in hundredths of the largest group. */
export function tramos(grupo: Grupo, most: number): { clase: string; desde: number; ancho: number }[] {
  const parts = [['abiertas', grupo.abiertas], ['finalizadas', grupo.finalizadas], ['canceladas', grupo.canceladas]] as const;
  let desde = 0;
  return parts.flatMap(([clase, count]) => {
    const part = { clase, desde, ancho: most > 0 ? (100 * count) / most : 0 };
    desde += part.ancho;
    return count > 0 ? [part] : [];
  });
}

/**
 * Where percentiles stand between 0 and 100. By the root: seconds and hours are on
 * one picture, and both can be seen.
 */
export function rango(p: Percentiles, most: number): Record<'p25' | 'p50' | 'p75' | 'p90', number> {
  const at = (seconds: number) => (most > 0 ? 100 * Math.sqrt(Math.min(1, seconds / most)) : 0);
  return { p25: at(p.p25_s), p50: at(p.p50_s), p75: at(p.p75_s), p90: at(p.p90_s) };
}
