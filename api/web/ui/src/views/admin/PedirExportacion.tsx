import { useRef } from 'preact/hooks';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import type { Hecha } from '../../types';
import { fromField } from '../../zone';
import { Campo, Form, useEnvio } from '../formulario';

/** Asks for a copy of a stretch of the log; another administrator has to agree. */
export function PedirExportacion({ onDone }: { onDone: () => void }) {
  const envio = useEnvio('exportacion');
  const box = useRef<HTMLDetailsElement>(null);
  if (!puede('aprobar')) return null;
  return (
    <details class="mas" ref={box}>
      <summary>Pedir una exportación del registro</summary>
      <Form envio={envio} campos={['desde', 'hasta', 'motivo']} boton="Pedir" onSubmit={(value, form) => {
        const body = { clase: 'exportacion', desde: fromField(value('desde')), hasta: fromField(value('hasta')), motivo: value('motivo') };
        void envio.enviar(body, (key) => operation.http.order<Hecha>('POST', '/aprobaciones', body, { key }), 'Pedido; falta que otro administrador lo apruebe.')
          .then((ok) => {
            if (!ok) return;
            form.reset();
            if (box.current) box.current.open = false;
            onDone();
          });
      }}>
        <div class="dos">
          <Campo id="ex-desde" label="Desde" envio={envio} campo="desde">{(a) => <input {...a} type="datetime-local" name="desde" required />}</Campo>
          <Campo id="ex-hasta" label="Hasta" envio={envio} campo="hasta">{(a) => <input {...a} type="datetime-local" name="hasta" required />}</Campo>
        </div>
        <Campo id="ex-motivo" label="Motivo" envio={envio} campo="motivo">{(a) => <input {...a} name="motivo" required maxLength={500} autocomplete="off" />}</Campo>
      </Form>
    </details>
  );
}
