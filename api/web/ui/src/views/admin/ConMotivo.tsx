import { operation } from '../../operation';
import type { Hecha } from '../../types';
import { Campo, Form, useEnvio } from '../formulario';

interface Props {
  intention: string;
  path: string;
  /** What goes along with the reason. */
  body?: object;
  /** What the person was looking at; a step on something newer is refused. */
  version?: number | undefined;
  boton: string;
  done: string;
  nota: string;
  onDone: () => void;
  onCancel: () => void;
}

/** A grave step that asks for its reason and says what it means. */
export function ConMotivo({ intention, path, body: more, version, boton, done, nota, onDone, onCancel }: Props) {
  const envio = useEnvio(intention);
  return (
    <section class="recuadro" aria-label={boton}>
      <p class="nota-grave">{nota}</p>
      <Form envio={envio} campos={['motivo']} boton={boton} grave enfocar onCancel={onCancel} onSubmit={(value) => {
        const body = { ...more, motivo: value('motivo') };
        void envio.enviar(body, (key) => operation.http.order<Hecha>('POST', path, body, { ifMatch: version, key }), done)
          .then((ok) => { if (ok) onDone(); });
      }}>
        <Campo id="con-motivo" label="Motivo" envio={envio} campo="motivo">
          {(a) => <textarea {...a} name="motivo" rows={2} required maxLength={4000} />}
        </Campo>
      </Form>
    </section>
  );
}
