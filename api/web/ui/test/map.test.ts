import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cutLine, cutPolygon } from '../src/map/antimeridian';
import { gridFor, round125 } from '../src/map/grid';
import type { Camera } from '../src/map/mercator';
import { bounds, DEGREE_M, fit, metresPerPixel, together, toDegrees, toScreen } from '../src/map/mercator';
import { middle } from '../src/map/middle';
import { MOST_NAMED, roomFor } from '../src/map/names';
import type { Mark } from '../src/map/under';
import { nearest, pile } from '../src/map/under';
import { decode } from '../src/map/world';

const camera: Camera = { lat: -34.6, lon: -58.4, zoom: 13, width: 1000, height: 600 };

describe('mercator', () => {
  test('a place goes to the screen and comes back', () => {
    for (const [lat, lon] of [[-34.6, -58.4], [-34.55, -58.5], [0, 0], [84, 179]] as const) {
      const { x, y } = toScreen(camera, lat, lon);
      const back = toDegrees(camera, x, y);
      expect(back.lat).toBeCloseTo(lat, 9);
      expect(back.lon).toBeCloseTo(lon, 9);
    }
  });

  test('the centre is in the middle, north is up, east is right', () => {
    expect(toScreen(camera, camera.lat, camera.lon)).toEqual({ x: 500, y: 300 });
    expect(toScreen(camera, -34.5, -58.4).y).toBeLessThan(300);
    expect(toScreen(camera, -34.6, -58.3).x).toBeGreaterThan(500);
  });

  test('pixels measure metres', () => {
    const a = toScreen(camera, -34.6, -58.4);
    const b = toScreen(camera, -34.6 + 1_000 / DEGREE_M, -58.4);
    expect(Math.abs(a.y - b.y) * metresPerPixel(camera)).toBeCloseTo(1_000, 0);
  });

  test('a fitted camera shows every point', () => {
    const points = [{ lat: -34.55, lon: -58.5 }, { lat: -34.7, lon: -58.3 }];
    const fitted = fit(points, camera);
    const [west, south, east, north] = bounds({ ...camera, ...fitted });
    for (const { lat, lon } of points) {
      expect(lat).toBeGreaterThan(south);
      expect(lat).toBeLessThan(north);
      expect(lon).toBeGreaterThan(west);
      expect(lon).toBeLessThan(east);
    }
    expect(fit([], camera)).toBeUndefined();
    expect(fit([points[0] as { lat: number; lon: number }], camera)?.zoom).toBe(15.5);
  });

  test('one wrong fix far away does not shrink the operation to a dot', () => {
    const near = Array.from({ length: 20 }, (_, i) => ({ lat: -34.6 + i / 1000, lon: -58.4 }));
    expect(together([...near, { lat: 0, lon: 0 }])).toEqual(near);
    expect(together([])).toEqual([]);
    const two = [{ lat: -34, lon: -58 }, { lat: 40, lon: 2 }];
    expect(together(two)).toEqual(two);
  });
});

describe('grid', () => {
  test('squares near the ground are a round number of metres, true to 2 %', () => {
    for (let zoom = 8; zoom <= 18; zoom += 0.5) {
      const here = { ...camera, zoom };
      const { horizontal, vertical, caption } = gridFor(here);
      const metres = caption.endsWith('km') ? parseFloat(caption) * 1_000 : parseFloat(caption);
      expect(round125(metres)).toBe(metres);
      const high = Math.abs((horizontal[0]?.y ?? 0) - (horizontal[1]?.y ?? 0));
      const wide = Math.abs((vertical[0]?.x ?? 0) - (vertical[1]?.x ?? 0));
      expect(high).toBeGreaterThan(85);
      expect(Math.abs((high * metresPerPixel(here)) / metres - 1)).toBeLessThan(0.02);
      expect(Math.abs((wide * metresPerPixel(here)) / metres - 1)).toBeLessThan(0.02);
    }
  });

  test('lines stay where they are while the map pans', () => {
    const before = gridFor(camera).vertical.map(({ label }) => label);
    const after = gridFor({ ...camera, lon: camera.lon + 0.001 }).vertical.map(({ label }) => label);
    expect(after.filter((label) => before.includes(label)).length).toBeGreaterThanOrEqual(before.length - 1);
  });

  test('from far it is a graticule of degrees, and never a wall of lines', () => {
    expect(gridFor({ ...camera, zoom: 3 }).caption).toMatch(/^\d+°$/);
    for (let zoom = 0; zoom <= 19; zoom++) {
      const grid = gridFor({ ...camera, zoom, width: 3840, height: 2160 });
      expect(grid.vertical.length + grid.horizontal.length).toBeLessThan(120);
    }
  });

  test.each([[0.7, 1], [1, 1], [1.1, 2], [3, 5], [7, 10], [140, 200], [2_600, 5_000]])('%d rounds up to %d', (value, round) => {
    expect(round125(value)).toBe(round);
  });
});

describe('the antimeridian', () => {
  const width = (ring: number[][]) => Math.max(...ring.map((p) => p[0] ?? 0)) - Math.min(...ring.map((p) => p[0] ?? 0));

  test('land over it is cut in two, each part on its side', () => {
    const parts = cutPolygon([[[170, 0], [-170, 0], [-170, 10], [170, 10], [170, 0]]]);
    expect(parts.map(([ring]) => width(ring as number[][]))).toEqual([10, 10]);
  });

  test('land away from it is left alone', () => {
    const ring = [[-60, -35], [-58, -35], [-58, -34], [-60, -35]];
    expect(cutPolygon([ring])).toEqual([[ring]]);
  });

  test('lines over it are broken', () => {
    expect(cutLine([[179, 1], [-179, 1], [-178, 1]])).toEqual([[[-179, 1], [-178, 1]]]);
  });

  test('nothing of the real atlas smears across the map', () => {
    const atlas = JSON.parse(readFileSync(new URL('../node_modules/world-atlas/countries-50m.json', import.meta.url), 'utf8')) as Parameters<typeof decode>[0];
    const { land, borders } = decode(atlas);
    expect(land.length).toBeGreaterThan(1_000);
    const smears = [...land.flat(), ...borders].flatMap((line) => line.filter((point, i) => {
      const [lon = 0, lat = 0] = point;
      const next = line[i + 1]?.[0] ?? lon;
      // Only Antarctica's closing line along the pole may be that long.
      return Math.abs(lon) > 180 || (lat > -89 && Math.abs(next - lon) > 180);
    }));
    expect(smears).toEqual([]);
  });
});

describe('middle', () => {
  const square = [{ x: 1e6, y: 1e6 }, { x: 1e6 + 10, y: 1e6 }, { x: 1e6 + 10, y: 1e6 + 10 }, { x: 1e6, y: 1e6 + 10 }];

  test('is the same whichever way the ring runs, closed or open', () => {
    const want = { x: 1e6 + 5, y: 1e6 + 5, area: 100 };
    expect(middle(square)).toEqual(want);
    expect(middle([...square].reverse())).toEqual(want);
    expect(middle([...square, square[0] as (typeof square)[0]])).toEqual(want);
  });

  test('of what has no area there is none', () => {
    expect(middle([])).toBeUndefined();
    expect(middle([{ x: 1, y: 1 }, { x: 5, y: 5 }])).toBeUndefined();
  });
});

describe('names', () => {
  const named = (text: string, x: number, y: number) => ({ text, x, y, half: 20 });

  test('a name that would hide another mark or name is left out', () => {
    const far = named('A', 100, 100);
    const near = named('B', 110, 101);
    const free = named('C', 300, 100);
    const marks = [far, near, free];
    // A stands over B's mark in no way, yet their names would meet: the first in line stays.
    expect(roomFor(marks, marks).map((one) => one.text)).toEqual(['A', 'C']);
    // A mark right below has its place, and no name over it.
    expect(roomFor([far], [far, { x: 105, y: 118 }])).toEqual([]);
  });

  test('a crowd has no names', () => {
    const marks = Array.from({ length: MOST_NAMED + 1 }, (_, i) => named(String(i), 200 * i, 0));
    expect(roomFor(marks, marks)).toEqual([]);
    expect(roomFor(marks.slice(1), marks.slice(1))).toHaveLength(MOST_NAMED);
  });
});

describe('marks under the pointer', () => {
  const mark = (clase: Mark['clase'], id: string, x: number, y: number): Mark => ({ clase, id, x, y });
  const ids = (marks: Mark[], x: number, y: number) => pile(marks, x, y).map(({ id }) => id);

  test('those on one spot are all told, the topmost first', () => {
    const marks = [mark('efectivo', 'e1', 100, 94), mark('tarea', 't1', 100, 100), mark('tarea', 't2', 100, 100), mark('tarea', 't3', 300, 100)];
    expect(ids(marks, 101, 95)).toEqual(['t2', 't1', 'e1']);
    expect(nearest(marks, 101, 95)?.id).toBe('t2');
    expect(nearest(marks, 101, 95, 'efectivo')?.id).toBe('e1');
    expect(ids(marks, 300, 94)).toEqual(['t3']);
    expect(ids(marks, 200, 200)).toEqual([]);
  });

  test('who stands at the place of a Tarea is pointed at by himself: its sign is above him', () => {
    const marks = [mark('efectivo', 'e1', 100, 108), mark('tarea', 't1', 100, 100)];
    expect(ids(marks, 100, 94)).toEqual(['t1']);
    expect(ids(marks, 100, 108)).toEqual(['e1']);
  });
});
