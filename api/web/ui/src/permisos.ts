import { computed } from '@preact/signals';
import type { Permiso } from './alcanza';
import { ALCANZA } from './alcanza';
import { operation } from './operation';
import type { Rol } from './types';

export type { Permiso };

export function puede(what: Permiso): boolean {
  const rol = rolActual.value;
  return rol !== undefined && (ALCANZA[what] as readonly Rol[]).includes(rol);
}

/** Who answers for some Zonas only moves no borders: others would see them moved. */
export function dibujaZonas(): boolean {
  const yo = operation.yo.value;
  return puede('despachar') && !(yo?.rol === 'supervisor' && yo.jurisdiccion?.zonas.length);
}

const rolActual = computed(() => operation.yo.value?.rol);
