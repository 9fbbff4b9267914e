import { enterado, puedeAcusar } from '../../alertas';
import { asunto } from '../../enpie';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import type { Efectivo, Hecha } from '../../types';
import { refreshSelected } from '../../ui';
import { Campo, Form, useEnvio } from '../formulario';

/** Somebody called for help: it stays on screen until another takes charge. */
export function AtenderSos({ efectivo, mine }: { efectivo: Efectivo; mine: boolean }) {
  const envio = useEnvio(`sos-${efectivo.id}`);
  const suena = mine ? undefined : operation.pendingAlerts().find((alert) => asunto(alert) === `sos ${efectivo.id}`);
  return (
    <section class="recuadro recuadro-mal" role="alert" aria-label="Pedido de ayuda">
      <p><strong>SOS: {efectivo.codigo_interno} pidió ayuda y nadie la atendió todavía.</strong></p>
      {suena && puede('acusar') && puedeAcusar(suena) && (
        <div class="botones"><button type="button" onClick={() => void enterado([suena])}>Enterado, sin atenderlo todavía</button></div>
      )}
      {puede('despachar') && !mine && (
        <Form envio={envio} campos={['observaciones']} boton="Darlo por atendido" onSubmit={(value) => {
          const words = value('observaciones');
          const body = words ? { observaciones: words } : {};
          void envio.enviar(body, (key) => operation.http.order<Hecha>('DELETE', `/efectivos/${efectivo.id}/sos`, body, { key }), 'El pedido de ayuda está atendido.')
            .then(() => refreshSelected());
        }}>
          <Campo id="sos-observaciones" label="Qué se hizo (puede faltar)" envio={envio} campo="observaciones">
            {(a) => <input {...a} name="observaciones" maxLength={4000} autocomplete="off" />}
          </Campo>
        </Form>
      )}
    </section>
  );
}
