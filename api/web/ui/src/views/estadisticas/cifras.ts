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
  datos: { lat: number; lon: number; tareas: number; posiciones: number }[];
}
