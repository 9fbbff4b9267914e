import { ASIGNACION, FIN_OFERTA } from './texto';
import type { Asignacion, Hecho } from './types';

/** How each one's last offer ended that he neither took nor rejected. */
export type Finales = ReadonlyMap<string, keyof typeof FIN_OFERTA>;

/**
 * Told from the history, oldest first: the row of an assignment says only that it
 * ended. Whose offer lies before what was read stays unknown.
 */
export function finales(hechos: readonly Hecho[]): Finales {
  const fin = new Map<string, keyof typeof FIN_OFERTA>();
  const vence = new Map<string, number>();
  for (const { tipo, datos, en, actor } of hechos) {
    const de = datos['de'];
    if (tipo === 'tarea.escalada' && typeof de === 'string') {
      if (datos['causa'] === 'vencimiento') fin.set(de, 'no_respondio');
      continue;
    }
    const id = datos['efectivo'];
    if (typeof id !== 'string' || tipo.startsWith('tarea.recordatorio')) continue;
    const lapso = vence.get(id);
    vence.delete(id);
    fin.delete(id);
    if (tipo === 'tarea.efectivo_ofrecido') vence.set(id, Date.parse(String(datos['vence'])));
    // Only the system ends an offer for its time; a person does it for reasons of his own.
    if (tipo === 'tarea.efectivo_liberado' && lapso !== undefined) {
      fin.set(id, Date.parse(en) >= lapso && !actor?.startsWith('usuario-') ? 'no_respondio' : 'retirada');
    }
  }
  return fin;
}

/** Where somebody stands, in words. */
export function pasoDe({ efectivo, estado }: Asignacion, fin: Finales): string {
  const oferta = estado === 'liberada' ? fin.get(efectivo) : undefined;
  return oferta ? FIN_OFERTA[oferta] : ASIGNACION[estado] ?? estado;
}

/** `9 no respondieron, 3 la rechazaron`: those who had it and have it no more. */
export function cuentaDe(tenidos: readonly Asignacion[], fin: Finales): string {
  const count = { no_respondio: 0, retirada: 0, rechazada: 0, liberada: 0 };
  for (const { efectivo, estado } of tenidos) count[estado === 'rechazada' ? estado : fin.get(efectivo) ?? 'liberada']++;
  const some = (n: number, one: string, more: string) => (n === 0 ? [] : [`${n} ${n === 1 ? one : more}`]);
  return [
    ...some(count.no_respondio, 'no respondió', 'no respondieron'),
    ...some(count.rechazada, 'la rechazó', 'la rechazaron'),
    ...some(count.retirada, 'perdió la oferta antes de responder', 'perdieron la oferta antes de responder'),
    ...some(count.liberada, 'quedó libre', 'quedaron libres'),
  ].join(', ');
}
