import { useSignal } from '@preact/signals';
import { useLectura } from '../../lectura';
import { operation } from '../../operation';
import { nombreVisible } from '../../personas';
import { puede } from '../../permisos';
import { CUENTA, faltaIngreso, ROL } from '../../texto';
import type { Activacion, Hecha, Usuario } from '../../types';
import { order } from '../../ui';
import { Alcance } from '../Alcance';
import { CifrasPlegadas } from '../estadisticas/Persona';
import { Espera } from '../Pagina';
import { Sim } from '../piezas';
import { ConMotivo } from './ConMotivo';
import { DatosPersonales } from './DatosPersonales';
import { EditarUsuario } from './EditarUsuario';
import { EnlaceActivacion } from './EnlaceActivacion';
import { FormJurisdiccion } from './FormJurisdiccion';

type Paso = 'editar' | 'rol' | 'jurisdiccion' | 'bloqueo' | 'baja' | 'datos' | 'borrado' | null;

/** One Usuario: the account, and what an administrator can do about it. */
export function FichaUsuario({ id, onChange, onClose }: { id: string; onChange: () => void; onClose: () => void }) {
  const { datos: usuario, problem, releer } = useLectura<Usuario>(`/usuarios/${id}`);
  const paso = useSignal<Paso>(null);
  const enlace = useSignal<Activacion | undefined>(undefined);
  const done = () => { paso.value = null; releer(); onChange(); };
  if (!usuario) return <aside class="tarjeta"><Espera problem={problem} releer={releer} /></aside>;

  const propio = id === operation.session.me();
  const vivo = usuario.estado !== 'baja';
  return (
    <aside class="tarjeta" aria-label={`Usuario ${nombreVisible(usuario).replace(/^usuario /, '')}`}>
      <header class="linea">
        <h3>{nombreVisible(usuario)} {usuario.simulado && <Sim />}</h3>
        <button type="button" class="cerrar" aria-label="Cerrar la ficha" onClick={onClose}>✕</button>
      </header>
      <dl class="ficha">
        <div><dt>Rol</dt><dd>{ROL[usuario.rol] ?? usuario.rol}</dd></div>
        <div><dt>Cuenta</dt><dd>{CUENTA[usuario.estado]}{faltaIngreso(usuario) && `, ${faltaIngreso(usuario)}`}</dd></div>
        <div><dt>Segundo factor</dt><dd>{usuario.segundo_factor ? 'Activo' : 'No'}</dd></div>
        <div><dt>Telegram</dt><dd>{usuario.telegram ? 'Vinculado' : 'No'}</dd></div>
        {usuario.rol === 'supervisor' && <div><dt>Jurisdicción</dt><dd><Alcance jurisdiccion={usuario.jurisdiccion} /></dd></div>}
      </dl>
      {puede('figuras') && <CifrasPlegadas usuario={id} titulo="Sus cifras" />}
      {enlace.value && <EnlaceActivacion activacion={enlace.value} />}
      {puede('usuarios') && vivo && paso.value === null && (
        <div class="botones">
          <button type="button" onClick={() => { paso.value = 'editar'; }}>Modificar datos</button>
          {!propio && <button type="button" onClick={() => { paso.value = 'rol'; }}>Cambiar rol</button>}
          {puede('jurisdiccion') && usuario.rol === 'supervisor' && <button type="button" onClick={() => { paso.value = 'jurisdiccion'; }}>Jurisdicción…</button>}
          {usuario.rol !== 'administrador' && <button type="button" onClick={() => void nuevoEnlace(id).then((one) => { enlace.value = one; releer(); onChange(); })}>{usuario.contrasena || usuario.enlace_sin_usar ? 'Enlace nuevo' : 'Darle un enlace'}</button>}
          {!propio && usuario.estado === 'activo' && <button type="button" class="grave" onClick={() => { paso.value = 'bloqueo'; }}>Bloquear</button>}
          {usuario.estado === 'bloqueado' && <button type="button" onClick={() => void desbloquear(usuario).then(done)}>Desbloquear</button>}
          {!propio && <button type="button" class="grave" onClick={() => { paso.value = 'baja'; }}>Dar de baja</button>}
        </div>
      )}
      {paso.value === null && (
        <div class="botones">
          {puede('despachar') && <button type="button" onClick={() => { paso.value = 'datos'; }}>Ver datos personales</button>}
          {puede('aprobar') && !propio && <button type="button" class="grave" onClick={() => { paso.value = 'borrado'; }}>Pedir el borrado de sus datos</button>}
        </div>
      )}
      {paso.value === 'datos' && <DatosPersonales usuario={id} onClose={() => { paso.value = null; }} />}
      {paso.value === 'borrado' && (
        <ConMotivo intention={`borrado-${id}`} path="/aprobaciones" body={{ clase: 'borrado_datos', usuario: id }} boton="Pedir el borrado"
          done="Pedido; falta que otro administrador lo apruebe." nota="Cuando se apruebe y se ejecute, sus datos personales no se recuperan. Su historia queda, sin su nombre."
          onDone={done} onCancel={() => { paso.value = null; }} />
      )}
      {paso.value === 'editar' && <EditarUsuario usuario={usuario} onDone={done} onCancel={() => { paso.value = null; }} />}
      {paso.value === 'rol' && <EditarUsuario usuario={usuario} rol onDone={done} onCancel={() => { paso.value = null; }} />}
      {paso.value === 'jurisdiccion' && <FormJurisdiccion usuario={usuario} onDone={done} onRefused={releer} onCancel={() => { paso.value = null; }} />}
      {paso.value === 'bloqueo' && (
        <ConMotivo intention={`bloqueo-${id}`} path={`/usuarios/${id}/bloqueo`} version={usuario.version} boton="Bloquear" done="Bloqueado; sus sesiones terminan."
          nota="No puede entrar hasta que se lo desbloquee." onDone={done} onCancel={() => { paso.value = null; }} />
      )}
      {paso.value === 'baja' && (
        <ConMotivo intention={`baja-${id}`} path={`/usuarios/${id}/baja`} version={usuario.version} boton="Dar de baja para siempre" done="Dado de baja."
          nota="No tiene vuelta. Su historia queda; su correo, documento y Telegram quedan libres." onDone={done} onCancel={() => { paso.value = null; }} />
      )}
    </aside>
  );
}

async function nuevoEnlace(id: string): Promise<Activacion | undefined> {
  return order(`enlace-${id}`, {}, () => operation.http.order<Activacion & Partial<Hecha>>('POST', `/usuarios/${id}/activacion`, {}), 'Hay un enlace nuevo; si había otro, ya no vale.');
}

async function desbloquear({ id, version }: Usuario): Promise<void> {
  await order(`desbloqueo-${id}`, {}, (key) => operation.http.order<Hecha>('DELETE', `/usuarios/${id}/bloqueo`, {}, { ifMatch: version, key }), 'Desbloqueado.');
}
