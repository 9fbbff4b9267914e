import { useSignal } from '@preact/signals';
import { operation } from '../../operation';
import { campoNombre } from '../../texto';
import { Campo, Form, useEnvio } from '../formulario';

/** Somebody's own data: read with a reason, and the reading leaves a trace. */
export function DatosPersonales({ usuario, onClose }: { usuario: string; onClose: () => void }) {
  const envio = useEnvio(`datos-${usuario}`);
  const datos = useSignal<Record<string, string> | undefined>(undefined);
  if (datos.value) {
    return (
      <section class="recuadro" aria-label="Datos personales">
        <dl class="ficha">
          {Object.entries(datos.value).map(([campo, valor]) => <div key={campo}><dt>{campoNombre(campo)}</dt><dd>{valor}</dd></div>)}
        </dl>
        <button type="button" onClick={onClose}>Cerrar</button>
      </section>
    );
  }
  return (
    <section class="recuadro" aria-label="Ver datos personales">
      <p class="nota-grave">Queda registrado quién los vio y por qué.</p>
      <Form envio={envio} campos={['motivo']} boton="Ver los datos" enfocar onCancel={onClose} onSubmit={(value) => {
        const body = { motivo: value('motivo') };
        void envio.enviar(body, () => operation.http.order<{ datos: Record<string, string> }>('POST', `/usuarios/${usuario}/datos-personales`, body),
          (answer) => { datos.value = answer.datos; });
      }}>
        <Campo id="datos-motivo" label="Motivo" envio={envio} campo="motivo">{(a) => <input {...a} name="motivo" required maxLength={500} autocomplete="off" />}</Campo>
      </Form>
    </section>
  );
}
