import { useRef } from 'preact/hooks';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { nombreDeUsuario } from '../../personas';
import type { Hecha, Tarea } from '../../types';
import { Campo, Form, useEnvio } from '../formulario';
import { Hora } from '../piezas';

/** What was written down about a Tarea, also after its end. */
export function Notas({ tarea }: { tarea: Tarea }) {
  const envio = useEnvio(`nota-${tarea.id}`);
  const box = useRef<HTMLDetailsElement>(null);
  const notas = tarea.notas ?? [];
  return (
    <section class="notas" aria-label="Notas">
      <h3>Notas</h3>
      <ul>
        {notas.map((nota) => (
          <li key={nota.id}>
            <p class="detalle-texto">{nota.texto}</p>
            <p class="tenue">{nota.autor ? nombreDeUsuario(nota.autor) : 'Sistema'} · <Hora en={nota.en} /></p>
          </li>
        ))}
      </ul>
      {puede('ordenar') && (
        <details class="mas" ref={box}>
          <summary>Agregar una nota</summary>
          <Form envio={envio} campos={['texto']} boton="Agregar la nota" onSubmit={(value, form) => {
            const body = { texto: value('texto') };
            void envio.enviar(body, (key) => operation.http.order<Hecha>('POST', `/tareas/${tarea.id}/notas`, body, { key }), ({ posicion }) => {
              form.reset();
              if (box.current) box.current.open = false;
              void operation.readTarea(tarea.id, posicion).catch(() => undefined);
            });
          }}>
            <Campo id="nota-texto" label="Nota" envio={envio} campo="texto">
              {(a) => <textarea {...a} name="texto" rows={3} required maxLength={4000} />}
            </Campo>
          </Form>
        </details>
      )}
    </section>
  );
}
