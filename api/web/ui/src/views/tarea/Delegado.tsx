import { useSignal } from '@preact/signals';
import { nombreDeUsuario, recordar } from '../../personas';
import { ROL } from '../../texto';
import type { Tarea, Usuario } from '../../types';
import { Buscador } from '../Buscador';

/** The person in charge, in a form: whoever creates a Tarea unless somebody is named. */
export function Delegado({ tarea }: { tarea: Tarea | undefined }) {
  const elegido = useSignal(tarea?.delegado ?? '');
  const changing = useSignal(false);
  return (
    <div class="campo">
      <input type="hidden" name="delegado" value={elegido.value} />
      <p class="linea">
        Responsable: <b>{elegido.value ? nombreDeUsuario(elegido.value) : 'Usted'}</b>
        <button type="button" class="enlace" aria-expanded={changing.value} onClick={() => { changing.value = !changing.value; }}>Cambiar</button>
      </p>
      {changing.value && (
        <Buscador<Usuario> id={tarea ? 'edicion-delegado' : 'nueva-delegado'} label="Otro responsable" path="/usuarios" query={{ estado: 'activo' }}
          render={(usuario) => <><b>{usuario.nombre}</b> <span class="tenue">{ROL[usuario.rol]}</span></>}
          onPick={(usuario) => { recordar(usuario.id, usuario.nombre); elegido.value = usuario.id; changing.value = false; }} />
      )}
    </div>
  );
}

export function Responsable({ tarea }: { tarea: Tarea }) {
  if (!tarea.delegado) return null;
  return <div><dt>Responsable</dt><dd>{nombreDeUsuario(tarea.delegado)}</dd></div>;
}
