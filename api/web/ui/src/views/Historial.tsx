import { now } from '../clock';
import { day, hour, longDay, number } from '../format';
import { hechoDetalle, hechoTitulo } from '../hechos';
import { operation } from '../operation';
import { nombres as todos } from '../personas';
import { actorNombre } from '../texto';
import type { Historia } from './tarea/historia';

/** What happened to a Tarea, newest last, as the log tells it. */
export function Historial({ historia: { hechos, anteriores, problem, mas } }: { historia: Historia }) {
  void [operation.store.tareasRev.value, operation.store.efectivosRev.value];
  const nombres = todos();
  return (
    <section class="historial" aria-label="Historia">
      <h3>Historia</h3>
      {problem && <p class="problema">{problem.message}</p>}
      {!hechos && !problem && <p class="tenue">Leyendo…</p>}
      {hechos && anteriores > 0 && (
        <p class="linea"><span class="tenue">Antes hubo {number(anteriores)} {anteriores === 1 ? 'hecho' : 'hechos'} más.</span> <button type="button" onClick={mas}>Ver más</button></p>
      )}
      <ol>
        {hechos?.map((hecho, i, all) => (
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
