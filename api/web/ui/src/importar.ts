import type { Geometria } from './types';

/** A figure of a GeoJSON file that can be a Zona. */
export interface Figura {
  nombre: string;
  geometria: Geometria;
  radio_m?: number;
}

export interface Leidas {
  figuras: Figura[];
  /** What cannot be one, and why, as people number it. */
  fuera: string[];
}

/** Where a feature may carry its name, whatever the case. */
const NOMBRES = ['nombre', 'name', 'barrio'];
const LARGO = 120;

/** Reads a FeatureCollection, or one Feature; throws a sentence when the file is neither. */
export function leerGeoJSON(text: string): Leidas {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw new Error('El archivo no es GeoJSON: no se puede leer.');
  }
  const features = featuresOf(file);
  if (!features) throw new Error('El archivo no es un FeatureCollection ni un Feature de GeoJSON.');
  const figuras: Figura[] = [];
  const fuera: string[] = [];
  features.forEach((feature, i) => {
    const nombre = nombreDe(feature);
    const figura = nombre ? figuraDe(feature, nombre) : `no tiene un nombre (${NOMBRES.join(', ')}) de hasta ${LARGO} caracteres`;
    if (typeof figura === 'string') fuera.push(`La figura ${i + 1}${nombre ? `, ${nombre},` : ''} ${figura}.`);
    else figuras.push(figura);
  });
  return { figuras, fuera };
}

function featuresOf(file: unknown): Record<string, unknown>[] | undefined {
  const { type, features } = objeto(file);
  if (type === 'Feature') return [objeto(file)];
  return type === 'FeatureCollection' && Array.isArray(features) ? features.map(objeto) : undefined;
}

function nombreDe(feature: Record<string, unknown>): string {
  const properties = Object.entries(objeto(feature['properties']));
  for (const wanted of NOMBRES) {
    const value = properties.find(([key]) => key.toLowerCase() === wanted)?.[1];
    if (typeof value === 'string' && value.trim() && value.trim().length <= LARGO) return value.trim();
  }
  return '';
}

/** The figure, or what is wrong with it. */
function figuraDe(feature: Record<string, unknown>, nombre: string): Figura | string {
  const { type, coordinates } = objeto(feature['geometry']);
  const radio = objeto(feature['properties'])['radio_m'];
  if (type === 'Point' && typeof radio === 'number') return { nombre, geometria: { type, coordinates }, radio_m: radio };
  if (type === 'Polygon' || type === 'MultiPolygon') return { nombre, geometria: { type, coordinates } };
  return 'no es un polígono ni un círculo (Point con radio_m)';
}

function objeto(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
}

/** What is new: a name that is drawn already, or comes twice, is not drawn again. */
export function nuevas(figuras: readonly Figura[], conocidas: Iterable<string>): Figura[] {
  const known = new Set(conocidas);
  return figuras.filter(({ nombre }) => !known.has(nombre) && known.add(nombre));
}
