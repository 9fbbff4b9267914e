import { sinLeer } from '../avisos';
import { now, silence, tick } from '../clock';
import { hour, longDay, number } from '../format';
import { operation } from '../operation';
import { pendientes } from '../pendientes';
import { puede } from '../permisos';
import { conexion, contado, DISPONIBILIDAD_PLURAL, ESTADOS_PLURAL } from '../texto';
import type { Disponibilidad, Estado } from '../types';
import { irA } from '../nav';
import { menu, screen, tab } from '../ui';
import { Tecla } from './piezas';

/** No frame for this long, although the connection stands: say so. */
const LATE_S = 40;

export function Cabecera() {
  return (
    <header class="cabecera">
      <span class="logo" aria-hidden="true" />
      <h1>GAD</h1>
      <Conexion />
      {puede('figuras') && <Cifras />}
      <div class="cabecera-fin">
        <Reloj />
        <button type="button" class="cabecera-menu" aria-haspopup="dialog" title="Menú (G)" onClick={() => { menu.value = true; }}>
          Menú <Esperan /> <Tecla>G</Tecla>
        </button>
      </div>
    </header>
  );
}

/** Whether what is on screen is true now, in so many words. */
function Conexion() {
  const state = operation.live.value;
  const quiet = silence.value;
  const late = operation.stale.value || (quiet !== undefined && quiet > LATE_S);
  const { texto, tono } = conexion(state, quiet, late, tick.value);
  const [estado = '', ...rest] = texto.split(' · ');
  return (
    <p class={`conexion conexion-${tono}`} data-conexion={state.name}>
      <i aria-hidden="true" />
      {/* Announced when the state changes, not every second. */}
      <strong role="status">{estado}</strong>
      <span>{rest.join(' · ')}</span>
    </p>
  );
}

const TAREAS: Estado[] = ['programada', 'en_curso', 'pausada'];
const EFECTIVOS: Disponibilidad[] = ['disponible', 'en_tarea', 'no_disponible', 'fuera_servicio'];

/** The figures of the operation; each filters its list. */
function Cifras() {
  const resumen = operation.store.resumen.value;
  return (
    <ul class="cifras" aria-label="Cifras de la operación">
      {TAREAS.map((estado) => (
        <Cifra key={estado} kind={`estado-${estado}`} value={resumen?.tareas[estado]} text={ESTADOS_PLURAL[estado]} title={`Ver solo las tareas ${ESTADOS_PLURAL[estado]}`}
          onClick={() => { irA('operacion'); tab.value = 'tareas'; screen.value = 'lista'; operation.estados.value = [estado]; }} />
      ))}
      <li class="cifras-corte" aria-hidden="true" />
      {EFECTIVOS.map((disponibilidad) => (
        <Cifra key={disponibilidad} kind={`disp-${disponibilidad}`} value={resumen?.efectivos[disponibilidad]} text={DISPONIBILIDAD_PLURAL[disponibilidad]} title={`Ver solo los efectivos ${DISPONIBILIDAD_PLURAL[disponibilidad]}`}
          onClick={() => { irA('operacion'); tab.value = 'efectivos'; screen.value = 'lista'; operation.disponibilidades.value = [disponibilidad]; }} />
      ))}
    </ul>
  );
}

function Cifra({ kind, value, text, title, onClick }: { kind: string; value: number | undefined; text: string; title: string; onClick: () => void }) {
  return (
    <li class={kind}>
      <button type="button" onClick={onClick} title={title}>
        <b>{value === undefined ? '–' : number(value)}</b> {contado(text, value)}
      </button>
    </li>
  );
}

/** What waits for this person behind the menu, all of it one figure. */
function Esperan() {
  const parts = [
    pendientes.value > 0 && `${number(pendientes.value)} por resolver en Aprobaciones`,
    sinLeer.value > 0 && `${number(sinLeer.value)} sin leer en Avisos`,
  ].filter(Boolean).join(', ');
  if (!parts) return null;
  return <b class="pendientes" title={parts}><span aria-hidden="true">{number(pendientes.value + sinLeer.value)}</span><span class="oculto"> {parts}</span></b>;
}

/** The hour of the operation, wherever the screen hangs. */
function Reloj() {
  return (
    <p class="reloj" title={`${longDay(now.value)}, hora de Buenos Aires`}>
      <time>{hour(now.value)}</time>
    </p>
  );
}
