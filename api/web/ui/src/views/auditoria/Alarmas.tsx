import { useSignal } from '@preact/signals';
import { useLectura } from '../../lectura';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { nombreDeUsuario } from '../../personas';
import { ALARMA } from '../../texto';
import type { Hecha, Lista } from '../../types';
import { busy, order } from '../../ui';
import { Espera } from '../Pagina';
import { Hora } from '../piezas';
import type { Alarma } from './preguntas';
import { queAlarma } from './preguntas';

/** The alarms about the use of the system, newest first, and who has looked into each. */
export function Alarmas() {
  const estado = useSignal('pendiente');
  // Each alert that comes or goes is a reason to look again.
  const { datos, problem, releer } = useLectura<Lista<Alarma>>('/auditoria/alarmas', { estado: estado.value || undefined, limite: 20 }, operation.pendingAlerts().length);
  return (
    <section class="tarjeta" aria-labelledby="au-alarmas">
      <div class="linea">
        <h3 id="au-alarmas">Alarmas sobre el uso del sistema</h3>
        <select aria-label="Qué alarmas" value={estado.value} onChange={(event) => { estado.value = event.currentTarget.value; }}>
          <option value="pendiente">Sin atender</option>
          <option value="atendida">Atendidas</option>
          <option value="">Todas</option>
        </select>
      </div>
      {!datos || problem ? <Espera problem={problem} releer={releer} /> : datos.datos.length === 0 ? <Espera vacia="Ninguna." /> : (
        <ul class="sesiones">{datos.datos.map((one) => <Una key={one.id} alarma={one} onDone={releer} />)}</ul>
      )}
    </section>
  );
}

function Una({ alarma, onDone }: { alarma: Alarma; onDone: () => void }) {
  const { id, clase, en, usuario, atendida, atendio, atendida_en } = alarma;
  const mine = usuario === operation.session.me();
  const intention = `alarma-${id}`;
  const atender = () => void order(
    intention, {}, (key) => operation.http.order<Hecha>('POST', `/auditoria/alarmas/${encodeURIComponent(id)}/atencion`, {}, { key }), 'Queda registrado que la miró.',
  ).then(onDone);
  return (
    <li>
      <div>
        <b>{ALARMA[clase] ?? clase.replaceAll('_', ' ')}</b>
        <p class="tenue">{queAlarma(alarma, nombreDeUsuario)} · <Hora en={en} /></p>
        {atendida && <p class="tenue">La atendió {atendio ? nombreDeUsuario(atendio) : 'alguien'} · <Hora en={atendida_en} /></p>}
        {!atendida && mine && <p class="tenue">Es sobre usted: la atiende otra persona.</p>}
      </div>
      {!atendida && !mine && puede('auditoria') && (
        <span class="botones botones-chicos"><button type="button" class="principal" disabled={busy.value.has(intention)} onClick={atender}>Atender</button></span>
      )}
    </li>
  );
}
