import { now } from '../../clock';
import { moment } from '../../format';
import { useLectura } from '../../lectura';
import { operation } from '../../operation';
import { navegador } from '../../texto';
import { busy, order } from '../../ui';
import { Atraso, Espera } from '../Pagina';
import { Hace } from '../piezas';

interface SesionAbierta {
  id: string;
  abierta: string;
  usada: string;
  vence: string;
  cliente: string;
  origen: string;
  segundo_factor: boolean;
  actual: boolean;
}

/** Where one is logged in, and a way to end what is not oneself. */
export function Sesiones() {
  const lectura = useLectura<{ datos: SesionAbierta[] }>('/auth/sesiones');
  const { datos, problem, releer } = lectura;
  const end = async (path: string, done: string) => {
    await order(`cerrar-${path}`, {}, () => operation.http.order<object>('DELETE', path, undefined), done);
    releer();
  };
  const rows = datos?.datos ?? [];
  return (
    <section class="tarjeta" aria-labelledby="perfil-sesiones">
      <h3 id="perfil-sesiones">Sesiones abiertas</h3>
      <Atraso de={lectura} />
      {!datos && <Espera problem={problem} releer={releer} />}
      <ul class="sesiones">
        {rows.map((one) => (
          <li key={one.id}>
            <div>
              <b title={one.cliente}>{navegador(one.cliente)}</b> {one.actual && <span class="chip">esta</span>}
              <p class="tenue">Desde {one.origen || 'un lugar desconocido'} · {moment(one.abierta, now.value)} · usada <Hace en={one.usada} /></p>
            </div>
            {!one.actual && (
              <button type="button" disabled={busy.value.has(`cerrar-/auth/sesiones/${one.id}`)}
                onClick={() => void end(`/auth/sesiones/${one.id}`, 'La sesión terminó.')}>Cerrar</button>
            )}
          </li>
        ))}
      </ul>
      {rows.length > 1 && <button type="button" class="grave" onClick={() => void end('/auth/sesiones', 'Las otras sesiones terminaron.')}>Cerrar todas las otras</button>}
    </section>
  );
}
