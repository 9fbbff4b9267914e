import type { Franja } from './types';

/**
 * A whole day is two Franjas of the contract, whose two hours must differ: until
 * noon, and from noon to midnight. In the form it is one, from midnight to midnight.
 */
const MEDIANOCHE = '00:00';
const MEDIODIA = '12:00';

export const ENTERO = { desde: MEDIANOCHE, hasta: MEDIANOCHE } as const;

export function esEntero({ desde, hasta }: Franja): boolean {
  return desde === MEDIANOCHE && hasta === MEDIANOCHE;
}

/** The rows of the form, as the order wants them. */
export function desplegar(rows: readonly Franja[]): Franja[] {
  return rows.flatMap((row) => (esEntero(row) ? [{ ...row, hasta: MEDIODIA }, { ...row, desde: MEDIODIA }] : [row]));
}

/** What the server holds, as rows of the form: two halves of the same days are one, and midnight is 00:00. */
export function plegar(held: readonly Franja[]): Franja[] {
  const franjas = held.map((franja) => (franja.hasta === '24:00' ? { ...franja, hasta: MEDIANOCHE } : franja));
  const left = [...franjas];
  return franjas.flatMap((franja) => {
    if (!left.includes(franja)) return [];
    left.splice(left.indexOf(franja), 1);
    const half = left.findIndex((other) => mismosDias(franja, other) && (
      (franja.desde === MEDIANOCHE && franja.hasta === other.desde && other.hasta === MEDIANOCHE)
      || (other.desde === MEDIANOCHE && other.hasta === franja.desde && franja.hasta === MEDIANOCHE)));
    if (half < 0) return [franja];
    left.splice(half, 1);
    return [{ ...franja, ...ENTERO }];
  });
}

function mismosDias(a: Franja, b: Franja): boolean {
  return [...a.dias].sort().join() === [...b.dias].sort().join();
}
