import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ConPalabras } from '../acciones';
import { formulario, transicion } from '../acciones';
import type { Tarea } from '../types';
import { busy } from '../ui';
import { useRevision } from './revision';

interface Palabras {
  label: string;
  boton: string;
  /** How the news of it ends: `T-1 pausada.` */
  done: string;
  campo: 'motivo' | 'observaciones';
  required?: boolean;
  grave?: boolean;
}

const PALABRAS: Record<ConPalabras, Palabras> = {
  pausa: { label: 'Motivo de la pausa (puede faltar)', boton: 'Pausar la tarea', done: 'pausada', campo: 'motivo' },
  finalizacion: { label: 'Observaciones (pueden faltar)', boton: 'Finalizar la tarea', done: 'finalizada', campo: 'observaciones' },
  cancelacion: { label: 'Motivo de la cancelación', boton: 'Cancelar la tarea', done: 'cancelada', campo: 'motivo', required: true, grave: true },
  reapertura: { label: 'Motivo de la reapertura', boton: 'Reabrir la tarea', done: 'reabierta', campo: 'motivo', required: true },
};

/** Asks for the words that go with a step; some of them need a reason. */
export function Motivo({ tarea }: { tarea: Tarea }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const text = useSignal('');
  const { faltas, revisar, escribe, olvidar } = useRevision();
  const kind = formulario.value?.tarea === tarea.id && formulario.value.kind !== 'edicion' ? formulario.value.kind : undefined;
  // Before anybody can see the field: an effect later on would take away what he has typed by then.
  useLayoutEffect(() => { text.value = ''; olvidar(); field.current?.focus(); }, [kind]);
  if (!kind) return null;

  const { label, boton, done, campo, required, grave } = PALABRAS[kind];
  const falta = faltas.value[0]?.mensaje;
  const send = (event: Event) => {
    event.preventDefault();
    if (!revisar(event.currentTarget as HTMLFormElement)) return;
    const words = text.value.trim();
    void transicion(tarea, kind, done, words ? { [campo]: words } : {});
  };
  return (
    <form class="motivo" noValidate onInput={escribe} onSubmit={send}>
      <label for="motivo">{label}</label>
      <textarea id="motivo" ref={field} rows={2} maxLength={4000} required={required} value={text.value} aria-describedby="motivo-nota" aria-invalid={falta ? true : undefined}
        onInput={(event) => { text.value = event.currentTarget.value; }}
        onKeyDown={(event) => { if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); event.currentTarget.form?.requestSubmit(); } }} />
      <p id="motivo-nota" class="problema">{falta}</p>
      <div class="botones">
        <button type="submit" class={grave ? 'grave' : 'principal'} disabled={busy.value.has(`${kind}-${tarea.id}`)}>{boton}</button>
        <button type="button" onClick={() => { formulario.value = null; }}>Volver</button>
      </div>
    </form>
  );
}
