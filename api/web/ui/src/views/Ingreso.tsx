import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from '../net/problem';
import { problemOf } from '../net/problem';
import { operation } from '../operation';
import { useRevision } from './revision';

/** Log in; also over the page when a session ends while somebody works. */
export function Ingreso({ again, nota }: { again?: boolean; nota?: string | undefined }) {
  const { session } = operation;
  const problem = useSignal<Problem | undefined>(undefined);
  const sending = useSignal(false);
  /** The server said yes to the password and wants the second factor too. */
  const second = useSignal(false);
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const totp = useRef<HTMLInputElement>(null);
  const { faltas, revisar, escribe } = useRevision();

  useEffect(() => (again ? password : email).current?.focus(), [again]);
  useEffect(() => { if (second.value) totp.current?.focus(); }, [second.value]);

  async function submit(event: Event) {
    event.preventDefault();
    if (sending.value || !email.current || !password.current || !revisar(event.currentTarget as HTMLFormElement)) return;
    sending.value = true;
    problem.value = undefined;
    try {
      await session.login(email.current.value.trim(), password.current.value, totp.current?.value.trim());
    } catch (cause) {
      const found = problemOf(cause);
      const asks = found.codigo === 'segundo_factor_requerido' && !second.value;
      if (asks) second.value = true;
      else problem.value = found;
      (second.value ? totp : password).current?.select();
    } finally {
      sending.value = false;
    }
  }

  const falta = (id: string) => faltas.value.find((one) => one.id === id)?.mensaje;
  const wrong = (campo: string) => falta(campo) ?? problem.value?.campos.find((c) => c.campo === campo)?.mensaje;
  return (
    <form class="ingreso" noValidate onInput={escribe} onSubmit={(event) => void submit(event)} aria-labelledby="ingreso-titulo">
      <h1 id="ingreso-titulo">{again ? 'La sesión terminó' : 'GAD · Operación'}</h1>
      <p class="tenue" role={nota ? 'status' : undefined}>
        {nota ?? (again ? 'Ingrese de nuevo para seguir. Lo que está en pantalla no se actualiza mientras tanto.' : 'Tablero de despacho.')}
      </p>
      <div hidden={second.value} class="ingreso-paso">
        <label for="email">Correo electrónico</label>
        <input id="email" ref={email} type="email" name="email" autocomplete="username" required
          defaultValue={session.email} aria-describedby="email-nota ingreso-problema" aria-invalid={wrong('email') ? true : undefined} />
        <p id="email-nota" class="problema">{falta('email')}</p>
        <label for="password">Contraseña</label>
        <input id="password" ref={password} type="password" name="password" autocomplete="current-password" required
          aria-describedby="password-nota ingreso-problema" aria-invalid={wrong('password') ? true : undefined} />
        <p id="password-nota" class="problema">{falta('password')}</p>
      </div>
      {second.value && (
        <div class="ingreso-paso">
          <label for="totp">Código de verificación</label>
          <input id="totp" ref={totp} name="totp" autocomplete="one-time-code" inputMode="text" required maxLength={64} aria-describedby="totp-nota ingreso-problema" aria-invalid={falta('totp') ? true : undefined} />
          <p id="totp-nota" class={falta('totp') ? 'problema' : 'tenue'}>{falta('totp')} Los seis dígitos de la aplicación del teléfono, o un código de recuperación.</p>
        </div>
      )}
      <div id="ingreso-problema" role="alert" class="problema">
        {problem.value && (
          <>
            <p>{problem.value.message}</p>
            {problem.value.campos.map((campo) => <p key={campo.campo}>{campo.mensaje}</p>)}
            {problem.value.retryAfter && <p>Puede reintentar en {problem.value.retryAfter} s.</p>}
          </>
        )}
      </div>
      <button type="submit" class="principal" disabled={sending.value}>
        {sending.value ? 'Ingresando…' : second.value ? 'Verificar' : 'Ingresar'}
      </button>
      {second.value && <button type="button" onClick={() => { second.value = false; problem.value = undefined; }}>Volver</button>}
    </form>
  );
}
