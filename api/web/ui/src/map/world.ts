import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import atlasUrl from 'world-atlas/countries-50m.json?url';
import { cutLine, cutPolygon } from './antimeridian';

/** The land of the earth and its borders, in degrees; public domain. */
export interface World {
  /** Polygons, each a list of rings. */
  land: number[][][][];
  borders: number[][][];
}

let loading: Promise<World> | undefined;

/** Reads the atlas that is served with the page; once. */
export function loadWorld(): Promise<World> {
  loading ??= load().catch((cause: unknown) => {
    loading = undefined;
    throw cause;
  });
  return loading;
}

async function load(): Promise<World> {
  const response = await fetch(atlasUrl);
  if (!response.ok) throw new Error(`base map: ${response.status}`);
  const atlas = await response.json() as Topology<{ land: GeometryCollection; countries: GeometryCollection }>;
  return decode(atlas);
}

export function decode(atlas: Topology<{ land: GeometryCollection; countries: GeometryCollection }>): World {
  const land: World['land'] = [];
  for (const { geometry } of feature(atlas, atlas.objects.land).features) {
    if (geometry.type === 'Polygon') land.push(...cutPolygon(geometry.coordinates));
    else if (geometry.type === 'MultiPolygon') {
      for (const polygon of geometry.coordinates) land.push(...cutPolygon(polygon));
    }
  }
  // Only borders between two countries: the coast is the land's own edge.
  const borders = mesh(atlas, atlas.objects.countries, (a, b) => a !== b).coordinates.flatMap(cutLine);
  return { land, borders };
}
