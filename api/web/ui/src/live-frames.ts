/** The words of the live protocol, as the server writes them. */

import type { Efectivo, Tarea } from './types';

export const PROTOCOL = 'gad.v1.json';

/** Close codes with a meaning of their own. */
export const CLOSE = {
  restart: 1012,
  full: 1013,
  auth: 4001,
  forbidden: 4003,
  slow: 4008,
  resync: 4009,
  silent: 4010,
  flood: 4029,
} as const;

/** West, south, east, north in degrees, and the map's zoom. */
export interface View {
  bbox: [number, number, number, number];
  zoom: number;
}

export interface WelcomeFrame {
  type: 'welcome';
  session: string;
  epoch: string;
  position: number;
  resumed: 'deltas' | 'log' | 'snapshot';
  heartbeat_s: number;
  time?: string;
}

export interface SnapshotFrame {
  type: 'snapshot';
  position: number;
  items: SnapshotItem[];
  page: number;
  last: boolean;
  time?: string;
}

export interface EventFrame {
  type: 'event';
  position: number;
  prev: number;
  /** Stored name of the fact: `tarea.efectivo_asignado`. */
  name: string;
  /** `tarea-<uuid>`. */
  stream: string;
  version: number;
  en: string;
  data: Record<string, unknown>;
  time?: string;
}

/** A snapshot's rows name their kind; positions stand beside them as they are. */
export type SnapshotItem = { tarea: Tarea } | { ficha: Efectivo } | PositionItem;

export interface PositionItem {
  efectivo: string;
  lat: number;
  lon: number;
  en: string;
  precision_m?: number | null;
  rumbo?: number | null;
  velocidad_mps?: number | null;
  disponibilidad?: string;
  simulado?: boolean;
}

export interface PositionsFrame {
  type: 'positions';
  position: number;
  time: string;
  items: PositionItem[];
}

export interface AlertFrame {
  type: 'alert';
  id: string;
  kind: string;
  priority: number;
  position: number;
  zona?: string;
  tarea?: string;
  efectivo?: string;
  simulada?: boolean;
  en: string;
  text: string;
  time?: string;
}

export interface KpiFrame {
  type: 'kpi';
  name: string;
  value: unknown;
  position: number;
  time?: string;
}

export interface PingFrame {
  type: 'ping';
  position: number;
  time: string;
  /** The server cannot read its log now: facts may be missing until it can. */
  stale?: boolean;
}

export interface ErrorFrame {
  type: 'error';
  code: string;
  detail: string;
  time?: string;
}

export interface ResyncFrame {
  type: 'resync';
  reason: string;
  time?: string;
}

export type ServerFrame =
  | WelcomeFrame | SnapshotFrame | EventFrame | PositionsFrame | AlertFrame
  | KpiFrame | PingFrame | ErrorFrame | ResyncFrame;

const TYPES = new Set([
  'welcome', 'snapshot', 'event', 'positions', 'alert', 'kpi', 'ping', 'error', 'resync',
]);

export function isServerFrame(value: unknown): value is ServerFrame {
  return typeof value === 'object' && value !== null && 'type' in value
    && typeof value.type === 'string' && TYPES.has(value.type);
}
