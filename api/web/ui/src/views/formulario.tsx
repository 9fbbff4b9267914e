import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import { useContext, useEffect, useRef } from 'preact/hooks';
import type { Problem } from '../net/problem';
import { problemOf } from '../net/problem';
import { operation } from '../operation';
import { campoNombre } from '../texto';
import type { Hecha } from '../types';
import { avisar, decided, keyFor } from '../ui';
import { Faltas, useRevision } from './revision';

/** What every form shares: one order at a time, one key per intention, errors where they belong. */
export interface Envio {
  problem: Problem | undefined;
  sending: boolean;
  /** What the server said of one field. */
  error: (campo: string) => string | undefined;
  /** Sends; true when the server accepted. */
  enviar: <T extends object>(body: object, send: (key: string) => Promise<T>, done?: string | ((answer: T) => void)) => Promise<boolean>;
  limpiar: () => void;
}

export function useEnvio(intention: string): Envio {
  const problem = useSignal<Problem | undefined>(undefined);
  const sending = useSignal(false);
  return {
    problem: problem.value,
    sending: sending.value,
    error: (campo) => problem.value?.campos.find((one) => one.campo === campo)?.mensaje,
    limpiar: () => { problem.value = undefined; },
    enviar: async (body, send, done) => {
      if (sending.value) return false;
      sending.value = true;
      problem.value = undefined;
      try {
        const answer = await send(keyFor(intention, body));
        decided(intention);
        const { posicion } = answer as Partial<Hecha>;
        if (posicion) operation.sent(posicion);
        if (typeof done === 'string') avisar('bien', done);
        else done?.(answer);
        return true;
      } catch (cause) {
        // After silence the key stays: pressing again is the same order.
        problem.value = problemOf(cause);
        if (!problem.value.transient) decided(intention);
        return false;
      } finally {
        sending.value = false;
      }
    },
  };
}

interface FormProps {
  envio: Envio;
  /** Fields that show their own errors; the others' are listed at the foot. */
  campos: readonly string[];
  boton: string;
  onSubmit: (value: (name: string) => string, form: HTMLFormElement) => void;
  onCancel?: (() => void) | undefined;
  grave?: boolean;
  bloqueado?: boolean | undefined;
  /** Opened by the person just now: the first field takes the focus. */
  enfocar?: boolean;
  label?: string;
  children?: ComponentChildren;
}

/** A form with its problems and buttons. */
export function Form({ envio, campos, boton, onSubmit, onCancel, grave, bloqueado, enfocar, label, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => { if (enfocar) form.current?.querySelector<HTMLElement>('input, select, textarea, button')?.focus(); }, []);
  // The person is led to the field that was refused.
  useEffect(() => {
    if (envio.problem) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [envio.problem]);
  const others = envio.problem?.campos.filter((campo) => !campos.includes(campo.campo)) ?? [];
  const { faltas, revisar, escribe } = useRevision();
  // Fields that stand by themselves have no place of their own to say it.
  const sueltas = faltas.value.filter(({ id }) => !id || !document.getElementById(`${id}-nota`));
  return (
    <form ref={form} class="formulario" aria-label={label} noValidate onInput={escribe} onSubmit={(event) => {
      event.preventDefault();
      const at = event.currentTarget as HTMLFormElement;
      if (!revisar(at)) return;
      const fields = new FormData(at);
      onSubmit((name) => {
        const text = String(fields.get(name) ?? '');
        const field = at.elements.namedItem(name);
        // A space at the end of a password is part of it.
        return field instanceof HTMLInputElement && field.type === 'password' ? text : text.trim();
      }, at);
    }}>
      <Faltas.Provider value={faltas}>{children}</Faltas.Provider>
      <div role="alert" class="problema">
        {sueltas.map((falta, i) => <p key={i}>{falta.label ? `${falta.label}: ` : ''}{falta.mensaje}</p>)}
        {envio.problem && <p>{envio.problem.message}</p>}
        {others.map((campo) => <p key={campo.campo}>{campo.campo ? `${campoNombre(campo.campo)}: ` : ''}{campo.mensaje}</p>)}
      </div>
      <div class="botones">
        <button type="submit" class={grave ? 'grave' : 'principal'} disabled={envio.sending || bloqueado}>
          {envio.sending ? 'Enviando…' : envio.problem?.transient ? 'Reintentar' : boton}
        </button>
        {onCancel && <button type="button" onClick={onCancel}>Volver</button>}
      </div>
    </form>
  );
}

interface CampoProps {
  id: string;
  label: string;
  envio?: Envio;
  /** The field's name in the contract, where its errors are told. */
  campo?: string;
  ayuda?: ComponentChildren;
  children: (attributes: { id: string; 'aria-describedby': string; 'aria-invalid'?: true }) => ComponentChildren;
}

/** A field with its label, its help and what the form or the server said of it. */
export function Campo({ id, label, envio, campo, ayuda, children }: CampoProps) {
  const falta = useContext(Faltas)?.value.find((one) => one.id === id)?.mensaje;
  const error = falta ?? (campo ? envio?.error(campo) : undefined);
  return (
    <div class="campo">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-nota`, ...(error ? { 'aria-invalid': true } : {}) })}
      <p id={`${id}-nota`} class={error ? 'problema' : 'tenue'}>{error ?? ayuda}</p>
    </div>
  );
}
