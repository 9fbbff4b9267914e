import { now } from '../../clock';
import { moment } from '../../format';
import type { Activacion } from '../../types';
import { Copiar } from '../Copiar';

/** A one-time link, shown once: whoever has it takes the account. */
export function EnlaceActivacion({ activacion }: { activacion: Activacion }) {
  return (
    <div class="recuadro" role="status">
      <p>Entregue este enlace a la persona, por un medio seguro. Con él elige su contraseña.</p>
      <p class="secreto"><code data-enlace>{activacion.enlace}</code> <Copiar text={activacion.enlace} /></p>
      <p class="tenue">Vale una vez, hasta {moment(activacion.vence, now.value)}. No se vuelve a mostrar.</p>
    </div>
  );
}
