import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { formulario, transicion } from '../acciones';
import type { Tarea } from '../types';
import { busy } from '../ui';

/** Asks for the words that go with an ending; cancelling needs a reason. */
export function Motivo({ tarea }: { tarea: Tarea }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const text = useSignal('');
  const kind = formulario.value?.tarea === tarea.id ? formulario.value.kind : undefined;
  useEffect(() => field.current?.focus(), [kind]);
  if (!kind) return null;

  const cancelling = kind === 'cancelacion';
  const send = (event: Event) => {
    event.preventDefault();
    const words = text.value.trim();
    const body = cancelling ? { motivo: words } : words ? { observaciones: words } : {};
    void transicion(tarea, kind, cancelling ? 'cancelada' : 'finalizada', body);
  };
  return (
    <form class="motivo" onSubmit={send}>
      <label for="motivo">{cancelling ? 'Motivo de la cancelación' : 'Observaciones (pueden faltar)'}</label>
      <textarea id="motivo" ref={field} rows={2} maxLength={2000} required={cancelling} value={text.value}
        onInput={(event) => { text.value = event.currentTarget.value; }}
        onKeyDown={(event) => { if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); event.currentTarget.form?.requestSubmit(); } }} />
      <div class="botones">
        <button type="submit" class={cancelling ? 'grave' : 'principal'} disabled={busy.value.has(`${kind}-${tarea.id}`)}>
          {cancelling ? 'Cancelar la tarea' : 'Finalizar la tarea'}
        </button>
        <button type="button" onClick={() => { formulario.value = null; }}>Volver</button>
      </div>
    </form>
  );
}
