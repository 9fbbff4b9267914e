import { describe, expect, test } from 'vitest';
import type { EventFrame } from '../src/live';
import { readMapa } from '../src/net/mapa';
import { Problem } from '../src/net/problem';
import { coalesced, Rereader } from '../src/store/rereader';
import { alDia, Store } from '../src/store/store';
import type { Efectivo, Tarea } from '../src/types';

const tarea = (over: Partial<Tarea> = {}): Tarea => ({
  id: 't1', codigo: 'T-1', titulo: 'Choque', tipo: 'intervencion', prioridad: 3,
  estado: 'programada', version: 1, asignaciones: [], ...over,
});
const efectivo = (over: Partial<Efectivo> = {}): Efectivo => ({
  id: 'e1', codigo_interno: 'M-1', disponibilidad: 'disponible', version: 1, ...over,
});
const fact = (name: string, version: number, data: Record<string, unknown> = {}): EventFrame => ({
  type: 'event', position: 100 + version, prev: 99 + version, name, version, data,
  stream: `${name.split('.')[0]}-${name.startsWith('tarea') ? 't1' : 'e1'}`, en: '2026-11-24T03:00:00Z',
});

/** A store whose frames run when the test says. */
function make() {
  const frames: (() => void)[] = [];
  const store = new Store((callback) => frames.push(callback));
  return { store, frames, flush: () => { for (const frame of frames.splice(0)) frame(); } };
}

describe('store', () => {
  test('an older answer never replaces a newer one', () => {
    const { store } = make();
    store.putTarea(tarea({ version: 5, estado: 'en_curso' }));
    store.putTarea(tarea({ version: 4, estado: 'programada' }));
    expect(store.tareas.get('t1')).toMatchObject({ version: 5, estado: 'en_curso' });
  });

  test('a short row keeps what the full answer said', () => {
    const { store } = make();
    store.putTarea(tarea({ descripcion: 'larga' }));
    store.putTarea(tarea({ version: 2 }));
    expect(store.tareas.get('t1')?.descripcion).toBe('larga');
  });

  test('what is out of reach is forgotten, and drawn without it', () => {
    const { store, flush } = make();
    store.putEfectivo(efectivo());
    store.putTarea(tarea());
    flush();
    store.quitar('efectivos', 'e1');
    store.quitar('tareas', 'unknown');
    flush();
    expect([store.efectivos.size, store.tareas.size]).toEqual([0, 1]);
    expect([store.efectivosRev.value, store.tareasRev.value]).toEqual([2, 1]);
  });

  test('a burst is one drawing', () => {
    const { store, frames, flush } = make();
    for (let version = 1; version <= 1000; version++) store.putTarea(tarea({ version }));
    expect(frames).toHaveLength(1);
    expect(store.tareasRev.value).toBe(0);
    flush();
    expect(store.tareasRev.value).toBe(1);
    expect(store.efectivosRev.value).toBe(0);
  });

  test.each([
    ['tarea.iniciada', 'en_curso'], ['tarea.pausada', 'pausada'], ['tarea.reanudada', 'en_curso'],
    ['tarea.finalizada', 'finalizada'], ['tarea.cancelada', 'cancelada'], ['tarea.reabierta', 'en_curso'],
    ['tarea.nota_agregada', 'programada'],
  ])('%s leaves the Tarea %s', (name, estado) => {
    const { store } = make();
    store.putTarea(tarea());
    store.fold(fact(name, 2));
    expect(store.tareas.get('t1')?.estado).toBe(estado);
    expect(store.touched.get('t1')).toBe(102);
  });

  test('a fact that the row already contains changes nothing', () => {
    const { store } = make();
    store.putTarea(tarea({ version: 3, estado: 'finalizada' }));
    store.fold(fact('tarea.iniciada', 2));
    expect(store.tareas.get('t1')?.estado).toBe('finalizada');
  });

  test('assignments follow their facts', () => {
    const { store } = make();
    store.putTarea(tarea());
    store.fold(fact('tarea.efectivo_asignado', 2, { efectivo: 'e1' }));
    store.fold(fact('tarea.efectivo_en_camino', 3, { efectivo: 'e1' }));
    store.fold(fact('tarea.efectivo_asignado', 4, { efectivo: 'e2' }));
    expect(store.tareas.get('t1')?.asignaciones?.map((a) => [a.efectivo, a.estado])).toEqual([['e1', 'en_camino'], ['e2', 'asignada']]);
  });

  test('availability follows its facts, and nonsense is not believed', () => {
    const { store } = make();
    store.putEfectivo(efectivo());
    store.fold(fact('efectivo.disponibilidad_cambiada', 2, { disponibilidad: 'en_tarea' }));
    expect(store.efectivos.get('e1')?.disponibilidad).toBe('en_tarea');
    store.fold(fact('efectivo.disponibilidad_cambiada', 3, { disponibilidad: 'volando' }));
    expect(store.efectivos.get('e1')?.disponibilidad).toBe('en_tarea');
    store.fold(fact('efectivo.turno_finalizado', 4));
    expect(store.efectivos.get('e1')?.disponibilidad).toBe('fuera_servicio');
  });

  test('an order given at once is about what the facts have shown', () => {
    const { store } = make();
    const known = () => store.tareas.get('t1')!;
    store.putTarea(tarea());
    store.fold(fact('tarea.efectivo_asignado', 2, { efectivo: 'e1' }));
    expect(alDia(known())).toBe(2);
    // A fact that shows nothing of what it changed, or one that never came, is not looked at yet.
    store.fold(fact('tarea.modificada', 3));
    store.fold(fact('tarea.iniciada', 4));
    expect([alDia(known()), known().estado]).toEqual([2, 'en_curso']);
    store.putTarea(tarea({ version: 1, estado: 'programada' }));
    expect(known().estado).toBe('en_curso');
    store.putTarea(tarea({ version: 4, titulo: 'Vuelco', estado: 'en_curso' }));
    expect([alDia(known()), known().titulo]).toEqual([4, 'Vuelco']);

    store.putEfectivo(efectivo());
    store.fold(fact('efectivo.turno_finalizado', 2));
    store.fold(fact('efectivo.ficha_modificada', 3));
    expect(alDia(store.efectivos.get('e1')!)).toBe(2);
  });

  test('what a newer row leaves out is over: the call for help, the lost signal', () => {
    const { store } = make();
    store.putEfectivo(efectivo({ sos: true, senal_perdida: true, unidad: 'Norte' }));
    store.putPositions([{ efectivo: 'e1', lat: 1, lon: 1, en: '2026-11-24T03:00:10Z' }]);
    expect(store.efectivos.get('e1')).toMatchObject({ sos: true, unidad: 'Norte' });
    store.putEfectivo(efectivo({ version: 2 }));
    const { sos, senal_perdida: perdida, unidad } = store.efectivos.get('e1') ?? {};
    expect([sos, perdida, unidad]).toEqual([null, null, null]);
  });

  test('a marker never moves back in time', () => {
    const { store } = make();
    store.putEfectivo(efectivo());
    store.putPositions([{ efectivo: 'e1', lat: 1, lon: 1, en: '2026-11-24T03:00:10Z' }]);
    store.putPositions([{ efectivo: 'e1', lat: 2, lon: 2, en: '2026-11-24T03:00:05Z' }]);
    store.putEfectivo(efectivo({ version: 2, posicion_actual: { lat: 3, lon: 3, en: '2026-11-24T03:00:00Z' } }));
    expect(store.efectivos.get('e1')?.posicion_actual).toMatchObject({ lat: 1, lon: 1 });
  });

  test('positions of strangers show at once and ask for their names', () => {
    const { store } = make();
    const item = { efectivo: 'e9', lat: 1, lon: 1, en: '2026-11-24T03:00:00Z', simulado: true };
    expect(store.putPositions([item])).toEqual(['e9']);
    expect(store.efectivos.get('e9')).toMatchObject({ simulado: true });
    store.putEfectivo(efectivo({ id: 'e9', version: 0 }));
    expect(store.putPositions([item])).toEqual([]);
    expect(store.putPositions([{ ...item, lat: NaN }])).toEqual([]);
  });

  test('nothing is left after logging out', () => {
    const { store } = make();
    store.putTarea(tarea());
    store.putEfectivo(efectivo());
    store.clear();
    expect([store.tareas.size, store.efectivos.size, store.paginaTareas.value.ids.length]).toEqual([0, 0, 0]);
  });
});

describe('rereader', () => {
  /** A reader that finishes when told, and tells when it was asked. */
  function reader(options: { rate?: number; burst?: number; most?: number } = {}) {
    const asked: [string, number][] = [];
    const finish: ((problem?: Problem) => void)[] = [];
    let crowds = 0;
    let wake = () => {};
    const rereader = new Rereader({
      rate: 1_000, burst: 10, ...options,
      crowd: () => { crowds++; wake(); },
      read: (id, position) => new Promise((resolve, reject) => {
        asked.push([id, position]);
        finish.push((problem) => (problem ? reject(problem) : resolve()));
        wake();
      }),
    });
    const until = async (condition: () => boolean) => {
      while (!condition()) await new Promise<void>((resolve) => { wake = resolve; });
    };
    return { rereader, asked, finish, until, crowds: () => crowds };
  }

  test('many facts of one object are one read, as of the newest', async () => {
    const { rereader, asked, until } = reader();
    for (let position = 1; position <= 50; position++) rereader.mark('a', position);
    await until(() => asked.length > 0);
    expect(asked).toEqual([['a', 50]]);
    rereader.stop();
  });

  test('where as many may wait as come, none is forgotten', async () => {
    const { rereader, asked, finish, until, crowds } = reader({ most: Infinity });
    for (let i = 0; i < 50; i++) rereader.mark(`t${i}`, 1);
    for (let told = 0; told < 50; told++) {
      await until(() => finish.length > told);
      finish[told]?.();
    }
    expect(new Set(asked.map(([id]) => id)).size).toBe(50);
    expect(crowds()).toBe(0);
    rereader.stop();
  });

  test('an object is not read twice at a time', async () => {
    const { rereader, asked, finish, until } = reader();
    rereader.mark('a', 1);
    await until(() => asked.length === 1);
    rereader.mark('a', 2);
    rereader.mark('b', 2);
    await until(() => asked.length === 2);
    expect(asked[1]).toEqual(['b', 2]);
    finish[0]?.();
    await until(() => asked.length === 3);
    expect(asked[2]).toEqual(['a', 2]);
    rereader.stop();
  });

  test('what the server could not answer yet is asked again', async () => {
    const { rereader, asked, finish, until } = reader();
    rereader.mark('a', 7);
    await until(() => asked.length === 1);
    finish[0]?.(new Problem({ status: 503, codigo: 'proyeccion_atrasada', detail: '', retryAfter: 0.02 }));
    await until(() => asked.length === 2);
    expect(asked[1]).toEqual(['a', 7]);
    rereader.stop();
  });

  test('what does not exist is not asked again', async () => {
    const { rereader, asked, finish, until } = reader();
    rereader.mark('a', 7);
    await until(() => asked.length === 1);
    finish[0]?.(new Problem({ status: 404, codigo: 'no_existe', detail: '' }));
    rereader.mark('b', 8);
    await until(() => asked.length === 2);
    expect(asked[1]).toEqual(['b', 8]);
    rereader.stop();
  });

  test('a crowd is left to the lists', () => {
    const { rereader, asked, crowds } = reader();
    for (let i = 0; i < 25; i++) rereader.mark(`id${i}`, i);
    expect(crowds()).toBe(1);
    expect(asked).toEqual([]);
    rereader.stop();
  });

  test('coalesced: many asks are two runs, the last one after all asks', async () => {
    let runs = 0;
    let second = () => {};
    const done = new Promise<void>((resolve) => { second = resolve; });
    const ask = coalesced(async () => { if (++runs === 2) second(); }, 10);
    for (let i = 0; i < 100; i++) ask();
    await done;
    expect(runs).toBe(2);
  });
});

test('the map is read with or without a place of its own', () => {
  const mapa = readMapa({
    efectivos: [
      { efectivo: 'e1', codigo_interno: 'M-1', lat: 1, lon: 2, en: 'x', disponibilidad: 'disponible', simulado: true },
      { efectivo: 'e2', lat: null, lon: null },
    ],
    tareas: [{ id: 't1', codigo: 'T-1', estado: 'programada', prioridad: 3, lat: 1, lon: 2 }],
    zonas: [],
  });
  expect(mapa.efectivos.map((e) => e.fix.efectivo)).toEqual(['e1']);
  expect(mapa.tareas[0]).toMatchObject({ id: 't1', ubicacion: { lat: 1, lon: 2 }, version: -1 });
  expect(readMapa({})).toEqual({ efectivos: [], tareas: [], zonas: [] });
});
