import type { ReadonlySignal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { createContext } from 'preact';
import type { CampoDeForm, Falta } from '../validez';
import { faltasDe, mensajeDe } from '../validez';

const NINGUNA: readonly Falta[] = [];

/** What the form around a field found wanting, for the field to say. */
export const Faltas = createContext<ReadonlySignal<readonly Falta[]> | undefined>(undefined);

export interface Revision {
  faltas: ReadonlySignal<readonly Falta[]>;
  /** Whether all is as it must be; else the person is led to the first that is not. */
  revisar: (form: HTMLFormElement) => boolean;
  /** What was put right is not complained of any longer. */
  escribe: (event: Event) => void;
  /** The form asks for something else now. */
  olvidar: () => void;
}

/** For a form with `noValidate`. */
export function useRevision(): Revision {
  const faltas = useSignal(NINGUNA);
  return {
    faltas,
    olvidar: () => { faltas.value = NINGUNA; },
    revisar: (form) => {
      const found = faltasDe(form);
      faltas.value = found.faltas;
      if (!found.primero) return true;
      // What lies folded away cannot take the focus.
      for (let at = found.primero.closest('details'); at; at = at.parentElement?.closest('details') ?? null) at.open = true;
      found.primero.focus();
      return false;
    },
    escribe: ({ target }) => {
      const field = target as CampoDeForm;
      if (!faltas.peek().some(({ id }) => id === field.id)) return;
      const mensaje = mensajeDe(field);
      faltas.value = faltas.peek().flatMap((one) => (one.id !== field.id ? [one] : mensaje ? [{ ...one, mensaje }] : []));
    },
  };
}
