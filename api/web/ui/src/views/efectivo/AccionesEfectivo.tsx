import { signal } from '@preact/signals';
import { declara } from '../../declara';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { alDia } from '../../store/store';
import type { Efectivo, Hecha } from '../../types';
import { busy, order, refreshSelected } from '../../ui';
import { ConMotivo } from '../admin/ConMotivo';
import { Tecla } from '../piezas';
import { AsignarA } from './AsignarA';
import { AtenderSos } from './AtenderSos';
import { EditarFicha } from './EditarFicha';
import { PedirLicencia } from './PedirLicencia';
import { Recorrido } from './Recorrido';

/** The small form open for one Efectivo. */
export const pasoEfectivo = signal<{ id: string; que: 'asignar' | 'sos' | 'ficha' | 'licencia' | 'baja' | 'forzar' | 'recorrido' } | null>(null);

/** Asks which Tarea he should go to. */
export function asignarlo(id: string): void {
  pasoEfectivo.value = { id, que: 'asignar' };
}

/** What can be ordered of an Efectivo from the dashboard. */
export function AccionesEfectivo({ efectivo }: { efectivo: Efectivo }) {
  const { id, en_turno: deTurno, disponibilidad } = efectivo;
  const yo = operation.yo.value;
  const mine = yo?.efectivo === id;
  if (efectivo.de_baja || !(puede('despachar') || mine)) return null;
  const open = pasoEfectivo.value?.id === id ? pasoEfectivo.value.que : undefined;
  const close = () => { pasoEfectivo.value = null; };
  const done = () => { close(); void refreshSelected(); };
  const ocupado = (efectivo.tareas ?? []).length > 0;
  const puedeDecir = declara(efectivo);
  return (
    <>
      {efectivo.sos && <AtenderSos efectivo={efectivo} mine={mine} />}
      <div class="botones" role="group" aria-label="Acciones">
        {deTurno && puede('asignar') && <button type="button" class={disponibilidad === 'disponible' ? 'principal' : ''} onClick={() => asignarlo(id)}>Asignar <Tecla>A</Tecla></button>}
        {!deTurno && <Boton efectivo={efectivo} text="Poner de turno" principal run={() => turno(efectivo, 'POST', {})} />}
        {puedeDecir === 'no_disponible' && <Boton efectivo={efectivo} text="No disponible" run={() => estar(efectivo, 'no_disponible')} />}
        {puedeDecir === 'disponible' && <Boton efectivo={efectivo} text="Disponible" principal run={() => estar(efectivo, 'disponible')} />}
        {deTurno && !ocupado && <Boton efectivo={efectivo} text="Terminar el turno" run={() => turno(efectivo, 'DELETE', {})} />}
        {deTurno && ocupado && <button type="button" onClick={() => { pasoEfectivo.value = { id, que: 'forzar' }; }}>Terminar el turno</button>}
        <button type="button" onClick={() => { pasoEfectivo.value = { id, que: 'recorrido' }; }}>Recorrido</button>
        <button type="button" onClick={() => { pasoEfectivo.value = { id, que: 'licencia' }; }}>Licencia</button>
        {puede('despachar') && <button type="button" onClick={() => { pasoEfectivo.value = { id, que: 'ficha' }; }}>Modificar</button>}
        {!efectivo.sos && puede('pedirAyuda') && <button type="button" class="grave" onClick={() => { pasoEfectivo.value = { id, que: 'sos' }; }}>{mine ? 'Pedir ayuda' : 'Pidió ayuda'}</button>}
        {puede('despachar') && !deTurno && <button type="button" class="grave" onClick={() => { pasoEfectivo.value = { id, que: 'baja' }; }}>Dar de baja</button>}
      </div>
      {open === 'asignar' && <AsignarA efectivo={efectivo} onClose={close} />}
      {open === 'sos' && (
        <section class="recuadro recuadro-mal" aria-label="Pedido de ayuda (SOS)">
          <p class="nota-grave">Es un SOS: suena en todos los tableros y se repite hasta que alguien lo atienda.</p>
          <div class="botones">
            <Boton efectivo={efectivo} text={`SOS de ${efectivo.codigo_interno}`} grave run={() => sos(efectivo).then(close)} />
            <button type="button" onClick={close}>Volver</button>
          </div>
        </section>
      )}
      {open === 'forzar' && (
        <section class="recuadro" aria-label="Terminar el turno con tareas">
          <p class="nota-grave">Tiene tareas activas: siguen a su nombre hasta que terminen o se lo libere.</p>
          <div class="botones">
            <Boton efectivo={efectivo} text="Terminar igual, y que conste" run={() => turno(efectivo, 'DELETE', { forzar: true }).then(close)} />
            <button type="button" onClick={close}>Volver</button>
          </div>
        </section>
      )}
      {open === 'ficha' && <EditarFicha efectivo={efectivo} onDone={done} onCancel={close} />}
      {open === 'licencia' && <PedirLicencia efectivo={id} onDone={done} onCancel={close} />}
      {open === 'recorrido' && <Recorrido efectivo={efectivo} mine={mine} onClose={close} />}
      {open === 'baja' && (
        <ConMotivo intention={`baja-${id}`} path={`/efectivos/${id}/baja`} version={alDia(efectivo)} boton="Dar de baja" done={`${efectivo.codigo_interno} dado de baja.`}
          nota="Deja de estar entre los efectivos. Su historia queda." onDone={done} onCancel={close} />
      )}
    </>
  );
}

function Boton({ efectivo, text, principal, grave, run }: { efectivo: Efectivo; text: string; principal?: boolean; grave?: boolean; run: () => Promise<unknown> }) {
  return (
    <button type="button" class={principal ? 'principal' : grave ? 'grave' : ''} disabled={busy.value.has(`efectivo-${efectivo.id}`)} onClick={() => void run()}>{text}</button>
  );
}

function turno(efectivo: Efectivo, method: 'POST' | 'DELETE', body: object): Promise<void> {
  const done = method === 'POST' ? `${efectivo.codigo_interno} está de turno.` : `${efectivo.codigo_interno} terminó el turno.`;
  return ordenar(efectivo, method, 'turno', body, done);
}

/** Called for by radio or telephone, by somebody who cannot press his own button. */
async function sos(efectivo: Efectivo): Promise<void> {
  // No version: a call for help is never too late.
  await order(`efectivo-${efectivo.id}`, { sos: true }, (key) => operation.http.order<Hecha>('POST', `/efectivos/${efectivo.id}/sos`, {}, { key }), `SOS de ${efectivo.codigo_interno} en curso.`);
  await refreshSelected();
}

function estar(efectivo: Efectivo, disponibilidad: string): Promise<void> {
  return ordenar(efectivo, 'PUT', 'disponibilidad', { disponibilidad }, `${efectivo.codigo_interno}: ${disponibilidad.replace('_', ' ')}.`);
}

async function ordenar(efectivo: Efectivo, method: 'POST' | 'PUT' | 'DELETE', path: string, body: object, done: string): Promise<void> {
  await order(`efectivo-${efectivo.id}`, { method, path, ...body },
    (key) => operation.http.order<Hecha>(method, `/efectivos/${efectivo.id}/${path}`, body, { ifMatch: alDia(efectivo), key }), done);
  await refreshSelected();
}
