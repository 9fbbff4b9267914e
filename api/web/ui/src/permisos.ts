import { computed } from '@preact/signals';
import { operation } from './operation';
import type { Rol } from './types';

/**
 * What is offered to whom. The server decides all the same; a button that could
 * only be refused would waste a tired person's time.
 */
const ALCANZA: Record<string, readonly Rol[]> = {
  ordenar: ['efectivo', 'supervisor', 'administrador', 'servicio'],
  despachar: ['supervisor', 'administrador'],
  figuras: ['supervisor', 'administrador', 'auditor', 'servicio'],
  verUsuarios: ['supervisor', 'administrador', 'auditor'],
  usuarios: ['administrador'],
  jurisdiccion: ['administrador'],
  acusar: ['efectivo', 'supervisor', 'administrador', 'servicio'],
  recorrido: ['supervisor', 'administrador'],
  aprobaciones: ['supervisor', 'administrador', 'auditor'],
  verPedidos: ['administrador', 'auditor'],
  aprobar: ['administrador'],
  sistema: ['administrador', 'auditor'],
  auditoria: ['administrador', 'auditor'],
  reconstruir: ['administrador'],
};

export type Permiso = 'ordenar' | 'despachar' | 'figuras' | 'verUsuarios' | 'usuarios' | 'jurisdiccion' | 'acusar' | 'recorrido' | 'aprobaciones' | 'verPedidos' | 'aprobar' | 'sistema' | 'auditoria' | 'reconstruir';

export function puede(what: Permiso): boolean {
  const rol = rolActual.value;
  return rol !== undefined && (ALCANZA[what] ?? []).includes(rol);
}

/** Who answers for some Zonas only moves no borders: others would see them moved. */
export function dibujaZonas(): boolean {
  const yo = operation.yo.value;
  return puede('despachar') && !(yo?.rol === 'supervisor' && yo.jurisdiccion?.zonas.length);
}

const rolActual = computed(() => operation.yo.value?.rol);
