import type { Cercano } from './types';

/** One of those near, as the list shows him. */
export interface Candidato extends Cercano {
  /** He is no longer among those who are near and free. */
  ido?: boolean;
}

/** Rows that a list which stays open may grow to. */
const MOST = 10;

/**
 * A newer reading in the places of the one that is shown: whoever is under a finger, or
 * has the focus, stays there. Who left is said to have; who is new comes last.
 */
export function mezclar(shown: readonly Candidato[], now: readonly Cercano[]): Candidato[] {
  const fresh = new Map(now.map((one) => [one.efectivo, one]));
  const stay = shown.map((one) => fresh.get(one.efectivo) ?? { ...one, ido: true });
  const known = new Set(shown.map((one) => one.efectivo));
  return [...stay, ...now.filter((one) => !known.has(one.efectivo))].slice(0, Math.max(MOST, shown.length));
}

/** Whether the nearest of those who are left are not the first rows any more. */
export function desordenada(rows: readonly Candidato[]): boolean {
  return rows.some((one, i) => one.ido === true || (i > 0 && one.distancia_m < (rows[i - 1]?.distancia_m ?? 0)));
}
