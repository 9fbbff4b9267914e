import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { codigoDeActivacion } from '../../nav';
import { operation } from '../../operation';
import { Form, useEnvio } from '../formulario';
import { Ingreso } from '../Ingreso';
import { Espera } from '../Pagina';
import { Nueva, repetida } from './Clave';
import { SegundoFactor } from './SegundoFactor';

/** Before the dashboard: the way in, and what has to be done at the door. */
export function Puerta() {
  const { session } = operation;
  const lista = useSignal(false);
  if (session.estado.value === 'volviendo') return <div class="ingreso"><h1>GAD · Operación</h1><Espera vacia="Retomando la sesión…" /></div>;
  if (session.estado.value === 'pendiente') return <Pendiente />;
  if (codigoDeActivacion.value) {
    return <Activacion codigo={codigoDeActivacion.value} onDone={() => { codigoDeActivacion.value = undefined; lista.value = true; }} />;
  }
  return <Ingreso nota={lista.value ? 'La contraseña quedó guardada. Ingrese con ella.' : undefined} />;
}

/** Takes up an account with the one-time link that brought the person here. */
function Activacion({ codigo, onDone }: { codigo: string; onDone: () => void }) {
  const envio = useEnvio('activar');
  return (
    <section class="ingreso" aria-labelledby="activacion-titulo">
      <h1 id="activacion-titulo">Activar la cuenta</h1>
      <p class="tenue">Elija su contraseña. El enlace vale una sola vez.</p>
      <Form envio={envio} campos={['password']} boton="Guardar la contraseña" enfocar onSubmit={(value, form) => {
        const password = value('password');
        if (!repetida(form)) return;
        void envio.enviar({ codigo }, async () => { await operation.session.activate(codigo, password); return {}; }, onDone);
      }}>
        <Nueva envio={envio} campo="password" name="password" />
      </Form>
      <button type="button" onClick={() => { codigoDeActivacion.value = undefined; }}>Ya tengo contraseña</button>
    </section>
  );
}

/** The rol needs a second factor that is not set up yet: nothing else works before. */
function Pendiente() {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <div class="ingreso ingreso-ancho">
      <h1 ref={title} tabIndex={-1}>Falta la verificación en dos pasos</h1>
      <p>Su rol la necesita. Se prepara una vez, con una aplicación de códigos en el teléfono, y lleva un minuto.</p>
      <SegundoFactor activo={false} onDone={() => { void operation.session.renew(); }} />
      <button type="button" onClick={() => operation.logout()}>Salir</button>
    </div>
  );
}
