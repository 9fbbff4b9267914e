import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { completar, PAGINA } from '../../historia';
import type { Problem } from '../../net/problem';
import { problemOf } from '../../net/problem';
import { operation } from '../../operation';
import { alDia } from '../../store/store';
import type { Hecho, Tarea } from '../../types';

/** What happened to a Tarea, its newest part first read, oldest first told. */
export interface Historia {
  hechos: readonly Hecho[] | undefined;
  /** Older facts that were not read. */
  anteriores: number;
  problem: Problem | undefined;
  /** Reads some of those. */
  mas: () => void;
}

/** Reads the history of the Tarea on screen, and on whenever a fact touches it or an answer moves it on. */
export function useHistoria(tarea: Tarea): Historia {
  const { id } = tarea;
  const hechos = useSignal<readonly Hecho[] | undefined>(undefined);
  const desde = useSignal(0);
  const problem = useSignal<Problem | undefined>(undefined);
  const reached = Math.max(operation.store.touched.get(id) ?? 0, tarea.posicion ?? 0);

  useEffect(() => {
    hechos.value = undefined;
    problem.value = undefined;
    desde.value = Math.max(0, alDia(tarea) - PAGINA);
  }, [id]);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      completar(hechos.peek() ?? [], desde.peek(), (query) => operation.http.read(`/tareas/${id}/historial`, query, { minPosition: reached, signal: abort.signal }))
        .then((all) => { if (!abort.signal.aborted) { hechos.value = all; problem.value = undefined; } })
        .catch((cause: unknown) => { if (!abort.signal.aborted) problem.value = problemOf(cause); });
    }, 150);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [id, reached, desde.value]);

  return {
    hechos: hechos.value,
    anteriores: desde.value,
    problem: problem.value,
    mas: () => { desde.value = Math.max(0, desde.value - PAGINA); },
  };
}
