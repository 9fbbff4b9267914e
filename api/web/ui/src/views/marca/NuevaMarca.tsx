import { operation } from '../../operation';
import { compact, redondo } from '../../tarea';
import { CLASE_MARCA } from '../../texto';
import type { Hecha } from '../../types';
import { descartar, draft, panelMarcas, select } from '../../ui';
import { fromField } from '../../zone';
import { Campo, Form, useEnvio } from '../formulario';
import type { DeBorrador } from '../PanelBorrador';
import { PanelBorrador } from '../PanelBorrador';

/** Puts a marker on the place chosen on the map. */
export function NuevaMarca({ borrador }: DeBorrador) {
  const { place } = borrador;
  const envio = useEnvio('marca');
  const yo = operation.yo.value;
  const propias = yo?.rol === 'supervisor' ? yo.jurisdiccion?.zonas ?? [] : [];
  const zonas = operation.store.zonas.value.filter((zona) => propias.length === 0 || propias.includes(zona.id))
    .sort((a, b) => a.nombre.localeCompare(b.nombre, 'es'));

  function submit(value: (name: string) => string) {
    if (!place) return;
    const body = compact({ clase: value('clase'), titulo: value('titulo'), ...redondo(place), zona: value('zona'), caduca: fromField(value('caduca')) });
    void envio.enviar(body, (key) => operation.http.order<Hecha>('POST', '/marcas', body, { key }), 'Marca puesta.').then((ok) => {
      if (!ok) return;
      const waiting = draft.peek()?.que === 'marca';
      descartar('marca');
      if (waiting) {
        select(null);
        panelMarcas.value = true;
      }
      operation.refreshMarcas();
    });
  }

  return (
    <PanelBorrador borrador={borrador} titulo="Marca nueva" primero="#marca-titulo">
      <Form envio={envio} campos={['titulo', 'clase', 'zona', 'caduca']} boton="Poner la marca" bloqueado={!place} onSubmit={submit}>
        <Campo id="marca-titulo" label="Qué dice" envio={envio} campo="titulo">{(a) => <input {...a} name="titulo" required maxLength={120} autocomplete="off" />}</Campo>
        <Campo id="marca-clase" label="Clase" envio={envio} campo="clase">
          {(a) => <select {...a} name="clase">{Object.entries(CLASE_MARCA).map(([clase, text]) => <option key={clase} value={clase}>{text}</option>)}</select>}
        </Campo>
        <Campo id="marca-zona" label="Para quiénes" envio={envio} campo="zona">
          {(a) => (
            <select {...a} name="zona">
              <option value="">Todos</option>
              {zonas.map((zona) => <option key={zona.id} value={zona.id}>{zona.nombre}</option>)}
            </select>
          )}
        </Campo>
        <Campo id="marca-caduca" label="Se muestra hasta (puede faltar)" envio={envio} campo="caduca" ayuda="Vacío: hasta que la quiten.">
          {(a) => <input {...a} type="datetime-local" name="caduca" />}
        </Campo>
      </Form>
    </PanelBorrador>
  );
}
