import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Figura, Leidas } from '../../importar';
import { leerGeoJSON, nuevas } from '../../importar';
import { problemOf } from '../../net/problem';
import { operation } from '../../operation';
import { CLASE_ZONA } from '../../texto';
import type { Hecha } from '../../types';
import { avisar, decided, keyFor, sentence } from '../../ui';
import { Campo } from '../formulario';

/** Draws the figures of a GeoJSON file, one order each; a second try takes up what is missing. */
export function ImportarZonas({ onClose }: { onClose: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const archivo = useSignal('');
  const leidas = useSignal<Leidas | undefined>(undefined);
  const problema = useSignal('');
  const clase = useSignal('jurisdiccion');
  /** How many are through, while they are being sent. */
  const van = useSignal<number | undefined>(undefined);
  const fallas = useSignal<string[]>([]);
  const found = leidas.value;
  const faltan = found ? nuevas(found.figuras, operation.store.zonas.value.map((zona) => zona.nombre)) : [];

  async function leer(file: File | undefined) {
    leidas.value = undefined;
    archivo.value = file?.name ?? '';
    fallas.value = [];
    problema.value = '';
    if (!file) return;
    try {
      leidas.value = leerGeoJSON(await file.text());
    } catch (cause) {
      problema.value = (cause as Error).message;
    }
  }

  async function importar() {
    const todas = faltan;
    fallas.value = [];
    van.value = 0;
    for (const figura of todas) {
      const falla = await definir(figura, clase.value);
      if (falla) fallas.value = [...fallas.value, `${figura.nombre}: ${falla}`];
      van.value++;
    }
    await operation.readMap().catch(() => undefined);
    van.value = undefined;
    if (fallas.value.length > 0) return;
    avisar('bien', todas.length === 1 ? 'Una zona importada.' : `${todas.length} zonas importadas.`);
    onClose();
  }

  return (
    <section class="recuadro formulario" aria-label="Importar zonas">
      <input ref={input} id="importar-archivo" type="file" hidden aria-label="Archivo GeoJSON" accept=".geojson,.json,application/geo+json,application/json"
        onChange={(event) => {
          void leer(event.currentTarget.files?.[0]);
          // The same file may be chosen again, mended.
          event.currentTarget.value = '';
        }} />
      <p><button type="button" disabled={van.value !== undefined} onClick={() => input.current?.click()}>{archivo.value ? 'Otro archivo…' : 'Elegir un archivo GeoJSON…'}</button> <b>{archivo.value}</b></p>
      <p class="tenue">Polígonos con su nombre (nombre, name o barrio). Los que ya están con ese nombre no se tocan.</p>
      <Campo id="importar-clase" label="Clase de todas">
        {(a) => (
          <select {...a} value={clase.value} onChange={(event) => { clase.value = event.currentTarget.value; }}>
            {Object.entries(CLASE_ZONA).map(([one, text]) => <option key={one} value={one}>{text}</option>)}
          </select>
        )}
      </Campo>
      <div role="status">
        {found && <p>{cuenta(found, faltan.length)}</p>}
        {van.value !== undefined && <p><progress max={faltan.length} value={van.value} aria-label="Zonas importadas" /> {van.value} de {faltan.length}</p>}
      </div>
      <div role="alert" class="problema">
        {problema.value && <p>{problema.value}</p>}
        {[...found?.fuera ?? [], ...fallas.value].map((one) => <p key={one}>{one}</p>)}
      </div>
      <div class="botones">
        <button type="button" class="principal" disabled={faltan.length === 0 || van.value !== undefined} onClick={() => void importar()}>
          {fallas.value.length > 0 ? 'Reintentar las que faltan' : faltan.length > 1 ? `Importar ${faltan.length} zonas` : 'Importar'}
        </button>
        <button type="button" disabled={van.value !== undefined} onClick={onClose}>Volver</button>
      </div>
    </section>
  );
}

function cuenta({ figuras }: Leidas, faltan: number): string {
  const estaban = figuras.length - faltan;
  if (faltan === 0) return figuras.length === 0 ? 'No hay figuras para importar.' : 'Todas están dibujadas ya.';
  return `${faltan === 1 ? 'Una zona nueva' : `${faltan} zonas nuevas`}${estaban > 0 ? `; ${estaban} con un nombre que ya está` : ''}.`;
}

/** What went wrong, in a sentence. */
async function definir(figura: Figura, clase: string): Promise<string | undefined> {
  const body = { ...figura, clase };
  const intention = `importar-${figura.nombre}`;
  try {
    const { posicion } = await operation.http.order<Hecha>('POST', '/zonas', body, { key: keyFor(intention, body) });
    decided(intention);
    operation.sent(posicion);
    return undefined;
  } catch (cause) {
    const problem = problemOf(cause);
    if (!problem.transient) decided(intention);
    return sentence(problem);
  }
}
