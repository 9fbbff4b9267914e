import { useSignal } from '@preact/signals';
import { decimal, number } from '../../format';
import { useLectura } from '../../lectura';
import { Atraso, Espera } from '../Pagina';
import type { Dotacion as Sugerida } from './cifras';

const HORAS = [4, 8, 12, 24];

/** How many the next hours need, and how far that can be believed. */
export function Dotacion() {
  const horas = useSignal(8);
  const lectura = useLectura<Sugerida>('/estadisticas/dotacion', { horas: horas.value });
  const { datos, problem, releer } = lectura;
  return (
    <section class="tarjeta" aria-labelledby="e-dotacion">
      <div class="linea">
        <h3 id="e-dotacion">Dotación sugerida</h3>
        <label class="linea">próximas
          <select value={horas.value} onChange={(event) => { horas.value = Number(event.currentTarget.value); }}>
            {HORAS.map((one) => <option key={one} value={one}>{one} horas</option>)}
          </select>
        </label>
      </div>
      <Atraso de={lectura} />
      {!datos ? <Espera problem={problem} releer={releer} /> : datos.nivel === 'sin_datos' ? <p class="tenue">Todavía no hay historia de la que sacarla.</p> : (
        <>
          <p class="cifra-grande"><b>{number(datos.sugeridos)}</b> de turno <span class="tenue">(de {number(datos.minimo)} a {number(datos.maximo)})</span></p>
          <dl class="ficha">
            <div><dt>Hay ahora</dt><dd>{number(datos.en_turno)}</dd></div>
            <div><dt>Tareas esperadas</dt><dd>{decimal(datos.tareas_esperadas, 1)}</dd></div>
            <div><dt>Confianza</dt><dd>{datos.nivel} ({Math.round(datos.confianza * 100)} %)</dd></div>
            <div><dt>Sale de</dt><dd>{number(datos.muestra.tareas)} tareas en {number(datos.muestra.dias)} días</dd></div>
          </dl>
        </>
      )}
    </section>
  );
}
