import { beforeEach, expect, test } from 'vitest';
import { agregarPunto, anillo, figura, quitarPunto, radio, trazo } from '../src/trazo';

beforeEach(() => { trazo.value = null; });

test('a polygon needs three corners and closes itself', () => {
  trazo.value = { forma: 'poligono', puntos: [] };
  agregarPunto({ lat: 0, lon: 0 });
  agregarPunto({ lat: 0, lon: 1 });
  expect([anillo.value, figura()]).toEqual([[], undefined]);
  agregarPunto({ lat: 1, lon: 1.00000049 });
  expect(figura()).toEqual({ geometria: { type: 'Polygon', coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] } });
  expect(quitarPunto()).toBe(true);
  expect(figura()).toBeUndefined();
});

test('a circle is its centre and its edge; the next point moves the edge', () => {
  trazo.value = { forma: 'circulo', puntos: [] };
  const centro = { lat: -34.6, lon: -58.4 };
  agregarPunto(centro);
  agregarPunto({ lat: -34.61, lon: -58.4 });
  agregarPunto({ lat: -34.602, lon: -58.4 });
  expect(trazo.value.puntos).toHaveLength(2);
  expect(radio(trazo.value.puntos)).toBeCloseTo(222.4, 0);
  expect(figura()).toEqual({ geometria: { type: 'Point', coordinates: [-58.4, -34.6] }, radio_m: 222 });
  expect(anillo.value).toHaveLength(65);
  for (const punto of anillo.value) expect(radio([centro, punto])).toBeCloseTo(222.4, 0);
});

test('there is nothing to take back from nothing', () => {
  expect(quitarPunto()).toBe(false);
  agregarPunto({ lat: 1, lon: 1 });
  expect(trazo.value).toBeNull();
});
