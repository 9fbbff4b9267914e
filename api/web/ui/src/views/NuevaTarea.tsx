import { operation } from '../operation';
import { cuerpoDeTarea } from '../tarea';
import type { Hecha } from '../types';
import { avisar, descartar, draft, select } from '../ui';
import { Form, useEnvio } from './formulario';
import type { DeBorrador } from './PanelBorrador';
import { PanelBorrador } from './PanelBorrador';
import { CAMPOS_TAREA, CamposTarea } from './tarea/CamposTarea';

/** Writes a new Tarea for the place chosen on the map. */
export function NuevaTarea({ borrador }: DeBorrador) {
  const { place } = borrador;
  const envio = useEnvio('crear');

  function submit(value: (name: string) => string) {
    const body = cuerpoDeTarea(value, place);
    void envio.enviar(
      body,
      (key) => operation.http.order<Hecha & { codigo?: string }>('POST', '/tareas', body, { key }),
      (hecha) => {
        const waiting = draft.peek()?.que === 'tarea';
        descartar('tarea');
        if (waiting) select({ clase: 'tarea', id: hecha.id });
        void operation.readTarea(hecha.id, hecha.posicion).catch(() => undefined).then(() => {
          avisar('bien', `Tarea ${operation.store.tareas.get(hecha.id)?.codigo ?? ''} creada.`);
        });
      },
    );
  }

  return (
    <PanelBorrador borrador={borrador} titulo="Nueva tarea" clase="nueva-tarea" primero="#nueva-titulo">
      <Form envio={envio} campos={CAMPOS_TAREA} boton="Crear la tarea" bloqueado={!place} onSubmit={submit}>
        <CamposTarea envio={envio} />
      </Form>
    </PanelBorrador>
  );
}
