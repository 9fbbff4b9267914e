import { expect, test } from 'vitest';
import { alcance, opciones, sugerencias, sumar } from '../src/jurisdiccion';

const zonas = [{ id: 'z-norte', nombre: 'Norte' }, { id: 'z-angel', nombre: 'Ángel' }];
const nombre = (id: string) => zonas.find((zona) => zona.id === id)?.nombre;

test('Zonas are offered by name; one that was removed can still be taken away', () => {
  expect(opciones(zonas, ['z-norte', '0190f3c2-89ab-7cde-8000-00000000000f'])).toEqual([
    { id: 'z-angel', nombre: 'Ángel' }, { id: 'z-norte', nombre: 'Norte' },
    { id: '0190f3c2-89ab-7cde-8000-00000000000f', nombre: 'Zona quitada …00000f' },
  ]);
});

test('the unidades that exist are offered once, without those chosen', () => {
  expect(sugerencias([{ unidad: 'Sur' }, { unidad: 'Norte' }, { unidad: 'Sur' }, { unidad: '' }, { unidad: null }, {}], ['Norte'])).toEqual(['Sur']);
});

test('a unidad is added once, its spelling untouched', () => {
  expect(sumar(['Norte'], ' Comisaría  3.ª, anexo ')).toEqual(['Norte', 'Comisaría  3.ª, anexo']);
  expect(sumar(['Norte'], 'Norte ')).toEqual(['Norte']);
  expect(sumar(['Norte'], 'norte')).toEqual(['Norte', 'norte']);
  expect(sumar([], '  ')).toEqual([]);
});

test('no jurisdiction and an empty one are said alike: no limit', () => {
  const libre = ['Sin límite: alcanza todas las zonas y unidades.'];
  for (const one of [null, undefined, { zonas: [], unidades: [] }]) expect(alcance(one, nombre)).toEqual(libre);
});

test('each side is said by itself, with names', () => {
  expect(alcance({ zonas: ['z-norte', 'z-angel', '0190-abcdef'], unidades: [] }, nombre)).toEqual([
    'Tareas de «Ángel», «Norte» y «zona …abcdef», y las que no son de ninguna zona.', 'Efectivos de todas las unidades, sin límite.',
  ]);
  expect(alcance({ zonas: [], unidades: ['Sur'] }, nombre)).toEqual([
    'Tareas de todas las zonas, sin límite.', 'Efectivos de «Sur», y los que no son de ninguna unidad.',
  ]);
});
