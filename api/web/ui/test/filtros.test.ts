import { expect, test } from 'vitest';
import { alReves, cuantos, parametros } from '../src/filtros';

test('filters become parameters: people by their id, the last day whole', () => {
  const filtros = { tipo: 'emergencia', delegado: { id: 'u1', nombre: 'Ana' }, desde: '2026-11-24', hasta: '2026-11-25' };
  expect(parametros(filtros)).toEqual({ tipo: 'emergencia', delegado: 'u1', efectivo: undefined, desde: '2026-11-24T03:00:00.000Z', hasta: '2026-11-26T03:00:00.000Z' });
  expect(cuantos(filtros)).toBe(4);
});

test('a period whose end comes first is told', () => {
  expect(alReves({ desde: '2026-11-25', hasta: '2026-11-24' })).toBe(true);
  expect([alReves({ desde: '2026-11-24', hasta: '2026-11-24' }), alReves({ desde: '2026-11-24' }), alReves({})]).toEqual([false, false, false]);
});
