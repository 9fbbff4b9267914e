import { operation } from '../../operation';
import { ordenarSobre } from '../../sobre';
import { alDia } from '../../store/store';
import type { Efectivo, Hecha } from '../../types';
import { Ajenos, useSobre } from '../Ajenos';
import { Campo, Form, useEnvio } from '../formulario';

export const CAMPOS_FICHA = [
  { name: 'rango', label: 'Rango' },
  { name: 'unidad', label: 'Unidad' },
  { name: 'especialidad', label: 'Especialidad' },
] as const;

const NOMBRES = Object.fromEntries(CAMPOS_FICHA.map(({ name, label }) => [name, label]));

const valores = (efectivo: Efectivo) => Object.fromEntries(CAMPOS_FICHA.map(({ name }) => [name, efectivo[name] ?? '']));

/** Changes the card of an Efectivo; only what was touched is sent. */
export function EditarFicha({ efectivo, onDone, onCancel }: { efectivo: Efectivo; onDone: () => void; onCancel: () => void }) {
  const { id } = efectivo;
  const envio = useEnvio(`ficha-${id}`);
  const sobre = useSobre(efectivo, valores);
  const nowKnown = () => operation.store.efectivos.get(id) ?? efectivo;
  return (
    <section class="recuadro" aria-label="Modificar la ficha">
      <Form envio={envio} campos={CAMPOS_FICHA.map(({ name }) => name)} boton="Guardar" enfocar bloqueado={sobre.otros.length > 0} onCancel={onCancel} onSubmit={(value) => {
        const body = Object.fromEntries(CAMPOS_FICHA.filter(({ name }) => value(name) !== (sobre.base[name] ?? '')).map(({ name }) => [name, value(name)]));
        if (Object.keys(body).length === 0) { onCancel(); return; }
        void envio.enviar(body, (key) => ordenarSobre({
          leer: () => operation.readEfectivo(id),
          version: () => alDia(nowKnown()),
          cambiaron: () => sobre.cambiaron(nowKnown()),
          enviar: (ifMatch, one) => operation.http.order<Hecha>('PATCH', `/efectivos/${id}`, body, { ifMatch, key: one }),
        }, key), 'Ficha guardada.').then((ok) => { if (ok) onDone(); });
      }}>
        {CAMPOS_FICHA.map(({ name, label }) => (
          <Campo key={name} id={`ficha-${name}`} label={label} envio={envio} campo={name}>
            {(a) => <input {...a} name={name} maxLength={100} defaultValue={sobre.base[name] ?? ''} autocomplete="off" />}
          </Campo>
        ))}
        {!envio.sending && <Ajenos sobre={sobre} nombres={NOMBRES} nota="Guardar igual pone lo que usted cambió y deja lo demás como está ahora." onTomar={envio.limpiar} />}
      </Form>
    </section>
  );
}
