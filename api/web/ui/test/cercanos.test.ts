import { expect, test } from 'vitest';
import { desordenada, mezclar } from '../src/cercanos';
import type { Cercano } from '../src/types';

const at = (efectivo: string, distancia_m: number): Cercano => ({
  efectivo, codigo_interno: efectivo, disponibilidad: 'disponible', lat: 0, lon: 0, en: '2026-11-24T05:00:00Z', distancia_m,
});

test('a newer reading moves nobody from his row', () => {
  const shown = [at('a', 100), at('b', 200), at('c', 300)];
  const after = mezclar(shown, [at('d', 50), at('b', 150), at('a', 900)]);
  expect(after.map(({ efectivo, distancia_m, ido }) => [efectivo, distancia_m, ido === true])).toEqual([
    ['a', 900, false], ['b', 150, false], ['c', 300, true], ['d', 50, false],
  ]);
  // Back among them, he is as free as before.
  expect(mezclar(after, [at('c', 10)]).map(({ ido }) => ido === true)).toEqual([true, true, false, true]);
});

test('it says when the nearest are not the first any more', () => {
  expect(desordenada([at('a', 100), at('b', 200)])).toBe(false);
  expect(desordenada([at('a', 300), at('b', 200)])).toBe(true);
  expect(desordenada(mezclar([at('a', 100)], []))).toBe(true);
});

test('an open list does not grow for ever', () => {
  const many = Array.from({ length: 30 }, (_, i) => at(`e${i}`, i));
  expect(mezclar([at('a', 1)], many)).toHaveLength(10);
});
