import { useEffect } from 'preact/hooks';
import { operation } from '../../operation';
import { CifrasDePersona } from '../estadisticas/Persona';
import { Espera, Pagina } from '../Pagina';
import { Clave } from './Clave';
import { MisDatos } from './MisDatos';
import { SegundoFactor } from './SegundoFactor';
import { Sesiones } from './Sesiones';
import { Telegram } from './Telegram';

/** One's own account: who one is, how one gets in, and where one is in now. */
export function Perfil() {
  const yo = operation.yo.value;
  // Others may have changed it since the dashboard opened: what one reaches, for one.
  useEffect(() => { void operation.readYo().catch(() => undefined); }, []);
  return (
    <Pagina titulo="Mi perfil">
      {!yo ? <Espera /> : (
        <div class="pagina-partes">
          <MisDatos yo={yo} />
          <Sesiones />
          <Clave />
          <section class="tarjeta" aria-labelledby="perfil-totp">
            <h3 id="perfil-totp">Verificación en dos pasos</h3>
            <p role="status">{yo.segundo_factor ? 'Activa.' : 'No está activa.'}</p>
            <SegundoFactor activo={yo.segundo_factor} onDone={() => { void operation.readYo(); }} />
          </section>
          <section class="tarjeta" aria-labelledby="perfil-cifras">
            <h3 id="perfil-cifras">Mis cifras</h3>
            <CifrasDePersona usuario={yo.id} />
          </section>
          <Telegram usuario={yo.id} vinculado={yo.telegram} />
        </div>
      )}
    </Pagina>
  );
}
