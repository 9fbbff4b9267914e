import type { Disponibilidad, Prioridad } from '../types';

/** Colours of the map, taken from the style sheet so that there is one place. */
export interface Palette {
  sea: string;
  land: string;
  border: string;
  grid: string;
  gridText: string;
  text: string;
  halo: string;
  accent: string;
  zone: string;
  sim: string;
  disponibilidad: Record<Disponibilidad, string>;
  prioridad: Record<Prioridad, string>;
}

/** The palette of the theme in force now. */
export function readPalette(root: Element = document.documentElement): Palette {
  const style = getComputedStyle(root);
  const get = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    sea: get('mapa-mar'),
    land: get('mapa-tierra'),
    border: get('mapa-limite'),
    grid: get('mapa-cuadricula'),
    gridText: get('mapa-cuadricula-texto'),
    text: get('texto'),
    halo: get('mapa-tierra'),
    accent: get('acento'),
    zone: get('zona'),
    sim: get('sim'),
    disponibilidad: {
      disponible: get('disponible'),
      en_tarea: get('en-tarea'),
      no_disponible: get('no-disponible'),
      fuera_servicio: get('fuera-servicio'),
      en_licencia: get('en-licencia'),
    },
    prioridad: {
      1: get('prioridad-1'), 2: get('prioridad-2'), 3: get('prioridad-3'),
      4: get('prioridad-4'), 5: get('prioridad-5'),
    },
  };
}
