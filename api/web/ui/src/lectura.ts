import type { ReadonlySignal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from './net/problem';
import { problemOf } from './net/problem';
import { operation } from './operation';

/** Something read for one screen: what came, what went wrong, and a way to ask again. */
export interface Lectura<T> {
  datos: T | undefined;
  problem: Problem | undefined;
  releer: () => void;
}

/** Typing in a search field must not ask once per letter. */
const CALM_MS = 180;

/**
 * Reads a path while a screen shows it, again whenever the question or `mark`
 * changes; never older than what this page has ordered. A null path reads nothing.
 */
export function useLectura<T>(path: string | null, query: Record<string, unknown> = {}, mark?: unknown): Lectura<T> {
  const datos = useSignal<T | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const times = useSignal(0);
  const started = useRef(false);
  const question = `${path}?${JSON.stringify(query)}`;

  useEffect(() => { datos.value = undefined; problem.value = undefined; }, [path]);
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      started.current = true;
      operation.http.read<T>(path, query, { minPosition: operation.seen(), signal: abort.signal })
        .then((answer) => { datos.value = answer; problem.value = undefined; })
        .catch((cause: unknown) => { if (!abort.signal.aborted) problem.value = problemOf(cause); });
    }, started.current ? CALM_MS : 0);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [question, times.value, mark]);

  return { datos: datos.value, problem: problem.value, releer: () => { times.value++; } };
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
