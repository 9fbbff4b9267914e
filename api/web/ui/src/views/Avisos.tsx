import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import type { AlertFrame } from '../live';
import { enterado, objetoDe, puedeAcusar, verAlerta } from '../alertas';
import { esSos } from '../enpie';
import { operation } from '../operation';
import { avisos, callar } from '../ui';
import { Hace, Sim, Tecla } from './piezas';

/** How the person's own orders went. */
export function Avisos() {
  return (
    <div class="avisos" role="status">
      {avisos.value.map((aviso) => (
        <p key={aviso.id} class={`aviso aviso-${aviso.tono}`}>
          <span>{aviso.texto}</span>
          <button type="button" aria-label="Descartar el aviso" onClick={() => callar(aviso.id)}>✕</button>
        </p>
      ))}
    </div>
  );
}

/**
 * What nobody may overlook, one line under the header: the newest alert, and how
 * many more wait. It pushes the page down instead of covering what is worked on.
 */
export function Alertas() {
  void operation.store.tareasRev.value;
  void operation.store.efectivosRev.value;
  const all = useSignal(false);
  const waiting = operation.pendingAlerts();
  const [newest, ...more] = waiting;
  // A call for help is signed for one by one.
  const comunes = waiting.filter((alert) => !esSos(alert));
  return (
    <div class="alertas">
      {/* Announced as soon as it comes; the older ones were. */}
      <div role="alert">
        {newest && (
          <Linea alert={newest} newest>
            {more.length > 0 && (
              <button type="button" aria-expanded={all.value} aria-controls="alertas-resto" onClick={() => { all.value = !all.value; }}>
                {all.value ? 'Menos' : `Ver ${more.length} más`}
              </button>
            )}
          </Linea>
        )}
      </div>
      {all.value && more.length > 0 && (
        <div id="alertas-resto" class="alertas-resto" role="group" aria-label="Las otras alertas">
          {more.map((alert) => <Linea key={alert.id} alert={alert} />)}
          {comunes.length > 1 && (
            <p class="alerta"><button type="button" onClick={() => { void enterado(comunes); all.value = false; }}>
              Enterado de las {comunes.length}{comunes.length < waiting.length ? ' que no son SOS' : ''}
            </button></p>
          )}
        </div>
      )}
    </div>
  );
}

function Linea({ alert, newest, children }: { alert: AlertFrame; newest?: boolean; children?: ComponentChildren }) {
  const efectivo = alert.efectivo ? operation.store.efectivos.get(alert.efectivo) : undefined;
  const simulada = alert.simulada || (alert.tarea && operation.store.tareas.get(alert.tarea)?.simulada) || efectivo?.simulado;
  const zona = operation.store.zonas.value.find(({ id }) => id === alert.zona)?.nombre;
  return (
    <p class="alerta">
      {simulada && <Sim />}
      <strong>{[alert.text, efectivo?.codigo_interno, zona].filter(Boolean).join(' · ')}</strong>
      <Hace en={alert.en} />
      {objetoDe(alert) && <button type="button" onClick={() => verAlerta(alert)}>Ver {newest && <Tecla>V</Tecla>}</button>}
      {puedeAcusar(alert) && <button type="button" onClick={() => void enterado([alert])}>Enterado {newest && <Tecla>Q</Tecla>}</button>}
      {children}
    </p>
  );
}
