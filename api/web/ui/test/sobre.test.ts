import { expect, test } from 'vitest';
import { Problem } from '../src/net/problem';
import { ajenos, ordenarSobre } from '../src/sobre';
import { valoresDeTarea } from '../src/tarea';
import type { Tarea } from '../src/types';

const tarea: Tarea = { id: 't1', codigo: 'T-1', titulo: 'Relevar', tipo: 'inspeccion', prioridad: 3, estado: 'programada', version: 4, lista: [] };
const passed = new Problem({ status: 412, codigo: 'version_vieja', detail: 'no' });

/** A server at `version`, of which the page knows `known` until it reads again. */
function server(version: number, fields = (_: number) => 'igual') {
  const state = { version, known: version - 1, asked: [] as [number, string][] };
  return {
    state,
    orden: {
      leer: () => { state.known = state.version; return Promise.resolve(); },
      version: () => state.known,
      cambiaron: () => fields(state.known) !== 'igual',
      enviar: (ifMatch: number, key: string) => {
        state.asked.push([ifMatch, key]);
        return ifMatch === state.version ? Promise.resolve('hecha') : Promise.reject(passed);
      },
    },
  };
}

test('what changes no field of the form does not refuse it', async () => {
  const { state, orden } = server(7);
  expect(await ordenarSobre(orden, 'k', 0)).toBe('hecha');
  expect(state.asked).toEqual([[7, 'k']]);
  // Somebody was quicker between the reading and the order: again, as another order.
  const quick = server(7);
  const first = quick.orden.enviar;
  quick.orden.enviar = (ifMatch, key) => { if (quick.state.asked.length === 0) quick.state.version = 8; return first(ifMatch, key); };
  expect(await ordenarSobre(quick.orden, 'k', 0)).toBe('hecha');
  expect(quick.state.asked.map(([version]) => version)).toEqual([7, 8]);
  expect(quick.state.asked[1]?.[1]).not.toBe('k');
});

test('a field that somebody else changed is not overwritten unseen', async () => {
  const { state, orden } = server(7, (version) => (version === 7 ? 'otra cosa' : 'igual'));
  await expect(ordenarSobre(orden, 'k', 0)).rejects.toMatchObject({ status: 412, codigo: 'cambiado' });
  expect(state.asked).toEqual([]);
});

test('a reading that fails leaves the judgement to the server, and other refusals are told', async () => {
  const { state, orden } = server(7);
  await expect(ordenarSobre({ ...orden, leer: () => Promise.reject(new Error('away')) }, 'k', 0)).rejects.toMatchObject({ codigo: 'version_vieja' });
  expect(state.asked.length).toBeGreaterThan(1);
  const refused = new Problem({ status: 422, codigo: 'x', detail: 'no' });
  await expect(ordenarSobre({ ...orden, enviar: () => Promise.reject(refused) }, 'k', 0)).rejects.toBe(refused);
});

test('only what the form shows counts as a change', () => {
  const of = (over: Partial<Tarea>) => ajenos(valoresDeTarea(tarea), valoresDeTarea({ ...tarea, version: 9, ...over }));
  expect(of({ estado: 'en_curso', asignaciones: [{ efectivo: 'e1', estado: 'aceptada', en: '' }], inicio_real: '2026-11-24T03:07:41Z' })).toEqual([]);
  expect(of({ titulo: 'Otro', lista: [{ punto: 1, texto: 'Avisar', cumplido: true, en: null }] })).toEqual([
    { campo: 'titulo', antes: 'Relevar', ahora: 'Otro' }, { campo: 'lista', antes: '', ahora: 'Avisar' },
  ]);
  expect(of({ ubicacion: { lat: -34.6, lon: -58.4 } }).map(({ campo }) => campo)).toEqual(['ubicacion']);
});
