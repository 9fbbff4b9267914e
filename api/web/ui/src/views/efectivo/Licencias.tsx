import { useSignal } from '@preact/signals';
import { useLectura } from '../../lectura';
import { operation } from '../../operation';
import { contarPendientes } from '../../pendientes';
import { puede } from '../../permisos';
import { LICENCIA } from '../../texto';
import type { Hecha, Lista } from '../../types';
import { busy, order } from '../../ui';
import { ConMotivo } from '../admin/ConMotivo';
import { Atraso, Espera } from '../Pagina';
import type { Licencia } from './licencias';
import { dias } from './licencias';

/** Leaves: of one Efectivo in his panel, or all that wait for an answer. */
export function Licencias({ efectivo, estado, mark }: { efectivo?: string; estado?: string; mark?: unknown }) {
  const lectura = useLectura<Lista<Licencia>>('/licencias', { efectivo, estado, limite: 50 }, mark);
  const { datos, problem, releer } = lectura;
  if (!datos) return <Espera problem={problem} releer={releer} />;
  if (datos.datos.length === 0) return <><Atraso de={lectura} /><p class="tenue">{estado ? 'No hay pedidos sin respuesta.' : 'Ninguna.'}</p></>;
  return <><Atraso de={lectura} /><ul class="sesiones">{datos.datos.map((licencia) => <Fila key={licencia.id} licencia={licencia} nombrar={!efectivo} onDone={() => { releer(); void contarPendientes(); }} />)}</ul></>;
}

function Fila({ licencia, nombrar, onDone }: { licencia: Licencia; nombrar: boolean; onDone: () => void }) {
  const rejecting = useSignal(false);
  const { id, estado } = licencia;
  const mine = operation.yo.value?.efectivo === licencia.efectivo;
  const decide = estado === 'solicitada' && puede('despachar') && !mine;
  const aprobar = () => order(`licencia-${id}`, {}, (key) => operation.http.order<Hecha>('POST', `/licencias/${id}/aprobacion`, {}, { key }), 'Licencia aprobada.').then(onDone);
  return (
    <li>
      <div>
        {nombrar && <b>{licencia.codigo_interno} · </b>}<b>{dias(licencia)}</b> · {LICENCIA[estado]}{licencia.vigente && ', en curso'}
        {licencia.motivo && <p class="tenue">«{licencia.motivo}»</p>}
        {licencia.respuesta && <p class="tenue">Respuesta: «{licencia.respuesta}»</p>}
        {rejecting.value && (
          <ConMotivo intention={`rechazo-${id}`} path={`/licencias/${id}/rechazo`} boton="Rechazar" done="Licencia rechazada." nota="Queda dicho por qué."
            onDone={() => { rejecting.value = false; onDone(); }} onCancel={() => { rejecting.value = false; }} />
        )}
      </div>
      {decide && !rejecting.value && (
        <span class="botones botones-chicos">
          <button type="button" disabled={busy.value.has(`licencia-${id}`)} onClick={() => void aprobar()}>Aprobar</button>
          <button type="button" onClick={() => { rejecting.value = true; }}>Rechazar</button>
        </span>
      )}
    </li>
  );
}
