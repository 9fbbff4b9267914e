import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from '../net/problem';
import { problemOf } from '../net/problem';
import { operation } from '../operation';

/** Log in; also over the page when a session ends while somebody works. */
export function Ingreso({ again }: { again?: boolean }) {
  const { session } = operation;
  const problem = useSignal<Problem | undefined>(undefined);
  const sending = useSignal(false);
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  useEffect(() => (again ? password : email).current?.focus(), [again]);

  async function submit(event: Event) {
    event.preventDefault();
    if (sending.value || !email.current || !password.current) return;
    sending.value = true;
    problem.value = undefined;
    try {
      await session.login(email.current.value.trim(), password.current.value);
    } catch (cause) {
      problem.value = problemOf(cause);
      password.current.select();
    } finally {
      sending.value = false;
    }
  }

  const wrong = (campo: string) => problem.value?.campos.find((c) => c.campo === campo)?.mensaje;
  return (
    <form class="ingreso" onSubmit={(event) => void submit(event)} aria-labelledby="ingreso-titulo">
      <h1 id="ingreso-titulo">{again ? 'La sesión terminó' : 'GAD · Operación'}</h1>
      <p class="tenue">
        {again ? 'Ingrese de nuevo para seguir. Lo que está en pantalla no se actualiza mientras tanto.' : 'Tablero de despacho.'}
      </p>
      <label for="email">Correo electrónico</label>
      <input id="email" ref={email} type="email" name="email" autocomplete="username" required
        defaultValue={session.email.value ?? ''} aria-describedby="ingreso-problema" aria-invalid={wrong('email') ? true : undefined} />
      <label for="password">Contraseña</label>
      <input id="password" ref={password} type="password" name="password" autocomplete="current-password" required
        aria-describedby="ingreso-problema" aria-invalid={wrong('password') ? true : undefined} />
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
        {sending.value ? 'Ingresando…' : 'Ingresar'}
      </button>
    </form>
  );
}
