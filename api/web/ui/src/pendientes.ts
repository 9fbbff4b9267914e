import { effect, signal } from '@preact/signals';
import { operation } from './operation';
import { puede } from './permisos';
import type { Lista } from './types';

/** What waits for this person's word: requests that take two, and leaves without an answer. */
export const pendientes = signal(0);

/** Nobody is told of them live; this often is soon enough for what waits for days. */
const EVERY_MS = 60_000;

/** Counts again; what cannot be read now keeps its last figure. */
export async function contarPendientes(): Promise<void> {
  const asked = [
    puede('aprobar') ? contar('/aprobaciones', 'solicitada,aprobada') : 0,
    puede('despachar') ? contar('/licencias', 'solicitada') : 0,
  ];
  try {
    const [pedidos = 0, licencias = 0] = await Promise.all(asked);
    pendientes.value = pedidos + licencias;
  } catch {
    // The page itself says what is wrong when it is opened.
  }
}

async function contar(path: string, estado: string): Promise<number> {
  return (await operation.http.read<Lista<unknown>>(path, { estado, limite: 1 }, { minPosition: operation.seen() })).total;
}

/** Counts while somebody who may answer is logged in. */
export function seguirPendientes(): () => void {
  const every = setInterval(() => { if (!document.hidden) void contarPendientes(); }, EVERY_MS);
  const stop = effect(() => {
    if (operation.yo.value) void contarPendientes();
    else pendientes.value = 0;
  });
  return () => { clearInterval(every); stop(); };
}
