/** The shapes of the REST face that the dashboard relies on. */

export const ESTADOS = ['programada', 'en_curso', 'pausada', 'finalizada', 'cancelada'] as const;
export type Estado = (typeof ESTADOS)[number];

/** Those that still need somebody. */
export const ABIERTAS: readonly Estado[] = ['programada', 'en_curso', 'pausada'];

export const DISPONIBILIDADES = [
  'disponible', 'en_tarea', 'no_disponible', 'fuera_servicio', 'en_licencia',
] as const;
export type Disponibilidad = (typeof DISPONIBILIDADES)[number];

export const TIPOS = [
  'patrullaje', 'investigacion', 'vigilancia', 'intervencion',
  'inspeccion', 'administrativa', 'entrenamiento', 'emergencia',
] as const;
export type Tipo = (typeof TIPOS)[number];

export type Prioridad = 1 | 2 | 3 | 4 | 5;

/** WGS84 degrees. */
export interface Punto {
  lat: number;
  lon: number;
}

export interface Asignacion {
  efectivo: string;
  estado: string;
  en: string;
}

export interface Tarea {
  id: string;
  codigo: string;
  titulo: string;
  descripcion?: string | null;
  tipo: Tipo;
  prioridad: Prioridad;
  estado: Estado;
  inicio_programado?: string | null;
  fin_programado?: string | null;
  inicio_real?: string | null;
  fin_real?: string | null;
  duracion_s?: number | null;
  pausas_s?: number | null;
  creador?: string | null;
  delegado?: string | null;
  ubicacion?: (Punto & { descripcion?: string | null }) | null;
  zona?: string | null;
  asignaciones?: Asignacion[] | null;
  simulada?: boolean | null;
  /** Of whoever called an emergency in. */
  telefono?: string | null;
  /** These two come with one Tarea, not with a list of them. */
  lista?: PuntoDeLista[];
  notas?: Nota[];
  adjuntos?: Adjunto[];
  version: number;
  /** The version that facts heard live have brought it to, when that is newer than what was read. */
  visto?: number | undefined;
  posicion?: number;
}

export interface PuntoDeLista {
  punto: number;
  texto: string;
  cumplido: boolean;
  por?: string | null;
  en: string | null;
}

export interface Adjunto {
  id: string;
  nombre: string;
  tipo: string;
  /** Bytes. */
  tamano: number;
  sha256: string;
  autor?: string | null;
  en: string;
}

export interface Nota {
  id: string;
  texto: string;
  autor?: string | null;
  en: string;
}

export interface Fix extends Punto {
  en: string;
  precision_m?: number | null;
  antiguedad_s?: number | null;
}

export interface Efectivo {
  id: string;
  /** Whose account it is; facts heard live do not say it. */
  usuario?: string | null;
  codigo_interno: string;
  nombre?: string | null;
  apellido?: string | null;
  rango?: string | null;
  unidad?: string | null;
  especialidad?: string | null;
  disponibilidad: Disponibilidad;
  en_turno?: boolean | null;
  posicion_actual?: Fix | null;
  tareas?: string[] | null;
  /** Zonas he is in. */
  zonas?: string[] | null;
  senal_perdida?: boolean | null;
  /** Called for help, and nobody has taken charge yet. */
  sos?: boolean | null;
  de_baja?: boolean | null;
  simulado?: boolean | null;
  version: number;
  /** The version that facts heard live have brought him to, when that is newer than what was read. */
  visto?: number | undefined;
}

/** As `GET /geo/mapa` gives it; the geometry is GeoJSON. */
export interface Zona {
  id: string;
  nombre: string;
  clase?: string | null;
  geometria?: Geometria | null;
  /** What was drawn; the geometry comes near it. */
  circulo?: { centro: Punto; radio_m: number } | null;
  reglas?: ReglasDeZona | null;
  horarios?: Franja[] | null;
  /** Nobody on duty has been inside for longer than its rule allows. */
  vacia?: boolean | null;
  version?: number;
}

export interface ReglasDeZona {
  entrada?: boolean;
  salida?: boolean;
  /** Minutes that nobody may be inside. */
  vacia_min?: number;
}

/** Days from 1, Monday; an end before its beginning is on the next day. */
export interface Franja {
  dias: number[];
  desde: string;
  hasta: string;
}

export interface Geometria {
  type: string;
  coordinates: unknown;
}

export type ClaseMarca = 'corte' | 'encuentro' | 'peligro' | 'puesto_de_mando' | 'otra';

/** A marker that people share on the map. */
export interface Marca extends Punto {
  id: string;
  clase: ClaseMarca;
  titulo: string;
  estado: 'vigente' | 'caducada' | 'retirada';
  zona?: string | null;
  autor?: string | null;
  puesta: string;
  /** From then on it is not shown; null until it is taken away. */
  caduca: string | null;
  version: number;
}

export interface Lista<T> {
  datos: T[];
  total: number;
  /** There are more than `total`. */
  total_acotado?: boolean;
  siguiente: string | null;
  posicion: number;
}

/** A reminder of an open Tarea that somebody carries out or is in charge of. */
export interface Recordatorio {
  id: string;
  /** `t-40`, `t-10`: so many minutes before its start; `vencida`: past its end, and still open. */
  clase: string;
  tarea: string;
  codigo: string;
  /** Who carries it out; nobody in particular: whoever is in charge. */
  efectivo?: string | null;
  /** When it was due. */
  vence: string;
  en: string;
  leido: boolean;
}

export interface Cercano extends Punto {
  efectivo: string;
  codigo_interno: string;
  disponibilidad: Disponibilidad;
  en: string;
  distancia_m: number;
  simulado?: boolean | null;
}

export interface Resumen {
  tareas: Partial<Record<Estado, number>>;
  efectivos: Partial<Record<Disponibilidad, number>>;
  posicion: number;
}

export const ROLES = ['efectivo', 'supervisor', 'administrador', 'auditor', 'servicio'] as const;
export type Rol = (typeof ROLES)[number];

/** `GET /auth/yo`: the one who is logged in. */
export interface Yo {
  id: string;
  rol: Rol;
  nombre: string;
  efectivo?: string | null;
  telegram: boolean;
  segundo_factor: boolean;
  simulado: boolean;
  jurisdiccion: Jurisdiccion | null;
  version: number;
  datos: Datos;
}

/** What a supervisor answers for; an empty list narrows nothing, and neither does null. */
export interface Jurisdiccion {
  zonas: string[];
  unidades: string[];
}

/** Personal data: one's own, or somebody else's read with a reason. */
export interface Datos {
  nombre: string;
  apellido: string;
  email: string;
  dni?: string | null;
  telefono?: string | null;
}

export interface Usuario {
  id: string;
  rol: Rol;
  nombre: string;
  efectivo?: string | null;
  telegram: boolean;
  estado: 'activo' | 'bloqueado' | 'baja';
  verificado: boolean;
  contrasena: boolean;
  /** A one-time link waits for him, neither used nor lapsed. */
  enlace_sin_usar: boolean;
  segundo_factor: boolean;
  simulado: boolean;
  jurisdiccion: Jurisdiccion | null;
  version: number;
}

/** A one-time link by which somebody takes up an account. */
export interface Activacion {
  codigo: string;
  enlace: string;
  vence: string;
}

/** Somebody, as a fact names him: `usuario-<uuid>`, or `sistema`. */
export type Actor = string | null;

export interface Hecho {
  posicion: number;
  stream: string;
  version: number;
  tipo: string;
  en: string;
  registrado: string;
  actor: Actor;
  causa?: unknown;
  datos: Record<string, unknown>;
}

/** What every order answers. */
export interface Hecha {
  id: string;
  version: number;
  posicion: number;
}
