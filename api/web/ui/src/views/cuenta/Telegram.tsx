import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { now } from '../../clock';
import { span } from '../../format';
import { operation } from '../../operation';
import type { Hecha } from '../../types';
import { busy, order } from '../../ui';
import { Copiar } from '../Copiar';
import { Form, useEnvio } from '../formulario';

interface Codigo {
  codigo: string;
  vence: string;
}

async function desvincular(usuario: string): Promise<void> {
  await order('desvincular', {}, (key) => operation.http.order<Hecha>('DELETE', `/usuarios/${usuario}/vinculo-telegram`, {}, { key }), 'La cuenta de Telegram quedó suelta.');
  await operation.readYo().catch(() => undefined);
}

/** Links one's own Telegram account: a code, once, for a few minutes. */
export function Telegram({ usuario, vinculado }: { usuario: string; vinculado: boolean }) {
  const codigo = useSignal<Codigo | undefined>(undefined);
  const envio = useEnvio('vinculo-telegram');
  const left = codigo.value ? (Date.parse(codigo.value.vence) - now.value) / 1000 : 0;
  const waiting = left > 0 && !vinculado;

  // The bot's answer is seen here as soon as it has happened.
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setInterval(() => void operation.readYo().catch(() => undefined), 4_000);
    return () => clearInterval(timer);
  }, [waiting]);

  const pedir = () => void envio.enviar(
    {}, () => operation.http.order<Codigo>('POST', `/usuarios/${usuario}/vinculo-telegram`, {}),
    (answer) => { codigo.value = answer; },
  );
  return (
    <section class="tarjeta" aria-labelledby="perfil-telegram">
      <h3 id="perfil-telegram">Telegram</h3>
      <p role="status">{vinculado ? 'Hay una cuenta vinculada.' : 'No hay ninguna cuenta vinculada.'}</p>
      {waiting && codigo.value && (
        <>
          <p>Mande este código al bot, en un chat privado con él:</p>
          <p class="secreto codigo-grande"><code>{codigo.value.codigo}</code> <Copiar text={codigo.value.codigo} /></p>
          <p class="tenue">Vale una vez. Vence en <span aria-live="off">{span(left)}</span>.</p>
        </>
      )}
      {!waiting && codigo.value && !vinculado && <p class="nota-grave">El código venció; pida otro.</p>}
      {vinculado && (
        <p><button type="button" class="grave" disabled={busy.value.has('desvincular')} onClick={() => void desvincular(usuario)}>Soltar la cuenta</button></p>
      )}
      {!waiting && !vinculado && <Form envio={envio} campos={[]} boton="Pedir un código" onSubmit={pedir} />}
    </section>
  );
}
