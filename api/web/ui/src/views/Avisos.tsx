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
  const waiting = operation.pendingAlerts();
  const [alert, ...more] = waiting;
  return (
    <div class="alertas" role="alert">
      {alert && (
        <p class="alerta">
          <strong>{alert.text}</strong>
          <Hace en={alert.en} />
          {alert.tarea && <button type="button" onClick={() => select({ clase: 'tarea', id: alert.tarea as string }, true)}>Ver</button>}
          {!alert.tarea && alert.efectivo && <button type="button" onClick={() => select({ clase: 'efectivo', id: alert.efectivo as string }, true)}>Ver</button>}
          <button type="button" onClick={() => operation.acknowledge([alert])}>Enterado</button>
          {more.length > 0 && <button type="button" onClick={() => operation.acknowledge(waiting)}>Enterado de las {waiting.length}</button>}
        </p>
      )}
    </div>
  );
}
