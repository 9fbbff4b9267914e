import { signal } from '@preact/signals';
import { newKey } from './net/http';
import { Problem, problemOf } from './net/problem';
import { operation } from './operation';
import type { Hecha } from './types';

/** A file on its way to a Tarea. It goes on while the person looks at something else. */
export interface Subida {
  id: number;
  tarea: string;
  file: File;
  key: string;
  /** From 0 to 1. */
  hecho: number;
  problem: Problem | undefined;
  parar: () => void;
}

export const subidas = signal<readonly Subida[]>([]);
let next = 0;

/** Sends files one after the other: a slow line is not made slower. */
let turn: Promise<void> = Promise.resolve();

export function adjuntar(tarea: string, files: Iterable<File>): void {
  for (const file of files) {
    const id = ++next;
    const subida: Subida = { id, tarea, file, key: newKey(), hecho: 0, problem: vacio(file), parar: () => quitar(id) };
    subidas.value = [...subidas.value, subida];
    if (!subida.problem) enviar(subida);
  }
}

/** Tries again what failed: with its key, so that what did arrive is not attached twice. */
export function reintentar(subida: Subida): void {
  cambiar(subida.id, { problem: undefined, hecho: 0 });
  enviar(subida);
}

export function quitar(id: number): void {
  subidas.value = subidas.value.filter((one) => one.id !== id);
}

function enviar({ id, tarea, file, key }: Subida): void {
  const abort = new AbortController();
  cambiar(id, { parar: () => { abort.abort(); quitar(id); } });
  turn = turn.then(async () => {
    if (abort.signal.aborted) return;
    try {
      const { posicion } = await operation.http.upload<Hecha>(`/tareas/${tarea}/adjuntos`, file, {
        key, signal: abort.signal, progress: (hecho) => cambiar(id, { hecho }),
      });
      quitar(id);
      operation.sent(posicion);
      await operation.readTarea(tarea, posicion).catch(() => undefined);
    } catch (cause) {
      if (!abort.signal.aborted) cambiar(id, { problem: problemOf(cause) });
    }
  });
}

function cambiar(id: number, change: Partial<Subida>): void {
  subidas.value = subidas.value.map((one) => (one.id === id ? { ...one, ...change } : one));
}

/** What need not travel to be refused. */
function vacio(file: File): Problem | undefined {
  return file.size > 0 ? undefined : new Problem({ status: 422, codigo: 'archivo_vacio', detail: 'El archivo está vacío.' });
}
