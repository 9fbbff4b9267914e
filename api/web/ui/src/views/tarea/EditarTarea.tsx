import { useEffect } from 'preact/hooks';
import { formulario } from '../../acciones';
import { coordinates } from '../../format';
import { operation } from '../../operation';
import { cambiosDeTarea } from '../../tarea';
import type { Hecha, Tarea } from '../../types';
import { draft, refreshSelected, screen } from '../../ui';
import { Form, useEnvio } from '../formulario';
import { CAMPOS_TAREA, CamposTarea } from './CamposTarea';

/** Changes a Tarea; only what was touched is sent. */
export function EditarTarea({ tarea }: { tarea: Tarea }) {
  const envio = useEnvio(`editar-${tarea.id}`);
  const moved = draft.value?.que === 'lugar' ? draft.value.place : undefined;
  const at = moved ?? tarea.ubicacion;
  useEffect(() => () => { if (draft.value?.que === 'lugar') draft.value = null; }, []);

  function submit(value: (name: string) => string) {
    const body = cambiosDeTarea(value, tarea, moved ?? undefined);
    if (Object.keys(body).length === 0) {
      formulario.value = null;
      return;
    }
    void envio.enviar(
      body,
      (key) => operation.http.order<Hecha>('PATCH', `/tareas/${tarea.id}`, body, { ifMatch: tarea.version, key }),
      `${tarea.codigo} modificada.`,
    ).then((done) => {
      void refreshSelected();
      if (done) formulario.value = null;
    });
  }

  return (
    <section class="recuadro" aria-label={`Modificar ${tarea.codigo}`}>
      <h3>Modificar</h3>
      <p class="nueva-lugar">
        Lugar: {at ? coordinates(at.lat, at.lon) : 'ninguno'}{' '}
        <button type="button" class="enlace" onClick={() => { screen.value = 'mapa'; draft.value = { que: 'lugar', place: null }; }}>Elegir en el mapa</button>
      </p>
      <Form envio={envio} campos={CAMPOS_TAREA} boton="Guardar" enfocar onSubmit={submit} onCancel={() => { formulario.value = null; }}>
        <CamposTarea envio={envio} tarea={tarea} />
      </Form>
    </section>
  );
}
