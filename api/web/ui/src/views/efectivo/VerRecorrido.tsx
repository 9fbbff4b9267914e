import { lineasDe, recorrido } from '../../capas';
import { now } from '../../clock';
import { operation } from '../../operation';
import type { Efectivo } from '../../types';
import { avisar, encuadre, screen } from '../../ui';
import { fromField, toField } from '../../zone';
import { Campo, Form, useEnvio } from '../formulario';

/** Where he went between two times. Asking leaves a trace with the reason, and says so. */
export function VerRecorrido({ efectivo, onDone }: { efectivo: Efectivo; onDone: () => void }) {
  const envio = useEnvio(`recorrido-${efectivo.id}`);
  return (
    <section class="recuadro" aria-label="Ver el recorrido">
      <p class="nota-grave">Queda registrado quién lo vio y por qué.</p>
      <Form envio={envio} campos={['desde', 'hasta', 'motivo']} boton="Ver en el mapa" enfocar onCancel={onDone} onSubmit={(value) => {
        const body = { desde: fromField(value('desde')), hasta: fromField(value('hasta')), motivo: value('motivo') };
        void envio.enviar(body, () => operation.http.order<object>('POST', `/efectivos/${efectivo.id}/recorrido`, body), (answer) => {
          const lineas = lineasDe(answer).filter((linea) => linea.length > 0);
          if (lineas.length === 0) {
            avisar('mal', `No hay posiciones de ${efectivo.codigo_interno} en ese tiempo.`);
            return;
          }
          recorrido.value = { efectivo: efectivo.id, codigo: efectivo.codigo_interno, lineas };
          screen.value = 'mapa';
          encuadre.value = lineas.flat();
          onDone();
        });
      }}>
        <Campo id="rec-desde" label="Desde" envio={envio} campo="desde">{(a) => <input {...a} type="datetime-local" name="desde" required defaultValue={toField(now.peek() - 3_600_000)} />}</Campo>
        <Campo id="rec-hasta" label="Hasta" envio={envio} campo="hasta">{(a) => <input {...a} type="datetime-local" name="hasta" required defaultValue={toField(now.peek() + 60_000)} />}</Campo>
        <Campo id="rec-motivo" label="Motivo" envio={envio} campo="motivo">{(a) => <input {...a} name="motivo" required maxLength={500} autocomplete="off" />}</Campo>
      </Form>
    </section>
  );
}
