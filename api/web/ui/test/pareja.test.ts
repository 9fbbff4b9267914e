import { expect, test } from 'vitest';
import { atados, cabe, pareja, pendientesPara } from '../src/pareja';
import type { Efectivo, Tarea } from '../src/types';

const tarea = (id: string, over: Partial<Tarea> = {}): Tarea => ({
  id, codigo: `T-${id}`, titulo: 'Relevar la esquina', tipo: 'inspeccion', prioridad: 3, estado: 'programada', version: 1, ...over,
});
const ana: Efectivo = {
  id: 'ana', codigo_interno: 'M-1', disponibilidad: 'disponible', en_turno: true, version: 1,
  posicion_actual: { lat: -34.6, lon: -58.4, en: '2026-11-24T03:00:00Z' },
};
const con = (efectivo: string, estado: string) => ({ asignaciones: [{ efectivo, estado, en: '2026-11-24T03:00:00Z' }] });

test('one of each make a pair, whichever of them is dragged', () => {
  const two = { tarea: 't', efectivo: 'e' };
  expect(pareja({ clase: 'tarea', id: 't' }, { clase: 'efectivo', id: 'e' })).toEqual(two);
  expect(pareja({ clase: 'efectivo', id: 'e' }, { clase: 'tarea', id: 't' })).toEqual(two);
  expect(pareja({ clase: 'tarea', id: 't' }, { clase: 'tarea', id: 'u' })).toBeUndefined();
});

test('nobody is sent twice, nor to what has ended', () => {
  expect(cabe(tarea('1'), ana)).toBe(true);
  expect(cabe(tarea('1', con('ana', 'aceptada')), ana)).toBe(false);
  expect(cabe(tarea('1', con('ana', 'rechazada')), ana)).toBe(true);
  expect(cabe(tarea('1', { estado: 'finalizada' }), ana)).toBe(false);
  expect(cabe(tarea('1'), { ...ana, de_baja: true })).toBe(false);
  expect(cabe(undefined, ana)).toBe(false);
  expect(atados(tarea('1', con('ana', 'liberada')))).toEqual([]);
});

test('what waits for somebody comes first, then what is urgent, then what is near', () => {
  const at = (lat: number) => ({ ubicacion: { lat, lon: -58.4 } });
  const order = pendientesPara(ana, [
    tarea('lejos', at(-34.7)), tarea('cerca', at(-34.61)), tarea('con-otro', { ...con('luis', 'en_camino'), prioridad: 5 }),
    tarea('urgente', { prioridad: 5 }), tarea('propia', con('ana', 'en_lugar')), tarea('cerrada', { estado: 'cancelada' }),
  ]);
  expect(order.map((one) => one.tarea.id)).toEqual(['urgente', 'cerca', 'lejos', 'con-otro']);
  expect(Math.round((order[1]?.distancia_m ?? 0) / 10)).toBe(111);
});
