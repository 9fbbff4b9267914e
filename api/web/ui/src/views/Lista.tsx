import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { asidero, blanco, destino } from '../arrastre';
import { number, totalDe } from '../format';
import type { Objeto } from '../map/overlay';
import type { Pagina } from '../store/store';
import { hovered, select, selected } from '../ui';

interface Props {
  clase: Objeto['clase'];
  title: string;
  /** Those shown of the page. */
  ids: string[];
  pagina: Pagina;
  more: (() => void) | undefined;
  row: (id: string) => ComponentChildren;
  filters: ComponentChildren;
  /** Said when the filters leave nothing. */
  empty: string;
}

/**
 * A list of the operation: one tab stop, arrows move the choice, Enter opens it.
 * The choice is the map's as well.
 */
export function Lista({ clase, title, ids, pagina, more, row, filters, empty }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const chosen = selected.value?.clase === clase ? selected.value.id : undefined;

  // Chosen on the map: bring its row into sight.
  useEffect(() => {
    if (chosen) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      moveChoice(clase, ids, step);
    } else if (event.key === 'Enter' && chosen) {
      event.preventDefault();
      document.querySelector<HTMLElement>('.detalle:not([hidden])')?.focus();
    }
  }

  return (
    <section class="lista" aria-label={title}>
      <div class="lista-cabeza">
        <h2>{title} <span class="tenue">{pagina.loaded ? totalDe(pagina) : '…'}</span></h2>
        {filters}
      </div>
      <ul ref={list} role="listbox" aria-label={title} tabIndex={0} data-lista={clase} onKeyDown={onKeyDown}
        aria-activedescendant={chosen && ids.includes(chosen) ? `fila-${chosen}` : undefined}>
        {ids.map((id) => (
          <li key={id} id={`fila-${id}`} role="option" aria-selected={id === chosen} class={destino.value?.id === id ? 'destino' : ''}
            {...asidero({ clase, id })} {...blanco(() => ({ clase, id }))}
            onClick={() => select({ clase, id }, true)}
            onPointerEnter={(event) => { if (event.pointerType !== 'touch') hovered.value = { clase, id }; }}
            onPointerLeave={() => { hovered.value = null; }}>
            {row(id)}
          </li>
        ))}
      </ul>
      {pagina.loaded && ids.length === 0 && <p class="lista-vacia">{empty}</p>}
      {more && <button type="button" class="lista-mas" onClick={more}>Ver más ({number(ids.length)} de {totalDe(pagina)})</button>}
    </section>
  );
}

/** Moves the choice within a list; infinite steps go to its ends. */
export function moveChoice(clase: Objeto['clase'], ids: readonly string[], step: number): void {
  if (ids.length === 0) return;
  const at = selected.value?.clase === clase ? ids.indexOf(selected.value.id) : -1;
  const next = at < 0 && Number.isFinite(step) ? 0 : Math.max(0, Math.min(ids.length - 1, at + step));
  const id = ids[next];
  if (id) select({ clase, id }, true);
}
