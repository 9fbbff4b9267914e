import type { Signal } from '@preact/signals';
import { ENTERO, esEntero } from '../../franjas';
import { DIAS_CORTOS } from '../../texto';
import type { Franja, ReglasDeZona } from '../../types';
import type { Envio } from '../formulario';
import { Campo } from '../formulario';

/** What a new Franja begins with. */
const DE_DIA = { desde: '08:00', hasta: '20:00' };

/** What a Zona gives alarm of, and when it does. */
export function Reglas({ envio, reglas, horarios }: { envio: Envio; reglas: ReglasDeZona | null | undefined; horarios: Signal<Franja[]> }) {
  const change = (i: number, over: Partial<Franja>) => {
    horarios.value = horarios.value.map((franja, n) => (n === i ? { ...franja, ...over } : franja));
  };
  return (
    <details class="mas" open={reglas !== undefined}>
      <summary>Alarmas y horario</summary>
      <label class="linea"><input type="checkbox" name="entrada" value="si" defaultChecked={reglas?.entrada === true} /> Avisar cuando alguien entra</label>
      <label class="linea"><input type="checkbox" name="salida" value="si" defaultChecked={reglas?.salida === true} /> Avisar cuando alguien sale</label>
      <Campo id="zona-vacia" label="Avisar si no queda nadie por tantos minutos" envio={envio} campo="reglas.vacia_min" ayuda="Vacío: no avisar.">
        {(a) => <input {...a} type="number" name="vacia_min" min={1} max={1440} defaultValue={reglas?.vacia_min ? String(reglas.vacia_min) : ''} />}
      </Campo>
      <h3>Horario de las alarmas</h3>
      {horarios.value.length === 0 && <p class="tenue">Todo el día, todos los días.</p>}
      {horarios.value.map((franja, i) => (
        <fieldset key={i} class="franja">
          <legend class="oculto">Franja {i + 1}</legend>
          <span class="dias">
            {DIAS_CORTOS.map((text, n) => (
              <label key={text} title={text}>
                <input type="checkbox" checked={franja.dias.includes(n + 1)}
                  onChange={(event) => change(i, { dias: event.currentTarget.checked ? [...franja.dias, n + 1].sort() : franja.dias.filter((d) => d !== n + 1) })} />
                {text}
              </label>
            ))}
          </span>
          <label><input type="checkbox" checked={esEntero(franja)} onChange={(event) => change(i, event.currentTarget.checked ? ENTERO : DE_DIA)} /> Todo el día</label>
          {!esEntero(franja) && (
            <>
              <label>De <input type="time" required value={franja.desde} onChange={(event) => change(i, { desde: event.currentTarget.value })} /></label>
              <label>a <input type="time" required value={franja.hasta} onChange={(event) => change(i, { hasta: event.currentTarget.value })} /></label>
            </>
          )}
          <button type="button" onClick={() => { horarios.value = horarios.value.filter((_, n) => n !== i); }}>Quitar</button>
        </fieldset>
      ))}
      <button type="button" onClick={() => { horarios.value = [...horarios.value, { dias: [1, 2, 3, 4, 5], ...DE_DIA }]; }}>Agregar una franja</button>
    </details>
  );
}

/** The same as the order wants it. */
export function reglasDe(value: (name: string) => string): ReglasDeZona {
  const minutes = Number(value('vacia_min'));
  return {
    ...(value('entrada') === 'si' ? { entrada: true } : {}),
    ...(value('salida') === 'si' ? { salida: true } : {}),
    ...(minutes > 0 ? { vacia_min: minutes } : {}),
  };
}
