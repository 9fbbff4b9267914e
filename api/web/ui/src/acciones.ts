import { signal } from '@preact/signals';
import type { Candidato } from './cercanos';
import { mezclar } from './cercanos';
import { problemOf } from './net/problem';
import { operation } from './operation';
import type { Permiso } from './permisos';
import { puede } from './permisos';
import { alDia } from './store/store';
import { ASIGNACION } from './texto';
import type { Cercano, Efectivo, Hecha, Lista, Punto, Tarea } from './types';
import { avisar, busy, order } from './ui';

/** What can be done with a Tarea, by button or by key. */
export interface Accion {
  name: string;
  text: string;
  key: string;
  main?: boolean;
  grave?: boolean;
  /** What whoever orders it must be allowed. */
  need: Permiso;
  run: (tarea: Tarea) => void;
}

/** The small form that an action asks for before it is sent. */
export const formulario = signal<{ tarea: string; kind: ConPalabras | 'edicion' } | null>(null);

/** Steps that somebody may want, or has, to say something about. */
export type ConPalabras = 'pausa' | 'finalizacion' | 'cancelacion' | 'reapertura';

/** Those near the selected Tarea, and somebody chosen by name; null while nobody asked. */
export const candidatos = signal<{ tarea: string; datos: Candidato[] | undefined; otro?: Efectivo } | null>(null);

const ASIGNAR: Accion = { name: 'asignar', text: 'Asignar', key: 'A', main: true, need: 'asignar', run: (tarea) => void buscarCercanos(tarea) };
const INICIAR: Accion = { name: 'inicio', text: 'Iniciar', key: 'I', need: 'ordenar', run: (tarea) => void transicion(tarea, 'inicio', 'iniciada') };
const PAUSAR: Accion = { name: 'pausa', text: 'Pausar', key: 'P', need: 'ordenar', run: pedir('pausa') };
const REANUDAR: Accion = { name: 'reanudacion', text: 'Reanudar', key: 'R', need: 'ordenar', run: (tarea) => void transicion(tarea, 'reanudacion', 'reanudada') };
const FINALIZAR: Accion = { name: 'finalizacion', text: 'Finalizar', key: 'F', need: 'ordenar', run: pedir('finalizacion') };
const MODIFICAR: Accion = { name: 'edicion', text: 'Modificar', key: 'C', need: 'modificar', run: pedir('edicion') };
const CANCELAR: Accion = { name: 'cancelacion', text: 'Cancelar', key: 'X', grave: true, need: 'cancelar', run: pedir('cancelacion') };
const REABRIR: Accion = { name: 'reapertura', text: 'Reabrir', key: 'R', need: 'cancelar', run: pedir('reapertura') };

function pedir(kind: ConPalabras | 'edicion'): (tarea: Tarea) => void {
  return ({ id }) => { formulario.value = { tarea: id, kind }; };
}

/** The orders that make sense for its state and for this person; the server decides all the same. */
export function acciones(tarea: Tarea): Accion[] {
  const yo = operation.yo.value;
  // Somebody of the field changes what he answers for, and nothing else.
  const ajena = yo?.rol === 'efectivo' && tarea.delegado !== yo.id;
  return segunEstado(tarea).filter((accion) => puede(accion.need) && !(ajena && accion === MODIFICAR));
}

function segunEstado(tarea: Tarea): Accion[] {
  switch (tarea.estado) {
    case 'programada': return [ASIGNAR, INICIAR, FINALIZAR, MODIFICAR, CANCELAR];
    case 'en_curso': return [ASIGNAR, PAUSAR, FINALIZAR, MODIFICAR, CANCELAR];
    case 'pausada': return [ASIGNAR, REANUDAR, FINALIZAR, MODIFICAR, CANCELAR];
    case 'finalizada': return [REABRIR];
    default: return [];
  }
}

export async function transicion(tarea: Tarea, path: string, done: string, body: object = {}): Promise<void> {
  const answer = await order(
    `${path}-${tarea.id}`,
    body,
    (key) => operation.http.order<Hecha>('POST', `/tareas/${tarea.id}/${path}`, body, { ifMatch: alDia(tarea), key }),
    `${tarea.codigo} ${done}.`,
  );
  if (!answer) return;
  formulario.value = null;
  await reread(tarea.id, answer.posicion);
}

export async function buscarCercanos(tarea: Tarea): Promise<void> {
  if (!tarea.ubicacion) {
    // Without a place nobody is near; whoever is meant is looked for by name.
    candidatos.value = { tarea: tarea.id, datos: [] };
    return;
  }
  candidatos.value = { tarea: tarea.id, datos: undefined };
  try {
    const datos = await cercanosDe(tarea.ubicacion);
    // The person may have moved on to another one meanwhile.
    if (candidatos.value?.tarea === tarea.id) candidatos.value = { tarea: tarea.id, datos };
  } catch (cause) {
    candidatos.value = null;
    avisar('mal', problemOf(cause).message);
  }
}

/** Reads again who is near while the list is open; what cannot be read now keeps its last figures, and their age. */
export async function refrescarCercanos(tarea: Tarea): Promise<void> {
  if (!tarea.ubicacion) return;
  const asked = candidatos.peek();
  const datos = await cercanosDe(tarea.ubicacion).catch(() => undefined);
  const open = candidatos.peek();
  if (!datos || !open?.datos || open.tarea !== tarea.id || open.datos !== asked?.datos) return;
  candidatos.value = { ...open, datos: mezclar(open.datos, datos) };
}

async function cercanosDe({ lat, lon }: Punto): Promise<Cercano[]> {
  return (await operation.http.read<Pick<Lista<Cercano>, 'datos'>>('/geo/cercanos', { lat, lon, limite: 5, disponibles: true })).datos;
}

/** `forzar`: although he is not free, or not on duty; the log says who wanted it. */
export async function asignar(tarea: Tarea, cercano: Pick<Cercano, 'efectivo' | 'codigo_interno'>, forzar = false): Promise<void> {
  const intention = `asignar-${tarea.id}`;
  if (busy.value.has(intention)) return;
  const body = { efectivo: cercano.efectivo, ...(forzar ? { forzar } : {}) };
  const answer = await order(
    intention,
    body,
    (key) => operation.http.order<Hecha>('POST', `/tareas/${tarea.id}/asignaciones`, body, { ifMatch: alDia(tarea), key }),
    `${tarea.codigo} asignada a ${cercano.codigo_interno}.`,
  );
  if (!answer) {
    // Somebody else was quicker, perhaps: show who is free now.
    if (candidatos.value?.tarea === tarea.id) await buscarCercanos(operation.store.tareas.get(tarea.id) ?? tarea);
    return;
  }
  candidatos.value = null;
  await reread(tarea.id, answer.posicion);
}

/** Offers an emergency to whom the dispatcher chose; an unanswered offer of somebody else ends by it. */
export async function ofrecer(tarea: Tarea, efectivo: string, codigo: string): Promise<void> {
  const body = { efectivo };
  const answer = await order(
    `ofrecer-${tarea.id}`,
    body,
    (key) => operation.http.order<Hecha>('POST', `/tareas/${tarea.id}/ofertas`, body, { ifMatch: alDia(tarea), key }),
    `${tarea.codigo} ofrecida a ${codigo}.`,
  );
  if (answer) await reread(tarea.id, answer.posicion);
}

/** A step that the Efectivo told by radio or telephone; undefined frees him. */
export async function paso(tarea: Tarea, efectivo: string, codigo: string, estado: string | undefined): Promise<void> {
  const path = `/tareas/${tarea.id}/asignaciones/${efectivo}`;
  const body = estado ? { estado } : {};
  const answer = await order(
    `paso-${tarea.id}-${efectivo}`,
    body,
    (key) => operation.http.order<Hecha>(estado ? 'PUT' : 'DELETE', path, body, { ifMatch: alDia(tarea), key }),
    estado ? `${codigo}: ${(ASIGNACION[estado] ?? estado).toLowerCase()}.` : `${codigo} liberado.`,
  );
  if (answer) await reread(tarea.id, answer.posicion);
}

/** The answer is a promise kept in the log; the row follows from it. */
async function reread(id: string, posicion: number): Promise<void> {
  await operation.readTarea(id, posicion).catch(() => undefined);
}
