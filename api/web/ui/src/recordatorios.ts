import { ago, moment, span } from './format';
import type { EventFrame } from './live-frames';
import type { Recordatorio, Tarea, Yo } from './types';

/**
 * Whether a fact may change the reminders of the one who looks: only then are
 * they read again, in an operation where thousands of facts are somebody else's.
 */
export function mueve({ name, stream, data }: EventFrame, known: readonly Recordatorio[], yo: Yo | undefined, tarea: Tarea | undefined): boolean {
  const mine = data['efectivo'] !== undefined && data['efectivo'] === yo?.efectivo;
  switch (name) {
    case 'tarea.recordatorio_enviado':
      // Without a name it is for whoever is in charge.
      return mine || (!data['efectivo'] && (!tarea?.delegado || tarea.delegado === yo?.id));
    case 'tarea.efectivo_ofrecido':
    case 'tarea.efectivo_asignado':
      return mine;
    case 'tarea.delegada':
    case 'tarea.reabierta':
      return true;
    case 'tarea.recordatorio_acusado':
    case 'tarea.finalizada':
    case 'tarea.cancelada':
    case 'tarea.efectivo_liberado':
    case 'tarea.asignacion_rechazada':
      return known.some((one) => stream === `tarea-${one.tarea}`);
    default:
      return false;
  }
}

/** What a reminder says now: when it was sent its hours may have been others. */
export interface Dicho {
  titulo: string;
  detalle: string;
  /** Somebody has to do something about it. */
  urge: boolean;
}

export function decir({ clase, vence, en }: Recordatorio, tarea: Tarea | undefined, now: number): Dicho {
  if (clase === 'vencida') {
    const fin = tarea?.fin_programado;
    if (fin && Date.parse(fin) > Date.parse(en)) {
      return { titulo: 'Su hora de fin se corrió', detalle: `ahora termina ${moment(fin, now)}`, urge: false };
    }
    return { titulo: 'Pasó su hora de fin', detalle: fin ? `${ago(fin, now)}, debía terminar ${moment(fin, now)}` : '', urge: true };
  }
  const [, minutos] = /^t-(\d+)$/.exec(clase) ?? [];
  if (!minutos) return { titulo: 'Recordatorio', detalle: clase, urge: false };
  const inicio = Date.parse(tarea?.inicio_programado ?? '') || Date.parse(vence) + Number(minutos) * 60_000;
  const hora = moment(new Date(inicio).toISOString(), now);
  if (now < inicio) return { titulo: `Empieza en ${span((inicio - now) / 1_000)}`, detalle: hora, urge: false };
  return { titulo: 'Pasó su hora de inicio', detalle: `hace ${span((now - inicio) / 1_000)}, debía empezar ${hora}`, urge: !tarea || tarea.estado === 'programada' };
}
