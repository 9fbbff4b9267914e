import { useSignal } from '@preact/signals';
import { now } from '../../clock';
import { moment } from '../../format';
import { descargar } from '../../descarga';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { nombreDeUsuario } from '../../personas';
import { APROBACION } from '../../texto';
import type { Hecha } from '../../types';
import { busy, order } from '../../ui';
import type { Aprobacion } from './aprobacion';
import { quePide } from './aprobacion';
import { ConMotivo } from './ConMotivo';

/** One request: what, who, why, and the step that this person may take. */
export function FilaAprobacion({ aprobacion, onChange }: { aprobacion: Aprobacion; onChange: () => void }) {
  const rejecting = useSignal(false);
  const { id, estado, version, solicitante } = aprobacion;
  const mine = solicitante === operation.session.me();
  const abierta = estado === 'solicitada' || estado === 'aprobada';
  const waits = busy.value.has(`aprobacion-${id}`);
  const paso = (path: string, done: string) => void order(
    `aprobacion-${id}`, { path }, (key) => operation.http.order<Hecha>('POST', `/aprobaciones/${id}/${path}`, {}, { ifMatch: path === 'aprobacion' ? version : undefined, key }), done,
  ).then(onChange);
  const bajar = () => void descargar(`/auditoria/exportaciones/${id}`, `registro-${id}.jsonl`).then(onChange);
  return (
    <li class="aprobacion">
      <div>
        <b>{quePide(aprobacion, nombreDeUsuario, now.value)}</b> <span class="chip">{APROBACION[estado]}</span>
        {aprobacion.motivo && <p>«{aprobacion.motivo}»</p>}
        <p class="tenue">
          {solicitante ? `Lo pidió ${nombreDeUsuario(solicitante)}` : 'Pedido'} · {moment(aprobacion.solicitada, now.value)}
          {aprobacion.resolvio && ` · lo resolvió ${nombreDeUsuario(aprobacion.resolvio)}`}
          {abierta && ` · vence ${moment(aprobacion.vence, now.value)}`}
        </p>
        {aprobacion.respuesta && <p class="tenue">Respuesta: «{aprobacion.respuesta}»</p>}
        {mine && estado === 'solicitada' && <p class="tenue">Lo pidió usted: lo aprueba otro administrador.</p>}
        {rejecting.value && (
          <ConMotivo intention={`rechazo-${id}`} path={`/aprobaciones/${id}/rechazo`} version={version} boton={mine ? 'Retirar el pedido' : 'Rechazar'} done="Rechazado."
            nota="Nadie más podrá aprobarlo." onDone={() => { rejecting.value = false; onChange(); }} onCancel={() => { rejecting.value = false; }} />
        )}
      </div>
      {abierta && puede('aprobar') && !rejecting.value && (
        <span class="botones botones-chicos">
          {estado === 'solicitada' && !mine && <button type="button" class="principal" disabled={waits} onClick={() => paso('aprobacion', 'Aprobado; ahora se puede ejecutar.')}>Aprobar</button>}
          {estado === 'aprobada' && aprobacion.pedido.clase === 'exportacion' && <button type="button" class="principal" onClick={bajar}>Descargar</button>}
          {estado === 'aprobada' && aprobacion.pedido.clase !== 'exportacion' && <button type="button" class="grave" disabled={waits} onClick={() => paso('ejecucion', 'Hecho.')}>Ejecutar</button>}
          <button type="button" onClick={() => { rejecting.value = true; }}>{mine ? 'Retirar' : 'Rechazar'}</button>
        </span>
      )}
    </li>
  );
}
