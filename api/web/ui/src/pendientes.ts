import { effect, signal } from '@preact/signals';
import { operation } from './operation';
import { puede } from './permisos';
import type { Lista } from './types';

const TITULO = 'GAD · Operación';

/** What waits for this person's word: requests that take two, and leaves without an answer. */
export const pendientes = signal(0);

/** The live layer carries no requests: while the page is looked at, they are counted this often. */
const EVERY_MS = 10_000;

/** How many alerts wait, in the name of the window: it is seen from behind another one. */
export function titular(): () => void {
  const stop = effect(() => {
    void operation.store.tareasRev.value;
    void operation.store.efectivosRev.value;
    const waiting = operation.pendingAlerts().length;
    document.title = waiting > 0 ? `(${waiting}) ${TITULO}` : TITULO;
  });
  return () => { stop(); document.title = TITULO; };
}

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
  const look = () => { if (!document.hidden && operation.yo.peek()) void contarPendientes(); };
  const every = setInterval(look, EVERY_MS);
  document.addEventListener('visibilitychange', look);
  const stop = effect(() => {
    if (operation.yo.value) void contarPendientes();
    else pendientes.value = 0;
  });
  return () => { clearInterval(every); document.removeEventListener('visibilitychange', look); stop(); };
}
