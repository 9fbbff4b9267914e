import { useSignal } from '@preact/signals';
import { operation } from '../../operation';
import { avisar } from '../../ui';
import { Copiar } from '../Copiar';
import { Campo, Form, useEnvio } from '../formulario';
import { Codigos } from './Codigos';
import { Qr } from './Qr';

interface Preparado {
  secreto: string;
  uri: string;
}

/** The second factor: set up in two steps, and taken away where the rol allows it. */
export function SegundoFactor({ activo, onDone }: { activo: boolean; onDone: () => void }) {
  const preparado = useSignal<Preparado | undefined>(undefined);
  const codigos = useSignal<string[] | undefined>(undefined);
  if (codigos.value) {
    return <Codigos codigos={codigos.value} onDone={() => { codigos.value = undefined; preparado.value = undefined; onDone(); }} />;
  }
  if (activo) return <Quitar onDone={onDone} />;
  if (!preparado.value) return <Empezar onDone={(answer) => { preparado.value = answer; }} />;
  return <Confirmar preparado={preparado.value} onDone={(answer) => { codigos.value = answer; }} onCancel={() => { preparado.value = undefined; }} />;
}

function Empezar({ onDone }: { onDone: (preparado: Preparado) => void }) {
  const envio = useEnvio('totp-empezar');
  return (
    <Form envio={envio} campos={['password']} boton="Preparar" onSubmit={(value) => {
      const password = value('password');
      void envio.enviar({}, () => operation.http.order<Preparado>('POST', '/auth/totp', { password }), onDone);
    }}>
      <p>Con una aplicación de códigos en el teléfono, quien sepa la contraseña no entra sin el teléfono.</p>
      <Campo id="totp-clave" label="Contraseña actual" envio={envio} campo="password">
        {(a) => <input {...a} type="password" name="password" required autocomplete="current-password" />}
      </Campo>
    </Form>
  );
}

function Confirmar({ preparado, onDone, onCancel }: { preparado: Preparado; onDone: (codigos: string[]) => void; onCancel: () => void }) {
  const envio = useEnvio('totp-confirmar');
  return (
    <>
      <p>1. Lea este dibujo con la aplicación del teléfono, o escriba la clave a mano.</p>
      <Qr text={preparado.uri} label="Código QR de la verificación en dos pasos" />
      <p class="secreto"><code>{preparado.secreto.replace(/(.{4})(?=.)/g, '$1 ')}</code> <Copiar text={preparado.secreto} /></p>
      <p>2. Escriba los seis dígitos que muestra.</p>
      <Form envio={envio} campos={['codigo']} boton="Activar" enfocar onCancel={onCancel} onSubmit={(value) => {
        const codigo = value('codigo').replaceAll(' ', '');
        void envio.enviar({ codigo }, () => operation.http.order<{ codigos_recuperacion: string[] }>('POST', '/auth/totp', { codigo }),
          (answer) => onDone(answer.codigos_recuperacion));
      }}>
        <Campo id="totp-codigo" label="Código" envio={envio} campo="codigo">
          {(a) => <input {...a} name="codigo" required inputMode="numeric" autocomplete="one-time-code" maxLength={16} />}
        </Campo>
      </Form>
    </>
  );
}

function Quitar({ onDone }: { onDone: () => void }) {
  const asking = useSignal(false);
  const envio = useEnvio('totp-quitar');
  if (!asking.value) return <p><button type="button" class="grave" onClick={() => { asking.value = true; }}>Quitar</button></p>;
  return (
    <Form envio={envio} campos={['password', 'codigo']} boton="Quitar la verificación" grave enfocar onCancel={() => { asking.value = false; }}
      onSubmit={(value) => {
        const body = { password: value('password'), codigo: value('codigo').replaceAll(' ', '') };
        void envio.enviar({}, () => operation.http.order<object>('DELETE', '/auth/totp', body), () => {
          avisar('bien', 'Ya no se pide el código.');
          onDone();
        });
      }}>
      <Campo id="totp-clave" label="Contraseña actual" envio={envio} campo="password">
        {(a) => <input {...a} type="password" name="password" required autocomplete="current-password" />}
      </Campo>
      <Campo id="totp-codigo" label="Código de verificación" envio={envio} campo="codigo">
        {(a) => <input {...a} name="codigo" required autocomplete="one-time-code" maxLength={64} />}
      </Campo>
    </Form>
  );
}
