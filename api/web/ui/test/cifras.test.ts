import { expect, test } from 'vitest';
import type { Grupo, Percentiles } from '../src/views/estadisticas/cifras';
import { rango, tramos } from '../src/views/estadisticas/cifras';

const grupo = (over: Partial<Grupo>): Grupo => ({
  clave: 'x', total: 0, abiertas: 0, finalizadas: 0, canceladas: 0, duracion_p50_s: 0, duracion_p90_s: 0, ...over,
});

test('the parts of a bar lie end to end and are as long as their share of the largest', () => {
  expect(tramos(grupo({ total: 6, abiertas: 1, finalizadas: 3, canceladas: 2 }), 10)).toEqual([
    { clase: 'abiertas', desde: 0, ancho: 10 }, { clase: 'finalizadas', desde: 10, ancho: 30 }, { clase: 'canceladas', desde: 40, ancho: 20 },
  ]);
  expect(tramos(grupo({ total: 5, finalizadas: 5 }), 5)).toEqual([{ clase: 'finalizadas', desde: 0, ancho: 100 }]);
  expect(tramos(grupo({}), 0)).toEqual([]);
});

test('percentiles stand in order, and the longest reaches the edge', () => {
  const p: Percentiles = { n: 9, media_s: 0, p25_s: 25, p50_s: 100, p75_s: 225, p90_s: 400 };
  expect(rango(p, 400)).toEqual({ p25: 25, p50: 50, p75: 75, p90: 100 });
  expect(rango(p, 0)).toEqual({ p25: 0, p50: 0, p75: 0, p90: 0 });
});
