import { operation } from '../../operation';
import { compact } from '../../tarea';
import type { Hecha } from '../../types';
import { fromField } from '../../zone';
import { Campo, Form, useEnvio } from '../formulario';
import { ultimoDia } from './licencias';

/** Asks for leave, in whole days of the operation's calendar. */
export function PedirLicencia({ efectivo, onDone, onCancel }: { efectivo: string; onDone: () => void; onCancel: () => void }) {
  const envio = useEnvio(`licencia-${efectivo}`);
  return (
    <section class="recuadro" aria-label="Pedir una licencia">
      <Form envio={envio} campos={['desde', 'hasta', 'motivo']} boton="Pedir la licencia" enfocar onCancel={onCancel} onSubmit={(value) => {
        const body = compact({ efectivo, desde: fromField(value('desde')), hasta: ultimoDia(value('hasta')), motivo: value('motivo') });
        void envio.enviar(body, (key) => operation.http.order<Hecha>('POST', '/licencias', body, { key }), 'Licencia pedida; falta que alguien la apruebe.')
          .then((ok) => { if (ok) onDone(); });
      }}>
        <div class="dos">
          <Campo id="licencia-desde" label="Desde el día" envio={envio} campo="desde">{(a) => <input {...a} type="date" name="desde" required />}</Campo>
          <Campo id="licencia-hasta" label="Hasta el día" envio={envio} campo="hasta">{(a) => <input {...a} type="date" name="hasta" required />}</Campo>
        </div>
        <Campo id="licencia-motivo" label="Motivo (puede faltar)" envio={envio} campo="motivo">
          {(a) => <textarea {...a} name="motivo" rows={2} maxLength={4000} />}
        </Campo>
      </Form>
    </section>
  );
}
