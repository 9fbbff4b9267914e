import { useEffect, useRef } from 'preact/hooks';
import { asignar, candidatos } from '../acciones';
import { distance } from '../format';
import { operation } from '../operation';
import type { Tarea } from '../types';
import { hovered } from '../ui';
import { Sim, Visto } from './piezas';

/** Who is nearest and free; the first one has the focus, so that Enter assigns. */
export function Cercanos({ tarea }: { tarea: Tarea }) {
  const first = useRef<HTMLButtonElement>(null);
  const found = candidatos.value?.tarea === tarea.id ? candidatos.value : undefined;
  const ready = found?.datos !== undefined;
  useEffect(() => first.current?.focus(), [ready]);
  if (!found) return null;

  function onKeyDown(event: KeyboardEvent & { currentTarget: HTMLElement }) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('li button')];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus();
  }

  return (
    <section class="cercanos" aria-label="Los más cercanos" onKeyDown={onKeyDown}>
      <h3>Disponibles más cercanos</h3>
      {!found.datos && <p>Buscando…</p>}
      {found.datos?.length === 0 && <p class="sin-asignar">No hay nadie disponible con posición conocida.</p>}
      <ul>
        {found.datos?.map((cercano, i) => (
          <li key={cercano.efectivo}>
            <button type="button" ref={i === 0 ? first : null} class={i === 0 ? 'principal' : ''} data-cercano={cercano.efectivo}
              onClick={() => void asignar(tarea, cercano)}
              onFocus={() => { hovered.value = { clase: 'efectivo', id: cercano.efectivo }; }}
              onBlur={() => { hovered.value = null; }}>
              <b>{cercano.codigo_interno}</b>
              {(cercano.simulado ?? operation.store.efectivos.get(cercano.efectivo)?.simulado) && <Sim />}
              <span>a {distance(cercano.distancia_m)}</span>
              <Visto en={cercano.en} />
            </button>
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => { candidatos.value = null; }}>No asignar</button>
    </section>
  );
}
