import type { ReadonlySignal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Lectura, Leido } from './leido';
import { fallo, mostrar } from './leido';
import { problemOf } from './net/problem';
import { operation } from './operation';

/** Typing in a search field must not ask once per letter. */
const CALM_MS = 180;

/** What could not be read is asked for again after this, unless the server says when, s. */
const RETRY_S = 5;

/**
 * Reads a path while a screen shows it, again whenever the question or `mark`
 * changes; never older than what this page has ordered. A null path reads nothing.
 */
export function useLectura<T>(path: string | null, query: Record<string, unknown> = {}, mark?: unknown): Lectura<T> {
  const leido = useSignal<Leido<T>>({});
  const times = useSignal(0);
  const started = useRef(false);
  const question = `${path}?${JSON.stringify(query)}`;

  useEffect(() => { leido.value = {}; }, [path]);
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    let timer = setTimeout(() => {
      started.current = true;
      operation.http.read<T>(path, query, { minPosition: operation.seen(), signal: abort.signal })
        .then((datos) => { leido.value = { answer: { question, datos } }; })
        .catch((cause: unknown) => {
          if (abort.signal.aborted) return;
          const problem = problemOf(cause);
          leido.value = fallo(leido.peek(), question, problem);
          if (problem.transient) timer = setTimeout(() => { times.value++; }, (problem.retryAfter ?? RETRY_S) * 1_000);
        });
    }, started.current ? CALM_MS : 0);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [question, times.value, mark]);

  return { ...mostrar(leido.value, question), releer: () => { times.value++; } };
}

/** A signal whose changes are followed only after a pause: for search fields. */
export function useCalma<T>(source: ReadonlySignal<T>): T {
  const calm = useSignal(source.value);
  const value = source.value;
  useEffect(() => {
    const timer = setTimeout(() => { calm.value = value; }, CALM_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return calm.value;
}
