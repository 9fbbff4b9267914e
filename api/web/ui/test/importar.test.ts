import { expect, test } from 'vitest';
import { leerGeoJSON, nuevas } from '../src/importar';

const ring = [[[-58.4, -34.6], [-58.3, -34.6], [-58.3, -34.5], [-58.4, -34.6]]];
const feature = (properties: object, geometry: object = { type: 'Polygon', coordinates: ring }) => ({ type: 'Feature', properties, geometry });
const read = (...features: object[]) => leerGeoJSON(JSON.stringify({ type: 'FeatureCollection', features }));

test('each named figure is a Zona, whatever the case of its name', () => {
  const { figuras, fuera } = read(
    feature({ nombre: ' Agronomia ', comuna: 15 }), feature({ BARRIO: 'BOEDO' }, { type: 'MultiPolygon', coordinates: [ring], bbox: [0, 0, 1, 1] }),
    feature({ name: 'Obelisco', radio_m: 200 }, { type: 'Point', coordinates: [-58.38, -34.6] }),
  );
  expect(fuera).toEqual([]);
  expect(figuras).toEqual([
    { nombre: 'Agronomia', geometria: { type: 'Polygon', coordinates: ring } },
    { nombre: 'BOEDO', geometria: { type: 'MultiPolygon', coordinates: [ring] } },
    { nombre: 'Obelisco', geometria: { type: 'Point', coordinates: [-58.38, -34.6] }, radio_m: 200 },
  ]);
});

test('what cannot be one is told by its number, and stops nothing', () => {
  const { figuras, fuera } = read(feature({}), feature({ nombre: 'Una calle' }, { type: 'LineString', coordinates: [] }), feature({ nombre: 'x'.repeat(121) }), feature({ nombre: 'Palermo' }));
  expect(figuras.map((one) => one.nombre)).toEqual(['Palermo']);
  expect(fuera).toEqual([
    'La figura 1 no tiene un nombre (nombre, name, barrio) de hasta 120 caracteres.',
    'La figura 2, Una calle, no es un polígono ni un círculo (Point con radio_m).',
    'La figura 3 no tiene un nombre (nombre, name, barrio) de hasta 120 caracteres.',
  ]);
});

test('one Feature alone is a file too; anything else is refused in words', () => {
  expect(leerGeoJSON(JSON.stringify(feature({ nombre: 'Sola' }))).figuras).toHaveLength(1);
  expect(() => leerGeoJSON('hola')).toThrow('no se puede leer');
  for (const text of ['null', '[]', '{"type":"Topology"}', '{"type":"FeatureCollection"}']) expect(() => leerGeoJSON(text)).toThrow('FeatureCollection');
});

test('a name that is drawn already is not drawn twice', () => {
  const { figuras } = read(feature({ nombre: 'A' }), feature({ nombre: 'B' }), feature({ nombre: 'B' }));
  expect(nuevas(figuras, ['A']).map((one) => one.nombre)).toEqual(['B']);
});
