import { useSignal } from '@preact/signals';
import { MAXIMO, opciones, sumar } from '../../jurisdiccion';
import { useLectura } from '../../lectura';
import { operation } from '../../operation';
import type { Hecha, Jurisdiccion, Lista, Usuario, Zona } from '../../types';
import { Alcance } from '../Alcance';
import { Form, useEnvio } from '../formulario';
import { Espera } from '../Pagina';
import { CampoUnidad } from './CampoUnidad';

interface Props {
  usuario: Usuario;
  onDone: () => void;
  /** The card may be old: what it is now has to be seen, and its version known, before trying again. */
  onRefused: () => void;
  onCancel: () => void;
}

/** Gives a supervisor the Zonas and unidades he answers for: all of it at once, so what is not chosen is no part of it. */
export function FormJurisdiccion({ usuario, onDone, onRefused, onCancel }: Props) {
  const { datos, problem, releer } = useLectura<Lista<Zona>>('/zonas');
  const envio = useEnvio(`jurisdiccion-${usuario.id}`);
  const elegida = useSignal<Jurisdiccion>(usuario.jurisdiccion ?? { zonas: [], unidades: [] });
  const escrita = useSignal('');
  // Before their names are known, the Zonas already given would look like removed ones.
  if (!datos) return <Espera problem={problem} releer={releer} />;

  const { zonas, unidades } = elegida.value;
  const elegir = (over: Partial<Jurisdiccion>) => { elegida.value = { ...elegida.value, ...over }; };
  // What stands in the field counts: somebody who typed a name and pressed the button meant it.
  const conEscrita = () => sumar(unidades, escrita.value);
  const agregar = () => { elegir({ unidades: conEscrita() }); escrita.value = ''; };
  const todas = opciones(datos.datos, usuario.jurisdiccion?.zonas ?? []);
  return (
    <Form envio={envio} campos={['zonas', 'unidades']} boton="Guardar la jurisdicción" enfocar onCancel={onCancel} label="Jurisdicción"
      bloqueado={zonas.length > MAXIMO || unidades.length > MAXIMO}
      onSubmit={() => {
        agregar();
        const body = elegida.value;
        void envio.enviar(body, (key) => operation.http.order<Hecha>('PUT', `/usuarios/${usuario.id}/jurisdiccion`, body, { ifMatch: usuario.version, key }),
          'La jurisdicción cambió; vale en menos de 30 segundos.').then((ok) => { if (ok) onDone(); else onRefused(); });
      }}>
      <div class="campo">
        <fieldset class="opciones" aria-describedby="j-zonas-nota">
          <legend>Zonas</legend>
          {todas.length === 0 && <p class="tenue">No hay zonas dibujadas.</p>}
          {todas.map(({ id, nombre }) => (
            <label key={id}>
              <input type="checkbox" checked={zonas.includes(id)}
                onChange={(event) => elegir({ zonas: event.currentTarget.checked ? [...zonas, id] : zonas.filter((one) => one !== id) })} />
              {nombre}
            </label>
          ))}
        </fieldset>
        <p id="j-zonas-nota" class={envio.error('zonas') ? 'problema' : 'tenue'}>
          {envio.error('zonas') ?? (zonas.length > MAXIMO ? `Son como mucho ${MAXIMO}.` : zonas.length === 0 ? 'Ninguna marcada: sin límite de zonas.' : '')}
        </p>
      </div>
      <CampoUnidad envio={envio} escrita={escrita} elegidas={unidades} onAdd={agregar} />
      {unidades.length > 0 && (
        <ul class="sesiones" aria-label="Unidades elegidas">
          {unidades.map((una) => (
            <li key={una}>
              <div>{una}</div>
              <button type="button" aria-label={`Quitar ${una}`} onClick={() => elegir({ unidades: unidades.filter((one) => one !== una) })}>Quitar</button>
            </li>
          ))}
        </ul>
      )}
      <div class="nota-grave" role="status">
        <Alcance jurisdiccion={{ zonas, unidades: conEscrita() }} zonas={todas} />
      </div>
    </Form>
  );
}
