import { newKey } from './net/http';
import { Problem, problemOf } from './net/problem';

/** Changing something that somebody else may change meanwhile: nobody's words are overwritten unseen. */

/** What the fields of a form say of an object, by their names. */
export type Valores = Record<string, string>;

/** A field that is not what it was when the form was opened. */
export interface Ajeno {
  campo: string;
  antes: string;
  ahora: string;
}

export function ajenos(before: Valores, now: Valores): Ajeno[] {
  return Object.keys(before).filter((campo) => before[campo] !== now[campo])
    .map((campo) => ({ campo, antes: before[campo] ?? '', ahora: now[campo] ?? '' }));
}

interface Orden<T> {
  /** Brings what is known up to date. */
  leer: () => Promise<void>;
  version: () => number;
  /** Whether a field is not what the person has seen. */
  cambiaron: () => boolean;
  enviar: (version: number, key: string) => Promise<T>;
}

/** How often what moved on meanwhile, with the fields as they were, is sent again. */
const TRIES = 4;

/** The read models are a moment behind the log that refused. */
const AGAIN_MS = 400;

/**
 * Sends a change for the version whose fields the person has seen. Facts that touch
 * none of them (somebody was assigned, he is on his way) are no reason to refuse it.
 */
export async function ordenarSobre<T>({ leer, version, cambiaron, enviar }: Orden<T>, key: string, wait = AGAIN_MS): Promise<T> {
  for (let tries = 1; ; tries++) {
    // Away or slow: then the version that is known must do, and the server judges.
    await leer().catch(() => undefined);
    if (cambiaron()) throw new Problem({ status: 412, codigo: 'cambiado', detail: 'No se guardó: cambió mientras usted escribía.' });
    try {
      return await enviar(version(), tries === 1 ? key : newKey());
    } catch (cause) {
      if (problemOf(cause).status !== 412 || tries === TRIES) throw cause;
      await new Promise((again) => { setTimeout(again, wait); });
    }
  }
}
