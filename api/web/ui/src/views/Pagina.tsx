import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { irA, pagina } from '../nav';
import type { Lectura } from '../leido';
import type { Problem } from '../net/problem';
import { sentence } from '../ui';
import { Aprobaciones } from './admin/Aprobaciones';
import { Sistema } from './admin/Sistema';
import { Usuarios } from './admin/Usuarios';
import { Auditoria } from './auditoria/Auditoria';
import { Perfil } from './cuenta/Perfil';
import { Estadisticas } from './estadisticas/Estadisticas';
import { Recordatorios } from './Recordatorios';

/** The page that is not the operation. */
export function PaginaActual() {
  switch (pagina.value) {
    case 'perfil': return <Perfil />;
    case 'aprobaciones': return <Aprobaciones />;
    case 'avisos': return <Recordatorios />;
    case 'auditoria': return <Auditoria />;
    case 'estadisticas': return <Estadisticas />;
    case 'sistema': return <Sistema />;
    case 'usuarios': return <Usuarios />;
    default: return null;
  }
}

/** A page beside the operation: its title has the focus when it opens, Esc goes back. */
export function Pagina({ titulo, children, ancha }: { titulo: string; children: ComponentChildren; ancha?: boolean }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <main class={ancha ? 'pagina pagina-ancha' : 'pagina'}>
      <header>
        <h2 ref={title} tabIndex={-1}>{titulo}</h2>
        <button type="button" class="cerrar" title="Volver a la operación (Esc)" aria-label="Volver a la operación" onClick={() => irA('operacion')}>✕</button>
      </header>
      {children}
    </main>
  );
}

/** What stands in the place of something that is not there yet. */
export function Espera({ problem, vacia, releer }: { problem?: Problem | undefined; vacia?: string | undefined; releer?: (() => void) | undefined }) {
  if (problem) return <p class="problema" role="alert">{sentence(problem)} {releer && <button type="button" onClick={releer}>Reintentar</button>}</p>;
  return <p class="tenue" role="status">{vacia ?? 'Leyendo…'}</p>;
}

/** Beside what was read before: that it is not yet, or could not be, what is asked now. */
export function Atraso({ de: { datos, problem, anterior, releer } }: { de: Lectura<unknown> }) {
  if (!datos) return null;
  if (problem) return <p class="problema" role="alert">Sin actualizar: {problem.message} Se ve lo leído antes. <button type="button" onClick={releer}>Reintentar</button></p>;
  return anterior ? <p class="tenue" role="status">Leyendo… todavía se ve lo anterior.</p> : null;
}
