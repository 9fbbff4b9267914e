import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { now } from '../clock';
import { day, hour, longDay, number } from '../format';
import type { Problem } from '../net/problem';
import { problemOf } from '../net/problem';
import { operation } from '../operation';
import { nombreDeUsuario } from '../personas';
import type { Nombres } from '../texto';
import { actorNombre, hechoDetalle, hechoTitulo } from '../texto';
import type { Hecho, Lista } from '../types';

/** What happened to a Tarea, newest last, as the log tells it. */
export function Historial({ id }: { id: string }) {
  const hechos = useSignal<Hecho[] | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  void operation.store.tareasRev.value;
  // Read again whenever a fact touched this Tarea or an answer moved it on.
  const reached = Math.max(operation.store.touched.get(id) ?? 0, operation.store.tareas.get(id)?.posicion ?? 0);

  useEffect(() => { hechos.value = undefined; }, [id]);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      operation.http
        .read<Lista<Hecho>>(`/tareas/${id}/historial`, { limite: 200 }, { minPosition: reached, signal: abort.signal })
        .then((lista) => { hechos.value = lista.datos; problem.value = undefined; })
        .catch((cause: unknown) => { if (!abort.signal.aborted) problem.value = problemOf(cause); });
    }, 150);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [id, reached]);

  const nombres: Nombres = {
    efectivo: (efectivo) => operation.store.efectivos.get(efectivo)?.codigo_interno,
    usuario: nombreDeUsuario,
    now: now.value,
  };
  return (
    <section class="historial" aria-label="Historia">
      <h3>Historia</h3>
      {problem.value && <p class="problema">{problem.value.message}</p>}
      {!hechos.value && !problem.value && <p class="tenue">Leyendo…</p>}
      <ol>
        {hechos.value?.map((hecho, i, all) => (
          <li key={hecho.posicion}>
            {day(hecho.en) !== day(all[i - 1]?.en ?? now.value) && <p class="historial-dia">{longDay(hecho.en)}</p>}
            <time dateTime={hecho.en}>{hour(hecho.en)}</time>
            <div>
              <p><b>{hechoTitulo(hecho, nombres)}</b></p>
              {hechoDetalle(hecho, nombres).map((line) => <p key={line}>{line}</p>)}
              <p class="tenue">{actorNombre(hecho.actor, nombres)} · posición {number(hecho.posicion)} del registro</p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
