import type { Signal } from '@preact/signals';
import { sugerencias } from '../../jurisdiccion';
import { useCalma, useLectura } from '../../lectura';
import type { Efectivo, Lista } from '../../types';
import type { Envio } from '../formulario';
import { Campo } from '../formulario';

interface Props {
  envio: Envio;
  escrita: Signal<string>;
  elegidas: readonly string[];
  onAdd: () => void;
}

/** The name of a unidad, with those that exist offered while it is typed. */
export function CampoUnidad({ envio, escrita, elegidas, onAdd }: Props) {
  const q = useCalma(escrita).trim();
  const { datos, anterior } = useLectura<Lista<Efectivo>>('/efectivos', { q: q || undefined, limite: 200 });
  const nadie = q && q === escrita.value.trim() && datos && !anterior && !datos.datos.some(({ unidad }) => unidad === q);
  return (
    <Campo id="j-unidad" label="Unidades" envio={envio} campo="unidades"
      ayuda={nadie ? `Nadie está en «${q}»: los nombres se comparan letra por letra.` : elegidas.length === 0 && !q ? 'Ninguna: sin límite de unidades.' : ''}>
      {(a) => (
        <span class="linea con-boton">
          <input {...a} list="j-unidades" maxLength={100} autocomplete="off" placeholder="Nombre, como está en las fichas" value={escrita.value}
            onInput={(event) => { escrita.value = event.currentTarget.value; }}
            onKeyDown={(event) => {
              // Enter adds the name; with nothing typed it sends the form, as anywhere.
              if (event.key === 'Enter' && escrita.value.trim()) { event.preventDefault(); onAdd(); }
            }} />
          <datalist id="j-unidades">{sugerencias(datos?.datos ?? [], elegidas).map((one) => <option key={one} value={one} />)}</datalist>
          <button type="button" onClick={onAdd}>Agregar</button>
        </span>
      )}
    </Campo>
  );
}
