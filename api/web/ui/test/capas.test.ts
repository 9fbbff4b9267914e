import { expect, test } from 'vitest';
import { lineasDe } from '../src/capas';

test('the lines of a track are found in whatever wraps them', () => {
  const line = { type: 'LineString', coordinates: [[-58.4, -34.6], [-58.5, -34.7, 12]] };
  const want = [[{ lat: -34.6, lon: -58.4 }, { lat: -34.7, lon: -58.5 }]];
  expect(lineasDe(line)).toEqual(want);
  expect(lineasDe({ type: 'FeatureCollection', features: [{ type: 'Feature', geometry: line }, { type: 'Feature', geometry: null }] })).toEqual(want);
  expect(lineasDe({ type: 'MultiLineString', coordinates: [line.coordinates] })).toEqual(want);
  expect(lineasDe({ type: 'Point', coordinates: [0, 0] })).toEqual([]);
  expect(lineasDe(null)).toEqual([]);
});
