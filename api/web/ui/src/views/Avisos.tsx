import { operation } from '../operation';
import { avisos, callar, select } from '../ui';
import { Hace } from './piezas';

/** How the person's orders went, and what nobody may overlook. */
export function Avisos() {
  return (
    <>
      <div class="avisos" role="status">
        {avisos.value.map((aviso) => (
          <p key={aviso.id} class={`aviso aviso-${aviso.tono}`}>
            <span>{aviso.texto}</span>
            <button type="button" aria-label="Descartar el aviso" onClick={() => callar(aviso.id)}>✕</button>
          </p>
        ))}
      </div>
      <div class="alertas" role="alert">
        {operation.alerts.value.slice(0, 3).map((alert) => (
          <p key={alert.id} class="alerta">
            <strong>{alert.text}</strong> <Hace en={alert.en} />
            {alert.tarea && <button type="button" onClick={() => select({ clase: 'tarea', id: alert.tarea as string }, true)}>Ver</button>}
            {!alert.tarea && alert.efectivo && <button type="button" onClick={() => select({ clase: 'efectivo', id: alert.efectivo as string }, true)}>Ver</button>}
            <button type="button" onClick={() => operation.acknowledge(alert)}>Enterado</button>
          </p>
        ))}
      </div>
    </>
  );
}
