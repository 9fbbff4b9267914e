import { effect, signal } from '@preact/signals';
import type { Objeto } from './map/overlay';
import { selected } from './ui';

/**
 * Where the person is: the operation with what is chosen in it, or one of the
 * pages beside it. All of it is part of the address: reload, back button and a
 * colleague's link find it again.
 */

export const PAGINAS = ['operacion', 'avisos', 'estadisticas', 'usuarios', 'aprobaciones', 'auditoria', 'sistema', 'perfil'] as const;
export type Pagina = (typeof PAGINAS)[number];

export const pagina = signal<Pagina>('operacion');

/** Leaves what is chosen as it is: coming back, it is there. */
export function irA(donde: Pagina): void {
  pagina.value = donde;
}

/** The secret of a one-time link that brought somebody here; out of the address at once. */
export const codigoDeActivacion = signal<string | undefined>(undefined);

if (location.pathname === '/activacion') {
  codigoDeActivacion.value = decodeURIComponent(location.hash.slice(1)) || undefined;
  history.replaceState(null, '', '/');
}

function read(): void {
  const { hash } = location;
  pagina.value = PAGINAS.find((one) => hash === `#/${one}`) ?? 'operacion';
  const match = /^#(tarea|efectivo)-(.+)$/.exec(hash);
  if (match) selected.value = { clase: match[1] as Objeto['clase'], id: decodeURIComponent(match[2] ?? '') };
  else if (pagina.value === 'operacion') selected.value = null;
}

function write(): void {
  const objeto = selected.value;
  const hash = pagina.value !== 'operacion' ? `#/${pagina.value}` : objeto ? `#${objeto.clase}-${objeto.id}` : '';
  if (hash === location.hash) return;
  const address = location.pathname + location.search + hash;
  // A step that the back button undoes: opening something, or another page.
  const step = hash !== '' && (hash.startsWith('#/') || !location.hash || location.hash.startsWith('#/'));
  if (step) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}

read();
effect(write);
window.addEventListener('popstate', read);
