import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import type { AlertFrame } from '../live';
import { irA } from '../nav';
import { operation } from '../operation';
import { avisos, callar, select } from '../ui';
import { Hace } from './piezas';

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
  const all = useSignal(false);
  const waiting = operation.pendingAlerts();
  const [newest, ...more] = waiting;
  return (
    <div class="alertas">
      {/* Announced as soon as it comes; the older ones were. */}
      <div role="alert">
        {newest && (
          <Linea alert={newest}>
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
          <p class="alerta"><button type="button" onClick={() => { operation.acknowledge(waiting); all.value = false; }}>Enterado de las {waiting.length}</button></p>
        </div>
      )}
    </div>
  );
}

function Linea({ alert, children }: { alert: AlertFrame; children?: ComponentChildren }) {
  const objeto = alert.tarea ? { clase: 'tarea' as const, id: alert.tarea } : alert.efectivo ? { clase: 'efectivo' as const, id: alert.efectivo } : undefined;
  return (
    <p class="alerta">
      <strong>{alert.text}</strong>
      <Hace en={alert.en} />
      {objeto && <button type="button" onClick={() => { irA('operacion'); select(objeto, true); }}>Ver</button>}
      <button type="button" onClick={() => operation.acknowledge([alert])}>Enterado</button>
      {children}
    </p>
  );
}
