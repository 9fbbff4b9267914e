import { useSignal } from '@preact/signals';
import { useCalma, useLectura } from '../../lectura';
import { nombreVisible } from '../../personas';
import { puede } from '../../permisos';
import { totalDe } from '../../format';
import { CUENTA, faltaIngreso, ROL } from '../../texto';
import type { Lista, Usuario } from '../../types';
import { ROLES } from '../../types';
import { Espera, Pagina } from '../Pagina';
import { Sim } from '../piezas';
import { usuarioAbierto as abierto } from './abierto';
import { FichaUsuario } from './FichaUsuario';
import { NuevoUsuario } from './NuevoUsuario';

/** Who may order something, and what can be done about each. */
export function Usuarios() {
  const search = useSignal('');
  const rol = useSignal('');
  const estado = useSignal('activo');
  const cursores = useSignal<string[]>([]);
  const q = useCalma(search).trim();
  const { datos, problem, releer } = useLectura<Lista<Usuario>>('/usuarios', {
    q, rol: rol.value, estado: estado.value, limite: 50, cursor: cursores.value.at(-1),
  });
  const narrow = (change: () => void) => { cursores.value = []; change(); };
  return (
    <Pagina titulo="Usuarios" ancha>
      <div class="pagina-lista" data-abierto={abierto.value ? 'si' : 'no'}>
        <section aria-label="Lista de usuarios">
          <div class="barra-filtros" role="search">
            <input type="search" aria-label="Buscar por nombre, o por correo entero" placeholder="Nombre, o correo entero" value={search.value}
              onInput={(event) => narrow(() => { search.value = event.currentTarget.value; })} />
            <select aria-label="Rol" value={rol.value} onChange={(event) => narrow(() => { rol.value = event.currentTarget.value; })}>
              <option value="">Todos los roles</option>
              {ROLES.map((one) => <option key={one} value={one}>{ROL[one]}</option>)}
            </select>
            <select aria-label="Estado de la cuenta" value={estado.value} onChange={(event) => narrow(() => { estado.value = event.currentTarget.value; })}>
              <option value="">Todas las cuentas</option>
              {(['activo', 'bloqueado', 'baja'] as const).map((one) => <option key={one} value={one}>Cuenta: {CUENTA[one].toLowerCase()}</option>)}
            </select>
            {puede('usuarios') && <button type="button" class="principal" onClick={() => { abierto.value = 'nuevo'; }}>Nuevo usuario</button>}
          </div>
          {!datos || problem ? <Espera problem={problem} releer={releer} /> : <Tabla lista={datos} />}
          <div class="botones">
            {cursores.value.length > 0 && <button type="button" onClick={() => { cursores.value = cursores.value.slice(0, -1); }}>← Anteriores</button>}
            {datos?.siguiente && <button type="button" onClick={() => { cursores.value = [...cursores.value, datos.siguiente as string]; }}>Siguientes →</button>}
          </div>
        </section>
        {abierto.value === 'nuevo' && <NuevoUsuario onClose={() => { abierto.value = null; }} onDone={(id) => { releer(); abierto.value = id; }} />}
        {abierto.value && abierto.value !== 'nuevo' && (
          <FichaUsuario key={abierto.value} id={abierto.value} onChange={releer} onClose={() => { abierto.value = null; }} />
        )}
      </div>
    </Pagina>
  );
}

function Tabla({ lista }: { lista: Lista<Usuario> }) {
  if (lista.datos.length === 0) return <Espera vacia="Nadie coincide." />;
  return (
    <div class="tabla-caja" tabIndex={0} role="region" aria-label="Tabla de usuarios">
      <table class="tabla tabla-apilable">
        <caption class="oculto">Usuarios: {totalDe(lista)}</caption>
        <thead><tr><th>Nombre</th><th>Rol</th><th>Cuenta</th><th>Segundo factor</th><th>Telegram</th></tr></thead>
        <tbody>
          {lista.datos.map((usuario) => (
            <tr key={usuario.id} aria-selected={abierto.value === usuario.id}>
              <td><button type="button" class="enlace" onClick={() => { abierto.value = usuario.id; }}>{nombreVisible(usuario) || '(sin nombre)'}</button> {usuario.simulado && <Sim />}</td>
              <td data-t="Rol">{ROL[usuario.rol] ?? usuario.rol}</td>
              <td data-t="Cuenta" class={usuario.estado === 'activo' ? '' : 'problema'}>{CUENTA[usuario.estado]}{faltaIngreso(usuario) && <span class="tenue"> · {faltaIngreso(usuario)}</span>}</td>
              <td data-t="Segundo factor">{usuario.segundo_factor ? 'Sí' : 'No'}</td>
              <td data-t="Telegram">{usuario.telegram ? 'Sí' : 'No'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
