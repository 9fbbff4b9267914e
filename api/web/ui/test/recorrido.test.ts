import { describe, expect, test } from 'vitest';
import type { Feature, Paso } from '../src/recorrido';
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
      { lat: -34.6, lon: -58.4, en: at(0), precision_m: 5, velocidad_mps: null },
      { lat: -34.61, lon: -58.39, en: at(1), precision_m: 5, velocidad_mps: 3 },
    ]);
    expect(leerRecorrido(feature([[-58.4, -34.6]])).pasos).toHaveLength(1);
    expect(leerRecorrido(feature([])).pasos).toEqual([]);
  });

  test('it rests where it stays within some metres for some minutes', () => {
    const paso = (minute: number, metres: number): Paso => ({ lat: -34.6 + metres / 111_195, lon: -58.4, en: at(60 * minute), precision_m: 5, velocidad_mps: 0 });
    // Moves, stands from minute 2 to 7, moves on, and stands too briefly at the end.
    const track = [paso(0, 0), paso(1, 500), paso(2, 1_000), paso(4, 1_010), paso(7, 1_020), paso(8, 1_600), paso(9, 2_200), paso(10, 2_205)];
    expect(paradas(track)).toEqual([{ desde: 2, hasta: 4, segundos: 300 }]);
    expect(paradas([])).toEqual([]);
    expect(paradas([paso(0, 0)])).toEqual([]);
  });
});
