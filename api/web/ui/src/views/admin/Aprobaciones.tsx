import { useSignal } from '@preact/signals';
import { useLectura } from '../../lectura';
import { contarPendientes, pendientes } from '../../pendientes';
import { puede } from '../../permisos';
import { APROBACION } from '../../texto';
import type { Lista } from '../../types';
import { Atraso, Espera, Pagina } from '../Pagina';
import { Licencias } from '../efectivo/Licencias';
import type { Aprobacion } from './aprobacion';
import { FilaAprobacion } from './FilaAprobacion';
import { PedirExportacion } from './PedirExportacion';

/** What takes two: requests that wait, how others ended, and leaves without an answer. */
export function Aprobaciones() {
  return (
    <Pagina titulo="Aprobaciones">
      {puede('verPedidos') && <Pedidos />}
      <section class="tarjeta" aria-labelledby="ap-licencias">
        <h3 id="ap-licencias">Licencias sin respuesta</h3>
        <Licencias estado="solicitada" mark={pendientes.value} />
      </section>
    </Pagina>
  );
}

/** The requests that take two, by how they stand. */
export function Pedidos() {
  const estado = useSignal('solicitada,aprobada');
  const lectura = useLectura<Lista<Aprobacion>>('/aprobaciones', { estado: estado.value, limite: 100 }, pendientes.value);
  const { datos, problem, releer } = lectura;
  const changed = () => { releer(); void contarPendientes(); };
  return (
    <section class="tarjeta" aria-labelledby="ap-pedidos">
      <div class="linea">
        <h3 id="ap-pedidos">Pedidos que necesitan a dos</h3>
        <select aria-label="Qué pedidos" value={estado.value} onChange={(event) => { estado.value = event.currentTarget.value; }}>
          <option value="solicitada,aprobada">Por resolver</option>
          {(['ejecutada', 'rechazada', 'vencida'] as const).map((one) => <option key={one} value={one}>{APROBACION[one]}</option>)}
        </select>
      </div>
      <Atraso de={lectura} />
      {!datos ? <Espera problem={problem} releer={releer} /> : datos.datos.length === 0 ? <Espera vacia="No hay ninguno." /> : (
        <ul class="sesiones">{datos.datos.map((one) => <FilaAprobacion key={one.id} aprobacion={one} onChange={changed} />)}</ul>
      )}
      {puede('aprobar') && <PedirExportacion onDone={changed} />}
    </section>
  );
}
