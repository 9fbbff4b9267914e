import type { Efectivo } from './types';

/**
 * What somebody on duty can declare himself to be now, if anything. Who said that he cannot go is
 * out of service once his Tarea frees him, unless he says otherwise before or after.
 */
export function declara({ en_turno: deTurno, disponibilidad }: Pick<Efectivo, 'en_turno' | 'disponibilidad'>): 'disponible' | 'no_disponible' | undefined {
  if (!deTurno || disponibilidad === 'en_licencia') return undefined;
  if (disponibilidad === 'disponible' || disponibilidad === 'en_tarea') return 'no_disponible';
  return 'disponible';
}
