import type { AlertFrame, EventFrame } from './live-frames';
import { alDia } from './store/store';
import type { Efectivo, Tarea } from './types';
import { ABIERTAS } from './types';

/** Which alerts still wait for somebody: neither the screen nor the title counts what is over. */

/** Steps of an asignacion by which somebody has the Tarea; an offer is none. */
const LA_TIENE: ReadonlySet<string> = new Set(['asignada', 'aceptada', 'en_camino', 'en_lugar']);

/** Facts that end what an alert of before said of the same object. */
const TERMINA: Record<string, readonly string[]> = {
  'efectivo.sos_atendido': ['sos'],
  'efectivo.senal_recuperada': ['senal_perdida'],
  // Each shift begins, and ends, with nobody lost.
  'efectivo.turno_iniciado': ['senal_perdida'],
  'efectivo.turno_finalizado': ['senal_perdida'],
  'tarea.efectivo_asignado': ['oferta'],
  'tarea.asignacion_aceptada': ['oferta'],
  'tarea.efectivo_en_camino': ['oferta'],
  'tarea.efectivo_en_lugar': ['oferta'],
};

/** Kinds that are steps of one matter: the last one says how it stands. */
const FAMILIA: Record<string, string> = { sos_escalado: 'sos', escalada: 'oferta', sin_efectivos: 'oferta' };

function familia({ kind }: AlertFrame): string {
  return FAMILIA[kind] ?? kind;
}

/** What an alert is about; of two with the same, only the later is told. */
export function asunto(alert: AlertFrame): string {
  const of = alert.tarea ?? alert.efectivo;
  return of ? [familia(alert), of, alert.kind.startsWith('zona_') && alert.zona].filter(Boolean).join(' ') : alert.id;
}

export function esSos(alert: AlertFrame): boolean {
  return familia(alert) === 'sos';
}

/** One that is known from the record of who calls alone: this page did not hear it, and has to ask which one it is. */
export function deFicha(alert: AlertFrame): boolean {
  return alert.position === 0;
}

/** Whether an alert about a Tarea still holds: it has not ended, nor was the end that it says is past put off, nor has somebody taken it. */
export function sigueEnPie(alert: AlertFrame, tarea: Tarea): boolean {
  if (!ABIERTAS.includes(tarea.estado)) return false;
  if (alert.kind === 'tarea_vencida') return !tarea.fin_programado || Date.parse(tarea.fin_programado) <= Date.parse(alert.en);
  const has = (tarea.asignaciones ?? []).some(({ estado }) => LA_TIENE.has(estado));
  return familia(alert) !== 'oferta' || !has || alDia(tarea) < version(alert);
}

/** The same of an Efectivo, whose record must be as new as the alert to say that it is over. */
function sigue(alert: AlertFrame, efectivo: Efectivo): boolean {
  if (alDia(efectivo) < version(alert)) return true;
  if (esSos(alert)) return efectivo.sos === true;
  return alert.kind !== 'senal_perdida' || efectivo.senal_perdida === true;
}

/** The version of its stream that an alert is: `efectivo-<uuid>@7`. */
function version({ id }: AlertFrame): number {
  return Number(/@(\d+)$/.exec(id)?.[1] ?? Infinity);
}

/** Without those that a fact has ended. */
export function sinTerminadas(alerts: readonly AlertFrame[], { name, stream, position }: EventFrame): AlertFrame[] {
  const over = TERMINA[name];
  return alerts.filter((alert) => !over?.includes(familia(alert)) || alert.position > position
    || stream !== (alert.tarea ? `tarea-${alert.tarea}` : `efectivo-${alert.efectivo}`));
}

/** Calls for help first, then the newest; one of each matter. */
export function enOrden(alerts: readonly AlertFrame[]): AlertFrame[] {
  const latest = new Map<string, AlertFrame>();
  for (const alert of alerts) {
    const other = latest.get(asunto(alert));
    if (!other || other.position < alert.position) latest.set(asunto(alert), alert);
  }
  return [...latest.values()].sort((a, b) => Number(esSos(b)) - Number(esSos(a)) || b.position - a.position);
}

/**
 * The alerts that wait, as of what is known. Calls for help that were made before
 * this page was opened are in the record of who made them.
 */
export function pendientes(
  alerts: readonly AlertFrame[],
  tareas: ReadonlyMap<string, Tarea>,
  efectivos: ReadonlyMap<string, Efectivo>,
  seen: (asunto: string) => boolean,
): AlertFrame[] {
  const heard = alerts.filter((alert) => {
    const tarea = alert.tarea ? tareas.get(alert.tarea) : undefined;
    const efectivo = !alert.tarea && alert.efectivo ? efectivos.get(alert.efectivo) : undefined;
    return (!tarea || sigueEnPie(alert, tarea)) && (!efectivo || sigue(alert, efectivo));
  });
  const before = [...efectivos.values()].filter(({ sos }) => sos).map(llamado).filter((alert) => !seen(asunto(alert)));
  return enOrden([...before, ...heard]);
}

function llamado({ id, simulado }: Efectivo): AlertFrame {
  return { type: 'alert', id: `sos-${id}`, kind: 'sos', priority: 5, position: 0, efectivo: id, simulada: simulado === true, en: '', text: 'SOS: un efectivo pide ayuda' };
}
