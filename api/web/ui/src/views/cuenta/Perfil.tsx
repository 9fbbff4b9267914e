import { operation } from '../../operation';
import { ROL } from '../../texto';
import { Espera, Pagina } from '../Pagina';
import { Sim } from '../piezas';
import { Telegram } from './Telegram';

/** One's own account: who one is, how one gets in, and where one is in now. */
export function Perfil() {
  const yo = operation.yo.value;
  return (
    <Pagina titulo="Mi perfil">
      {!yo ? <Espera /> : (
        <div class="pagina-partes">
          <section class="tarjeta" aria-labelledby="perfil-datos">
            <h3 id="perfil-datos">Datos</h3>
            <dl class="ficha">
              <div><dt>Nombre</dt><dd>{yo.nombre} {yo.simulado && <Sim />}</dd></div>
              <div><dt>Rol</dt><dd>{ROL[yo.rol] ?? yo.rol}</dd></div>
              <div><dt>Correo</dt><dd>{operation.session.email.value}</dd></div>
            </dl>
          </section>
          <Telegram usuario={yo.id} vinculado={yo.telegram} />
        </div>
      )}
    </Pagina>
  );
}
