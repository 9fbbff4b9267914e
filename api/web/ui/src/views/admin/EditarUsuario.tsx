import { useSignal } from '@preact/signals';
import { operation } from '../../operation';
import { compact } from '../../tarea';
import { ROL } from '../../texto';
import type { Hecha, Usuario } from '../../types';
import { ROLES } from '../../types';
import { Campo, Form, useEnvio } from '../formulario';

interface Props {
  usuario: Usuario;
  /** The rol alone instead of the personal data. */
  rol?: boolean;
  onDone: () => void;
  onCancel: () => void;
}

const DATOS = [
  { name: 'nombre', label: 'Nombre', mode: 'text', most: 100 },
  { name: 'apellido', label: 'Apellido', mode: 'text', most: 100 },
  { name: 'email', label: 'Correo electrónico', mode: 'email', most: 254 },
  { name: 'dni', label: 'Documento', mode: 'text', most: 20 },
  { name: 'telefono', label: 'Teléfono', mode: 'tel', most: 30 },
] as const;

/** Changes what is filled in; the values in force are not shown: reading them needs a reason. */
export function EditarUsuario({ usuario, rol, onDone, onCancel }: Props) {
  const envio = useEnvio(`editar-usuario-${usuario.id}`);
  const alto = useSignal(false);
  const path = `/usuarios/${usuario.id}`;
  const send = (body: object, method: 'PATCH' | 'PUT' | 'POST', at: string, done: string) => {
    void envio.enviar(body, (key) => operation.http.order<Hecha>(method, at, body, { ifMatch: method === 'POST' ? undefined : usuario.version, key }), done)
      .then((ok) => { if (ok) onDone(); });
  };
  if (rol) {
    return (
      <Form envio={envio} campos={['rol']} boton={alto.value ? 'Pedir el rol' : 'Cambiar el rol'} enfocar onCancel={onCancel} label="Cambiar el rol"
        onSubmit={(value) => {
          // The highest rol is not given by one alone.
          if (value('rol') === 'administrador') {
            const body = { clase: 'rol_administrador', usuario: usuario.id, motivo: value('motivo') };
            send(body, 'POST', '/aprobaciones', 'Pedido; falta que otro administrador lo apruebe.');
          } else send({ rol: value('rol') }, 'PUT', `${path}/rol`, 'El rol cambió; vale en menos de 30 segundos.');
        }}>
        <Campo id="e-rol" label="Rol" envio={envio} campo="rol">
          {(a) => (
            <select {...a} name="rol" onChange={(event) => { alto.value = event.currentTarget.value === 'administrador'; }}>
              {ROLES.map((one) => <option key={one} value={one} selected={one === usuario.rol}>{ROL[one]}</option>)}
            </select>
          )}
        </Campo>
        {alto.value && (
          <Campo id="e-motivo" label="Motivo, para quien lo apruebe" envio={envio} campo="motivo">
            {(a) => <textarea {...a} name="motivo" rows={2} required maxLength={4000} />}
          </Campo>
        )}
      </Form>
    );
  }
  return (
    <Form envio={envio} campos={DATOS.map(({ name }) => name)} boton="Guardar" enfocar onCancel={onCancel} label="Modificar datos"
      onSubmit={(value) => {
        const body = compact(Object.fromEntries(DATOS.map(({ name }) => [name, value(name)])));
        if (Object.keys(body).length === 0) onCancel();
        else send(body, 'PATCH', path, 'Datos guardados.');
      }}>
      <p class="tenue">Lo que quede vacío no cambia.</p>
      {DATOS.map(({ name, label, mode, most }) => (
        <Campo key={name} id={`e-${name}`} label={label} envio={envio} campo={name}>
          {(a) => <input {...a} name={name} inputMode={mode} maxLength={most} autocomplete="off" />}
        </Campo>
      ))}
    </Form>
  );
}
