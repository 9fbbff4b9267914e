import type { Hecho, Lista } from './types';

/** Facts read at once; the server's own limit. */
export const PAGINA = 200;

type Leer = (query: { cursor: number; limite: number }) => Promise<Pick<Lista<Hecho>, 'datos' | 'siguiente'>>;

/**
 * The facts from after `desde` on, given those that are known: versions are dense, so
 * nothing known is asked for again and nothing is left out, however many there are.
 */
export async function completar(known: readonly Hecho[], desde: number, leer: Leer): Promise<Hecho[]> {
  const first = known[0]?.version ?? desde + 1;
  let out = [...known];
  if (first > desde + 1) out = [...await seguidos(desde, first - 1, leer), ...out];
  return [...out, ...await seguidos(out.at(-1)?.version ?? desde, Infinity, leer)];
}

async function seguidos(desde: number, hasta: number, leer: Leer): Promise<Hecho[]> {
  const out: Hecho[] = [];
  for (let cursor = desde; cursor < hasta;) {
    const { datos, siguiente } = await leer({ cursor, limite: Math.min(PAGINA, hasta - cursor) });
    out.push(...datos);
    if (!siguiente || datos.length === 0) break;
    cursor = Number(siguiente);
  }
  return out;
}
