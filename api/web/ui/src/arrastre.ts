import { signal } from '@preact/signals';
import { asignar, candidatos } from './acciones';
import type { Objeto } from './map/overlay';
import { operation } from './operation';
import { cabe, pareja } from './pareja';
import { puede } from './permisos';
import { select } from './ui';

/**
 * Assigning by drag: somebody of the field onto a Tarea, or a Tarea onto him; from
 * the lists, onto the lists, the map or the panel. `A` does the same without a mouse.
 */

/** What is on its way. */
export const arrastrado = signal<Objeto | null>(null);

/** What it would be dropped on now. */
export const destino = signal<Objeto | null>(null);

/** What a row needs to be dragged. */
export function asidero(objeto: Objeto) {
  if (!puede('asignar')) return {};
  return {
    draggable: true,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer?.setData('text/plain', nombre(objeto));
      if (event.dataTransfer) event.dataTransfer.effectAllowed = 'link';
      arrastrado.value = objeto;
    },
    onDragEnd: soltado,
  };
}

/** What makes something take a drop; `quien` is asked where exactly, as the map must. */
export function blanco(quien: (event: DragEvent) => Objeto | null) {
  return {
    onDragOver: (event: DragEvent) => {
      const on = quien(event);
      if (!on || !sirve(on)) {
        if (destino.peek()) destino.value = null;
        return;
      }
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'link';
      if (destino.peek()?.id !== on.id) destino.value = on;
    },
    onDragLeave: () => { destino.value = null; },
    onDrop: (event: DragEvent) => {
      const what = arrastrado.peek();
      const on = destino.peek(); // what was shown: a marker may have moved under the hand since
      soltado();
      if (!what || !on) return;
      event.preventDefault();
      void juntar(what, on);
    },
  };
}

function soltado(): void {
  arrastrado.value = null;
  destino.value = null;
}

/** Whether what is dragged may be dropped there. */
function sirve(on: Objeto): boolean {
  const what = arrastrado.peek();
  const two = what && pareja(what, on);
  return two !== undefined && two !== null && cabe(operation.store.tareas.get(two.tarea), operation.store.efectivos.get(two.efectivo));
}

/** Assigns at once who is free; of anybody else the panel asks first. */
export async function juntar(una: Objeto, otra: Objeto): Promise<void> {
  const two = pareja(una, otra);
  const tarea = two && operation.store.tareas.get(two.tarea);
  const efectivo = two && operation.store.efectivos.get(two.efectivo);
  if (!tarea || !efectivo || !cabe(tarea, efectivo)) return;
  // The panel says what was done, and has the way back beside it.
  select({ clase: 'tarea', id: tarea.id });
  if (efectivo.disponibilidad === 'disponible') await asignar(tarea, { efectivo: efectivo.id, codigo_interno: efectivo.codigo_interno });
  else candidatos.value = { tarea: tarea.id, datos: [], otro: efectivo };
}

function nombre({ clase, id }: Objeto): string {
  return (clase === 'tarea' ? operation.store.tareas.get(id)?.codigo : operation.store.efectivos.get(id)?.codigo_interno) ?? id;
}
