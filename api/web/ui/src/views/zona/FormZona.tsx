import { useSignal } from '@preact/signals';
import { distance } from '../../format';
import { desplegar } from '../../franjas';
import { operation } from '../../operation';
import { CLASE_ZONA } from '../../texto';
import type { Trazo } from '../../trazo';
import { figura, quitarPunto, radio, trazo } from '../../trazo';
import type { Franja, Hecha } from '../../types';
import { Campo, Form, useEnvio } from '../formulario';
import { Reglas, reglasDe } from './Reglas';

/** Names what is being drawn and saves it. */
export function FormZona() {
  const envio = useEnvio('zona');
  const horarios = useSignal<Franja[]>([]);
  const now = trazo.value;
  if (!now) return null;
  const shape = figura();
  return (
    <section class="recuadro" aria-label="Zona nueva">
      <Marcando trazo={now} />
      <Form envio={envio} campos={['nombre', 'clase', 'reglas.vacia_min']} boton="Guardar la zona" bloqueado={!shape} onCancel={() => { trazo.value = null; }}
        onSubmit={(value) => {
          const body = { nombre: value('nombre'), clase: value('clase'), ...shape, reglas: reglasDe(value), horarios: desplegar(horarios.value) };
          void envio.enviar(body, (key) => operation.http.order<Hecha>('POST', '/zonas', body, { key }), `Zona ${body.nombre} guardada.`)
            .then(async (ok) => {
              if (!ok) return;
              trazo.value = null;
              await operation.readMap().catch(() => undefined);
            });
        }}>
        <Campo id="zona-nombre" label="Nombre" envio={envio} campo="nombre">{(a) => <input {...a} name="nombre" required maxLength={120} autocomplete="off" />}</Campo>
        <Campo id="zona-clase" label="Clase" envio={envio} campo="clase">
          {(a) => <select {...a} name="clase">{Object.entries(CLASE_ZONA).map(([clase, text]) => <option key={clase} value={clase}>{text}</option>)}</select>}
        </Campo>
        <Reglas envio={envio} reglas={undefined} horarios={horarios} />
      </Form>
    </section>
  );
}

/** How far the drawing is, and its way back. */
export function Marcando({ trazo: now }: { trazo: Trazo }) {
  const { forma, puntos } = now;
  return (
    <>
      <p role="status">
        {forma === 'poligono'
          ? `Toque el mapa en cada esquina: van ${puntos.length}${puntos.length < 3 ? ', hacen falta tres' : ''}.`
          : puntos.length === 0 ? 'Toque el centro del círculo.' : puntos.length === 1 ? 'Toque un lugar del borde.' : `Radio: ${distance(radio(puntos))}. Otro toque lo cambia.`}
      </p>
      <p class="tenue con-teclado">Con teclado: <kbd>M</kbd> va al mapa, las flechas lo mueven, <kbd>Enter</kbd> marca el centro.</p>
      <div class="botones">
        <button type="button" disabled={puntos.length === 0} onClick={() => quitarPunto()}>Quitar el último punto</button>
        {now.listo && <button type="button" onClick={() => { trazo.value = { ...now, listo: false }; }}>Seguir dibujando</button>}
      </div>
    </>
  );
}
