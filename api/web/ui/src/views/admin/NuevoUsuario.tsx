import { useSignal } from '@preact/signals';
import { operation } from '../../operation';
import { compact } from '../../tarea';
import { ROL } from '../../texto';
import type { Activacion, Hecha } from '../../types';
import { ROLES } from '../../types';
import { Campo, Form, useEnvio } from '../formulario';
import { EnlaceActivacion } from './EnlaceActivacion';

const CAMPOS = ['nombre', 'apellido', 'email', 'dni', 'telefono', 'rol'] as const;

/** Enters a person; the answer is the link by which that person takes up the account. */
export function NuevoUsuario({ onClose, onDone }: { onClose: () => void; onDone: (id: string) => void }) {
  const envio = useEnvio('nuevo-usuario');
  const hecho = useSignal<{ id: string; activacion: Activacion } | undefined>(undefined);
  if (hecho.value) {
    const { id, activacion } = hecho.value;
    return (
      <aside class="tarjeta" aria-label="Usuario registrado">
        <h3>Usuario registrado</h3>
        <EnlaceActivacion activacion={activacion} />
        <button type="button" class="principal" onClick={() => onDone(id)}>Ya lo entregué</button>
      </aside>
    );
  }
  return (
    <aside class="tarjeta" aria-label="Nuevo usuario">
      <h3>Nuevo usuario</h3>
      <Form envio={envio} campos={CAMPOS} boton="Registrar" enfocar onCancel={onClose} onSubmit={(value) => {
        const body = compact(Object.fromEntries(CAMPOS.map((name) => [name, value(name)])));
        void envio.enviar(
          body, (key) => operation.http.order<Hecha & { activacion?: Activacion }>('POST', '/usuarios', body, { key }),
          ({ id, activacion }) => { if (activacion) hecho.value = { id, activacion }; else onDone(id); },
        );
      }}>
        <Campo id="u-nombre" label="Nombre" envio={envio} campo="nombre">{(a) => <input {...a} name="nombre" required maxLength={100} autocomplete="off" />}</Campo>
        <Campo id="u-apellido" label="Apellido" envio={envio} campo="apellido">{(a) => <input {...a} name="apellido" required maxLength={100} autocomplete="off" />}</Campo>
        <Campo id="u-email" label="Correo electrónico" envio={envio} campo="email">{(a) => <input {...a} name="email" type="email" required maxLength={254} autocomplete="off" />}</Campo>
        <div class="dos">
          <Campo id="u-dni" label="Documento (puede faltar)" envio={envio} campo="dni">{(a) => <input {...a} name="dni" minLength={5} maxLength={20} autocomplete="off" />}</Campo>
          <Campo id="u-telefono" label="Teléfono (puede faltar)" envio={envio} campo="telefono">{(a) => <input {...a} name="telefono" type="tel" maxLength={30} autocomplete="off" />}</Campo>
        </div>
        <Campo id="u-rol" label="Rol" envio={envio} campo="rol" ayuda="El rol de administrador se da después, con la aprobación de otro administrador.">
          {(a) => <select {...a} name="rol">{ROLES.filter((rol) => rol !== 'administrador').map((rol) => <option key={rol} value={rol} selected={rol === 'supervisor'}>{ROL[rol]}</option>)}</select>}
        </Campo>
      </Form>
    </aside>
  );
}
