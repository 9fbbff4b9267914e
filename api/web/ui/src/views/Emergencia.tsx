import { operation } from '../operation';
import { compact, redondo } from '../tarea';
import type { Hecha } from '../types';
import { avisar, descartar, draft, select } from '../ui';
import { Campo, Form, useEnvio } from './formulario';
import type { DeBorrador } from './PanelBorrador';
import { PanelBorrador } from './PanelBorrador';

/** Somebody calls: a place and a few words; who goes is worked out by the same order. */
export function Emergencia({ borrador }: DeBorrador) {
  const { place } = borrador;
  const envio = useEnvio('emergencia');

  function submit(value: (name: string) => string) {
    if (!place) return;
    const body = { ...redondo(place), ...compact({ descripcion: value('descripcion'), telefono: value('telefono') }) };
    void envio.enviar(
      body,
      (key) => operation.http.order<EmergenciaHecha>('POST', '/emergencias', body, { key }),
      (hecha) => {
        const id = hecha.tarea ?? hecha.id;
        // Whoever went on to something else meanwhile is not called back.
        const waiting = draft.peek()?.que === 'emergencia';
        descartar('emergencia');
        if (waiting) select({ clase: 'tarea', id });
        void operation.readTarea(id, hecha.posicion).catch(() => undefined).then(() => {
          if (hecha.ofrecida_a) avisar('bien', 'Emergencia creada y ofrecida.');
          else avisar('mal', 'Emergencia creada, pero no hay a quién ofrecerla: asígnela usted.');
        });
      },
    );
  }

  return (
    <PanelBorrador borrador={borrador} titulo="Emergencia" clase="emergencia" primero="textarea">
      <Form envio={envio} campos={['descripcion', 'telefono']} boton="Crear y ofrecer al mejor" bloqueado={!place} onSubmit={submit}>
        <Campo id="emergencia-descripcion" label="Qué pasa" envio={envio} campo="descripcion" ayuda={<span class="con-teclado">Enter envía; Mayúscula y Enter, otro renglón.</span>}>
          {(a) => (
            <textarea {...a} name="descripcion" rows={3} required maxLength={4000}
              onKeyDown={(event) => { if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); event.currentTarget.form?.requestSubmit(); } }} />
          )}
        </Campo>
        <Campo id="emergencia-telefono" label="Teléfono de quien llama (puede faltar)" envio={envio} campo="telefono">
          {(a) => <input {...a} name="telefono" type="tel" maxLength={40} autocomplete="off" />}
        </Campo>
      </Form>
    </PanelBorrador>
  );
}

type EmergenciaHecha = Hecha & { tarea?: string; ofrecida_a?: string | null };
