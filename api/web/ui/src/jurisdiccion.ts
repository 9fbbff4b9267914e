import { corto } from './texto';
import type { Jurisdiccion } from './types';

/** As many of each as the server takes. */
export const MAXIMO = 50;

/** One Zona that can be ticked. */
export interface Opcion {
  id: string;
  nombre: string;
}

/** Every Zona by name, and at the end what was given and is no Zona any more: it must be possible to take it away. */
export function opciones(zonas: readonly Opcion[], dadas: readonly string[]): Opcion[] {
  const idas = dadas.filter((id) => !zonas.some((zona) => zona.id === id));
  return [
    ...zonas.map(({ id, nombre }) => ({ id, nombre })).sort((a, b) => a.nombre.localeCompare(b.nombre, 'es')),
    ...idas.map((id) => ({ id, nombre: `Zona quitada ${corto(id)}` })),
  ];
}

/** The unidades that people are in, those left out that were chosen already. */
export function sugerencias(efectivos: readonly { unidad?: string | null }[], elegidas: readonly string[]): string[] {
  const all = new Set(efectivos.map(({ unidad }) => unidad?.trim() ?? ''));
  return [...all].filter((one) => one && !elegidas.includes(one)).sort((a, b) => a.localeCompare(b, 'es'));
}

/** With one more, as it was typed: names are compared letter by letter, so nothing inside is changed. */
export function sumar(unidades: readonly string[], texto: string): string[] {
  const una = texto.trim();
  return !una || unidades.includes(una) ? [...unidades] : [...unidades, una];
}

/** What he answers for, a sentence for each of its two sides. `nombre` knows the Zonas by id. */
export function alcance(jurisdiccion: Jurisdiccion | null | undefined, nombre: (id: string) => string | undefined): string[] {
  const { zonas, unidades } = jurisdiccion ?? { zonas: [], unidades: [] };
  if (zonas.length + unidades.length === 0) return ['Sin límite: alcanza todas las zonas y unidades.'];
  return [
    zonas.length ? `Tareas de ${lista(zonas.map((id) => nombre(id) ?? `zona ${corto(id)}`))}, y las que no son de ninguna zona.` : 'Tareas de todas las zonas, sin límite.',
    unidades.length ? `Efectivos de ${lista(unidades)}, y los que no son de ninguna unidad.` : 'Efectivos de todas las unidades, sin límite.',
  ];
}

function lista(names: readonly string[]): string {
  const sorted = [...names].sort((a, b) => a.localeCompare(b, 'es')).map((one) => `«${one}»`);
  return sorted.length < 2 ? sorted.join('') : `${sorted.slice(0, -1).join(', ')} y ${sorted.at(-1)}`;
}
