import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { totalDe } from '../format';
import { useCalma, useLectura } from '../lectura';
import type { Lista } from '../types';

interface Props<T extends { id: string }> {
  id: string;
  label: string;
  /** A list of the REST face that takes `q`. */
  path: string;
  query?: Record<string, unknown>;
  render: (row: T) => ComponentChildren;
  onPick: (row: T) => void;
  /** Said when nothing is found. */
  nadie?: string;
}

const SHOWN = 6;

/** Finds one row of a list by typing; arrows go down to the results, Enter takes one. */
export function Buscador<T extends { id: string }>({ id, label, path, query = {}, render, onPick, nadie = 'Nadie coincide.' }: Props<T>) {
  const text = useSignal('');
  const q = useCalma(text).trim();
  const list = useRef<HTMLUListElement>(null);
  const { datos, problem } = useLectura<Lista<T>>(q ? path : null, { ...query, q, limite: SHOWN });
  const found = q ? datos?.datos : undefined;

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const first = event.key === 'Enter' && event.target instanceof HTMLInputElement;
    if (step === undefined && !first) return;
    // Enter in the field takes the first result; it never sends the form around.
    event.preventDefault();
    const buttons = [...list.current?.querySelectorAll<HTMLElement>('button') ?? []];
    if (first) buttons[0]?.click();
    else buttons[Math.max(0, Math.min(buttons.length - 1, buttons.indexOf(document.activeElement as HTMLElement) + (step ?? 0)))]?.focus();
  }

  return (
    <div class="campo buscador" onKeyDown={onKeyDown}>
      <label for={id}>{label}</label>
      <input id={id} type="search" autocomplete="off" value={text.value} onInput={(event) => { text.value = event.currentTarget.value; }} />
      <ul ref={list} aria-label={`Resultados: ${label}`}>
        {found?.map((row) => (
          <li key={row.id}><button type="button" onClick={() => { text.value = ''; onPick(row); }}>{render(row)}</button></li>
        ))}
      </ul>
      <p class={problem ? 'problema' : 'tenue'} role="status">
        {problem?.message ?? (found?.length === 0 ? nadie : found && datos && datos.total > SHOWN ? `Hay ${totalDe(datos)}; escriba más.` : '')}
      </p>
    </div>
  );
}
