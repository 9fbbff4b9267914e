import { operation } from '../../operation';
import type { Envio } from '../formulario';
import { Campo, Form, useEnvio } from '../formulario';
import { avisar } from '../../ui';

/** Changes one's own password; the other sessions end with it. */
export function Clave() {
  const envio = useEnvio('clave');
  return (
    <section class="tarjeta" aria-labelledby="perfil-clave">
      <h3 id="perfil-clave">Contraseña</h3>
      <Form envio={envio} campos={['actual', 'nueva']} boton="Cambiar la contraseña" onSubmit={(value, form) => {
        if (!repetida(form)) return;
        const body = { actual: value('actual'), nueva: value('nueva') };
        // The key is of the intention: passwords are kept nowhere, not even in a key's name.
        void envio.enviar({}, () => operation.http.order<object>('POST', '/auth/password', body), () => {
          form.reset();
          avisar('bien', 'La contraseña cambió. Las otras sesiones terminaron.');
        });
      }}>
        <Campo id="clave-actual" label="Contraseña actual" envio={envio} campo="actual">
          {(a) => <input {...a} type="password" name="actual" required autocomplete="current-password" />}
        </Campo>
        <Nueva envio={envio} campo="nueva" name="nueva" />
      </Form>
    </section>
  );
}

/** A new password, typed twice, with the rules beside it. */
export function Nueva({ envio, campo, name }: { envio: Envio; campo: string; name: string }) {
  return (
    <>
      <Campo id={`clave-${name}`} label="Contraseña nueva" envio={envio} campo={campo}
        ayuda="De 12 a 128 caracteres. Sirve cualquier frase; no las que todos usan, como «contraseña123».">
        {(a) => <input {...a} type="password" name={name} required minLength={12} maxLength={128} autocomplete="new-password" data-nueva onInput={comparar} />}
      </Campo>
      <Campo id={`clave-${name}-otra`} label="Otra vez, igual">
        {(a) => (
          <input {...a} type="password" required autocomplete="new-password" data-repetida onInput={comparar} />
        )}
      </Campo>
    </>
  );
}

/** The second says so, with the rest that the form finds, while they are not the same. */
function comparar({ currentTarget }: { currentTarget: HTMLInputElement }): void {
  if (currentTarget.form) repetida(currentTarget.form);
}

/** Whether both are the same. */
export function repetida(form: HTMLFormElement): boolean {
  const one = form.querySelector<HTMLInputElement>('[data-nueva]');
  const other = form.querySelector<HTMLInputElement>('[data-repetida]');
  const same = !one || !other || one.value === other.value;
  other?.setCustomValidity(same || other.value === '' ? '' : 'No coincide con la contraseña nueva.');
  return same;
}
