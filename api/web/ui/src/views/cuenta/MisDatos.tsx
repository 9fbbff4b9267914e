import { useSignal } from '@preact/signals';
import { operation } from '../../operation';
import { ROL } from '../../texto';
import type { Hecha, Yo } from '../../types';
import { Alcance } from '../Alcance';
import { Campo, Form, useEnvio } from '../formulario';
import { Sim } from '../piezas';

/** One's own data; the address and the document are for an administrator to change. */
export function MisDatos({ yo }: { yo: Yo }) {
  const editing = useSignal(false);
  const { datos } = yo;
  return (
    <section class="tarjeta" aria-labelledby="perfil-datos">
      <h3 id="perfil-datos">Datos</h3>
      {editing.value ? <Editar yo={yo} onDone={() => { editing.value = false; }} /> : (
        <>
          <dl class="ficha">
            <div><dt>Nombre</dt><dd>{datos.nombre} {datos.apellido} {yo.simulado && <Sim />}</dd></div>
            <div><dt>Rol</dt><dd>{ROL[yo.rol] ?? yo.rol}</dd></div>
            {yo.rol === 'supervisor' && <div><dt>Jurisdicción</dt><dd><Alcance jurisdiccion={yo.jurisdiccion} /></dd></div>}
            <div><dt>Correo</dt><dd>{datos.email}</dd></div>
            {datos.dni && <div><dt>Documento</dt><dd>{datos.dni}</dd></div>}
            <div><dt>Teléfono</dt><dd>{datos.telefono || 'ninguno'}</dd></div>
          </dl>
          <p><button type="button" onClick={() => { editing.value = true; }}>Modificar</button></p>
        </>
      )}
    </section>
  );
}

const EDITABLES = [
  { name: 'nombre', label: 'Nombre', required: true, most: 100 },
  { name: 'apellido', label: 'Apellido', required: true, most: 100 },
  { name: 'telefono', label: 'Teléfono (puede faltar)', required: false, most: 30 },
] as const;

function Editar({ yo, onDone }: { yo: Yo; onDone: () => void }) {
  const envio = useEnvio('mis-datos');
  return (
    <Form envio={envio} campos={EDITABLES.map(({ name }) => name)} boton="Guardar" enfocar onCancel={onDone} onSubmit={(value) => {
      const body = Object.fromEntries(EDITABLES.filter(({ name }) => value(name) !== (yo.datos[name] ?? '')).map(({ name }) => [name, value(name)]));
      if (Object.keys(body).length === 0) { onDone(); return; }
      void envio.enviar(body, (key) => operation.http.order<Hecha>('PATCH', `/usuarios/${yo.id}`, body, { ifMatch: yo.version, key }), 'Datos guardados.')
        .then(async (done) => {
          await operation.readYo().catch(() => undefined);
          if (done) onDone();
        });
    }}>
      {EDITABLES.map(({ name, label, required, most }) => (
        <Campo key={name} id={`mis-${name}`} label={label} envio={envio} campo={name}>
          {(a) => <input {...a} name={name} required={required} maxLength={most} defaultValue={yo.datos[name] ?? ''} />}
        </Campo>
      ))}
    </Form>
  );
}
