import { operation } from '../../operation';
import type { Efectivo, Hecha } from '../../types';
import { Campo, Form, useEnvio } from '../formulario';

export const CAMPOS_FICHA = [
  { name: 'rango', label: 'Rango' },
  { name: 'unidad', label: 'Unidad' },
  { name: 'especialidad', label: 'Especialidad' },
] as const;

/** Changes the card of an Efectivo. */
export function EditarFicha({ efectivo, onDone, onCancel }: { efectivo: Efectivo; onDone: () => void; onCancel: () => void }) {
  const envio = useEnvio(`ficha-${efectivo.id}`);
  return (
    <section class="recuadro" aria-label="Modificar la ficha">
      <Form envio={envio} campos={CAMPOS_FICHA.map(({ name }) => name)} boton="Guardar" enfocar onCancel={onCancel} onSubmit={(value) => {
        const body = Object.fromEntries(CAMPOS_FICHA.filter(({ name }) => value(name) !== (efectivo[name] ?? '')).map(({ name }) => [name, value(name)]));
        if (Object.keys(body).length === 0) { onCancel(); return; }
        void envio.enviar(body, (key) => operation.http.order<Hecha>('PATCH', `/efectivos/${efectivo.id}`, body, { ifMatch: efectivo.version, key }), 'Ficha guardada.')
          .then((ok) => { if (ok) onDone(); });
      }}>
        {CAMPOS_FICHA.map(({ name, label }) => (
          <Campo key={name} id={`ficha-${name}`} label={label} envio={envio} campo={name}>
            {(a) => <input {...a} name={name} maxLength={100} defaultValue={efectivo[name] ?? ''} autocomplete="off" />}
          </Campo>
        ))}
      </Form>
    </section>
  );
}
