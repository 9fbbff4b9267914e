import { number, span } from '../../format';
import { BANDA, PRIORIDAD, RESPUESTA, TIPO } from '../../texto';
import type { Tipo } from '../../types';
import { Rango } from './Barras';
import type { Percentiles, Tiempos } from './cifras';

/** Percentiles, because a mean hides the night when nobody came. */
export function TablaTiempos({ tiempos }: { tiempos: Tiempos }) {
  const { duraciones, respuesta } = tiempos;
  return (
    <>
      <Tabla titulo="Tiempos de respuesta" rows={Object.entries(respuesta).map(([key, p]) => [RESPUESTA[key] ?? key, p])} />
      <Tabla titulo="Duración, sin pausas" rows={[
        ['Todas', duraciones.general],
        ...Object.entries(duraciones.por_banda).map(([key, p]): [string, Percentiles] => [BANDA[key] ?? key, p]),
        ...Object.entries(duraciones.por_prioridad).map(([key, p]): [string, Percentiles] => [`Prioridad ${(PRIORIDAD[Number(key)] ?? key).toLowerCase()}`, p]),
        ...Object.entries(duraciones.por_tipo).map(([key, p]): [string, Percentiles] => [TIPO[key as Tipo] ?? key, p]),
      ]} />
    </>
  );
}

function Tabla({ titulo, rows }: { titulo: string; rows: [string, Percentiles][] }) {
  const measured = rows.filter(([, p]) => p.n > 0);
  const most = Math.max(0, ...measured.map(([, p]) => p.p90_s));
  return (
    <section class="tarjeta" aria-label={titulo}>
      <h3>{titulo}</h3>
      {measured.length === 0 ? <p class="tenue">Nada medido en ese período.</p> : (
        <div class="tabla-caja" tabIndex={0} role="region" aria-label={`Tabla: ${titulo}`}>
          <table class="tabla tabla-apilable">
            <thead><tr><th><span class="oculto">De qué</span></th><th class="solo-ojos"><span class="oculto">Dibujo</span></th><th class="numero">Medidas</th><th class="numero">25 %</th><th class="numero">Mediana</th><th class="numero">75 %</th><th class="numero">90 %</th></tr></thead>
            <tbody>
              {measured.map(([text, p]) => (
                <tr key={text}>
                  <th scope="row">{text}</th>
                  <td class="solo-ojos"><Rango percentiles={p} most={most} /></td>
                  <td class="numero" data-t="Medidas">{number(p.n)}</td>
                  {([['25 %', p.p25_s], ['Mediana', p.p50_s], ['75 %', p.p75_s], ['90 %', p.p90_s]] as const).map(([name, seconds]) => <td key={name} class="numero" data-t={name}>{span(seconds)}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {measured.length > 0 && <p class="tenue" aria-hidden="true">La caja es la mitad de los casos, la raya la mediana, la línea llega hasta nueve de cada diez.</p>}
    </section>
  );
}
