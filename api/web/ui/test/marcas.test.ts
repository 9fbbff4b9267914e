import { describe, expect, test } from 'vitest';
import { quitable, vigentes } from '../src/marcas';
import { Store } from '../src/store/store';
import type { Marca, Yo } from '../src/types';

const marca = (over: Partial<Marca> = {}): Marca => ({
  id: 'm1', clase: 'corte', titulo: 'Calle cortada', estado: 'vigente', lat: -34.6, lon: -58.4, autor: 'u1',
  puesta: '2026-03-02T08:00:00Z', caduca: null, version: 1, ...over,
});

describe('markers', () => {
  test('one leaves the map at its time, without a word from the server', () => {
    const over = Date.parse('2026-03-02T09:00:00Z');
    const all = [marca(), marca({ id: 'm2', caduca: '2026-03-02T09:00:00Z' })];
    expect(vigentes(all, over - 1).map(({ id }) => id)).toEqual(['m1', 'm2']);
    expect(vigentes(all, over).map(({ id }) => id)).toEqual(['m1']);
  });

  test('taking one away is offered to who put it, and to those who command', () => {
    const as = (rol: Yo['rol'], id: string) => quitable(marca(), { id, rol } as Yo);
    expect(quitable(marca(), undefined)).toBe(false);
    expect(as('efectivo', 'u1')).toBe(true);
    expect(as('efectivo', 'u2')).toBe(false);
    expect(as('supervisor', 'u2')).toBe(true);
    expect(as('administrador', 'u2')).toBe(true);
    expect(as('auditor', 'u2')).toBe(false);
  });

  test('another person sits down: no marker of the last one stays', () => {
    const store = new Store(() => undefined);
    store.marcas.value = [marca()];
    store.clear();
    expect(store.marcas.value).toEqual([]);
  });
});
