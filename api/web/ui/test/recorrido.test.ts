import { describe, expect, test } from 'vitest';
import type { Feature, Paso } from '../src/recorrido';
import type { Palette } from '../src/map/palette';
import { drawTrack } from '../src/map/track';
import { leerRecorrido, paradas } from '../src/recorrido';

const at = (second: number) => new Date(Date.UTC(2026, 10, 24, 3, 0, second)).toISOString();

const feature = (coordinates: number[][]): Feature => ({
  geometry: coordinates.length === 0 ? null : coordinates.length === 1
    ? { type: 'Point', coordinates: coordinates[0] as number[] } : { type: 'LineString', coordinates },
  properties: {
    efectivo: 'e1', distancia_m: 120, dudosos: 2,
    en: coordinates.map((_, i) => at(i)), precision_m: coordinates.map(() => 5), velocidad_mps: coordinates.map((_, i) => (i === 0 ? null : 3)),
  },
});

describe('track', () => {
  test('a line, a single point and nothing are all read', () => {
    const line = leerRecorrido(feature([[-58.4, -34.6], [-58.39, -34.61]]));
    expect(line).toMatchObject({ efectivo: 'e1', distancia_m: 120, dudosos: 2, recortado: false });
    expect(line.pasos).toEqual([
      { lat: -34.6, lon: -58.4, en: at(0), precision_m: 5, velocidad_mps: null, corte: false },
      { lat: -34.61, lon: -58.39, en: at(1), precision_m: 5, velocidad_mps: 3, corte: false },
    ]);
    expect(leerRecorrido(feature([[-58.4, -34.6]])).pasos).toHaveLength(1);
    expect(leerRecorrido(feature([])).pasos).toEqual([]);
  });

  test('where it is cut, every piece keeps its places and its times', () => {
    const places = [[-58.4, -34.6], [-58.39, -34.61], [-58.3, -34.5], [-58.2, -34.4], [-58.1, -34.3]];
    const [a, b, c, d, e] = places as [number[], number[], number[], number[], number[]];
    const { pasos } = leerRecorrido({ ...feature(places), geometry: {
      type: 'GeometryCollection',
      geometries: [{ type: 'LineString', coordinates: [a, b] }, { type: 'Point', coordinates: c }, { type: 'LineString', coordinates: [d, e] }],
    } });
    expect(pasos.map(({ lon, lat }) => [lon, lat])).toEqual(places);
    expect(pasos.map(({ en }) => en)).toEqual([0, 1, 2, 3, 4].map(at));
    expect(pasos.map(({ corte }) => corte)).toEqual([false, false, true, true, false]);
  });

  test('only pieces are drawn, with a dot at each side of a cut', () => {
    const calls: string[] = [];
    const ctx = new Proxy({}, { get: (_, name) => () => { calls.push(String(name)); }, set: () => true }) as CanvasRenderingContext2D;
    const camera = { lat: 0, lon: 0, zoom: 10, width: 100, height: 100 };
    const points = [0, 0.01, 0.02, 0.03].map((lon, i) => ({ lat: 0, lon, en: at(i), corte: i === 2 }));
    drawTrack(ctx, camera, {} as Palette, { points, at: -1 });
    expect(calls.slice(0, 6)).toEqual(['beginPath', 'moveTo', 'lineTo', 'moveTo', 'lineTo', 'stroke']);
    expect(calls.filter((one) => one === 'arc')).toHaveLength(2 + 2); // and its ends
  });

  test('it rests where it stays within some metres for some minutes', () => {
    const paso = (minute: number, metres: number, corte = false): Paso => ({ lat: -34.6 + metres / 111_195, lon: -58.4, en: at(60 * minute), precision_m: 5, velocidad_mps: 0, corte });
    // Moves, stands from minute 2 to 7, moves on, and stands too briefly at the end.
    const track = [paso(0, 0), paso(1, 500), paso(2, 1_000), paso(4, 1_010), paso(7, 1_020), paso(8, 1_600), paso(9, 2_200), paso(10, 2_205)];
    expect(paradas(track)).toEqual([{ desde: 2, hasta: 4, segundos: 300 }]);
    // Nobody stood for as long as nothing was known of him.
    expect(paradas([paso(0, 0), paso(1, 0), paso(60, 0, true), paso(64, 0)])).toEqual([{ desde: 2, hasta: 3, segundos: 240 }]);
    expect(paradas([])).toEqual([]);
    expect(paradas([paso(0, 0)])).toEqual([]);
  });
});
