import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { now } from '../../clock';
import { coordinates, decimal, distance, hour, moment, number, span } from '../../format';
import { operation } from '../../operation';
import type { Feature, Paso, Recorrido as Leido } from '../../recorrido';
import { leerRecorrido, paradas, paso, recorrido } from '../../recorrido';
import type { Efectivo } from '../../types';
import { encuadre, screen } from '../../ui';
import { fromField, toField } from '../../zone';
import { Campo, Form, useEnvio } from '../formulario';

/** How far back the form begins. */
const ANTES_MS = 2 * 3_600_000;

/** More rows than these are a log, not a table: the slider reaches every one of them. */
const FILAS = 300;

/** Where somebody was between two times: on the map, step by step, and as a table. */
export function Recorrido({ efectivo, mine, onClose }: { efectivo: Efectivo; mine: boolean; onClose: () => void }) {
  const { id } = efectivo;
  const found = recorrido.value?.efectivo === id ? recorrido.value : undefined;
  useEffect(() => () => { recorrido.value = null; }, [id]);
  return (
    <section class="recuadro recorrido" aria-label="Recorrido">
      {found
        ? <Hallado recorrido={found} onOtro={() => { recorrido.value = null; }} onClose={onClose} />
        : <Pedido id={id} mine={mine} onClose={onClose} />}
    </section>
  );
}

function Pedido({ id, mine, onClose }: { id: string; mine: boolean; onClose: () => void }) {
  const envio = useEnvio(`recorrido-${id}`);
  const hasta = now.peek() + 60_000;
  return (
    <>
      {!mine && <p class="nota-grave">Queda registrado quién lo miró y por qué.</p>}
      <Form envio={envio} campos={['desde', 'hasta', 'motivo']} boton="Ver el recorrido" enfocar onCancel={onClose} onSubmit={(value) => {
        const body = { desde: fromField(value('desde')), hasta: fromField(value('hasta')), ...(mine ? {} : { motivo: value('motivo') }) };
        void envio.enviar(body, () => operation.http.order<Feature>('POST', `/efectivos/${id}/recorrido`, body), (feature) => {
          recorrido.value = leerRecorrido(feature);
          paso.value = recorrido.value.pasos.length - 1;
          if (recorrido.value.pasos.length === 0) return;
          encuadre.value = recorrido.value.pasos;
          screen.value = 'mapa';
        });
      }}>
        <div class="dos dos-fechas">
          <Campo id="recorrido-desde" label="Desde" envio={envio} campo="desde">{(a) => <input {...a} type="datetime-local" name="desde" required defaultValue={toField(hasta - ANTES_MS)} />}</Campo>
          <Campo id="recorrido-hasta" label="Hasta" envio={envio} campo="hasta" ayuda="A lo sumo siete días, hora de Buenos Aires.">{(a) => <input {...a} type="datetime-local" name="hasta" required defaultValue={toField(hasta)} />}</Campo>
        </div>
        {!mine && (
          <Campo id="recorrido-motivo" label="Motivo" envio={envio} campo="motivo">{(a) => <input {...a} name="motivo" required maxLength={500} autocomplete="off" />}</Campo>
        )}
      </Form>
    </>
  );
}

function Hallado({ recorrido: { pasos, distancia_m: metros, dudosos, recortado }, onOtro, onClose }: { recorrido: Leido; onOtro: () => void; onClose: () => void }) {
  const botones = (
    <div class="botones">
      <button type="button" onClick={onOtro}>Otro período</button>
      <button type="button" onClick={onClose}>Cerrar</button>
    </div>
  );
  // The panel is drawn anew with every position that comes in; what hangs on the track alone is not.
  const abierta = useSignal(false);
  const quietos = useMemo(() => paradas(pasos), [pasos]);
  const tabla = useMemo(() => abierta.value && <Tabla pasos={pasos} />, [pasos, abierta.value]);
  const [first] = pasos;
  const last = pasos.at(-1);
  const cortes = pasos.filter(({ corte }) => corte).length;
  if (!first || !last) return <><p class="tenue" role="status">No hay posiciones de ese período.</p>{botones}</>;
  const at = pasos[paso.value] ?? last;
  return (
    <>
      <p role="status"><b>{distance(metros)}</b> en {span((Date.parse(last.en) - Date.parse(first.en)) / 1000)}, {number(pasos.length)} posiciones</p>
      <label class="campo" for="recorrido-paso">
        <span><b>{moment(at.en, now.value)}</b> · {coordinates(at.lat, at.lon)}{at.velocidad_mps !== null && ` · ${decimal(at.velocidad_mps * 3.6, 0)} km/h`}</span>
        <input id="recorrido-paso" type="range" min={0} max={pasos.length - 1} value={paso.value} aria-valuetext={hour(at.en)}
          onInput={(event) => { paso.value = Number(event.currentTarget.value); }} />
      </label>
      {(dudosos > 0 || recortado || cortes > 0) && (
        <p class="tenue">
          {cortes > 0 && `En ${number(cortes + 1)} tramos: lo que hay entre ellos, otro turno o más de 15 minutos sin posiciones, no suma distancia. `}
          {dudosos > 0 && `${number(dudosos)} posiciones dudosas quedaron afuera. `}
          {recortado && 'Había más de las que se muestran: pida un período más corto.'}
        </p>
      )}
      {quietos.length > 0 && (
        <details class="mas" open={quietos.length <= 5}>
          <summary>{quietos.length === 1 ? 'Una parada' : `${number(quietos.length)} paradas`}</summary>
          <ul>
            {quietos.map(({ desde, segundos }) => (
              <li key={desde}><button type="button" class="enlace" onClick={() => { paso.value = desde; }}>{moment(pasos[desde]?.en, now.value)}</button> {span(segundos)} en el mismo lugar</li>
            ))}
          </ul>
        </details>
      )}
      <details class="mas" onToggle={(event) => { abierta.value = event.currentTarget.open; }}>
        <summary>Las posiciones</summary>
        {tabla}
        {pasos.length > FILAS && <p class="tenue">Y {number(pasos.length - FILAS)} más, en el mapa y en la barra.</p>}
      </details>
      {botones}
    </>
  );
}

function Tabla({ pasos }: { pasos: readonly Paso[] }) {
  const today = now.peek();
  return (
    <div class="tabla-caja recorrido-tabla" tabIndex={0} role="region" aria-label="Tabla: posiciones del recorrido">
      <table class="tabla">
        <thead><tr><th>Hora</th><th>Lugar</th><th class="numero">±</th><th class="numero">km/h</th></tr></thead>
        <tbody>
          {pasos.slice(0, FILAS).map((one, i) => (
            <tr key={one.en} aria-selected={i === paso.value} onClick={() => { paso.value = i; }}>
              <td>{moment(one.en, today)}</td><td>{coordinates(one.lat, one.lon)}</td>
              <td class="numero">{Math.round(one.precision_m)} m</td>
              <td class="numero">{one.velocidad_mps === null ? '—' : decimal(one.velocidad_mps * 3.6, 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
