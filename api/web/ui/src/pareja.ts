import { apart } from './map/mercator';
import type { Objeto } from './map/overlay';
import type { Efectivo, Tarea } from './types';
import { ABIERTAS } from './types';

/** Who would go where: one of the field and one Tarea. */
export interface Pareja {
  tarea: string;
  efectivo: string;
}

/** Two things brought together; undefined when they are not one of each. */
export function pareja(una: Objeto, otra: Objeto): Pareja | undefined {
  if (una.clase === otra.clase) return undefined;
  return una.clase === 'tarea' ? { tarea: una.id, efectivo: otra.id } : { tarea: otra.id, efectivo: una.id };
}

/** Whether sending him makes sense: the Tarea is open, and he is not on it yet. */
export function cabe(tarea: Tarea | undefined, efectivo: Efectivo | undefined): boolean {
  if (!tarea || !efectivo || efectivo.de_baja || !ABIERTAS.includes(tarea.estado)) return false;
  return !atados(tarea).includes(efectivo.id);
}

/** Who is on a Tarea now. */
export function atados(tarea: Tarea): string[] {
  return (tarea.asignaciones ?? []).filter(({ estado }) => estado !== 'liberada' && estado !== 'rechazada').map(({ efectivo }) => efectivo);
}

export interface Pendiente {
  tarea: Tarea;
  /** From where he is; undefined when one of both has no place. */
  distancia_m: number | undefined;
}

/** The open Tareas he could go to: those with nobody first, then the most urgent, then the nearest. */
export function pendientesPara(efectivo: Efectivo, tareas: Iterable<Tarea>): Pendiente[] {
  const at = efectivo.posicion_actual;
  return [...tareas]
    .filter((tarea) => cabe(tarea, efectivo))
    .map((tarea) => ({ tarea, distancia_m: at && tarea.ubicacion ? apart(at, tarea.ubicacion) : undefined }))
    .sort((a, b) => Math.min(1, atados(a.tarea).length) - Math.min(1, atados(b.tarea).length)
      || b.tarea.prioridad - a.tarea.prioridad
      || (a.distancia_m ?? Infinity) - (b.distancia_m ?? Infinity)
      || a.tarea.codigo.localeCompare(b.tarea.codigo));
}
