import { useEffect, useRef } from 'preact/hooks';
import { now } from '../../clock';
import { moment } from '../../format';
import { quitable, vigentes } from '../../marcas';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { nombreDeUsuario } from '../../personas';
import { CLASE_MARCA } from '../../texto';
import type { Hecha, Marca } from '../../types';
import { busy, lookAt, marcaElegida, order, panelMarcas, screen, startDraft } from '../../ui';
import { IconoMarca } from './IconoMarca';

/** The markers that people share: what each is, whose, until when, and taking it away. */
export function PanelMarcas() {
  const marcas = vigentes(operation.store.marcas.value, now.value);
  return (
    <aside class="detalle" aria-label="Marcas">
      <header>
        <strong>Marcas</strong>
        <button type="button" class="cerrar" aria-label="Cerrar" title="Cerrar (Esc)" onClick={() => { panelMarcas.value = false; }}>✕</button>
      </header>
      {puede('ordenar') && <div class="botones"><button type="button" class="principal" onClick={() => startDraft('marca')}>Poner una marca</button></div>}
      {marcas.length === 0 && <p class="tenue">No hay marcas en el mapa.</p>}
      <ul class="sesiones">
        {marcas.map((marca) => <Fila key={marca.id} marca={marca} elegida={marcaElegida.value === marca.id} />)}
      </ul>
    </aside>
  );
}

function Fila({ marca, elegida }: { marca: Marca; elegida: boolean }) {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => { if (elegida) row.current?.scrollIntoView({ block: 'nearest' }); }, [elegida]);
  const zona = marca.zona && operation.store.zonas.value.find((one) => one.id === marca.zona)?.nombre;
  const intention = `quitar-${marca.id}`;
  return (
    <li ref={row} class="zona-fila marca-fila" aria-current={elegida ? 'true' : undefined}>
      <IconoMarca clase={marca.clase} />
      <div>
        <button type="button" class="enlace" onClick={() => { screen.value = 'mapa'; marcaElegida.value = marca.id; lookAt.value = { lat: marca.lat, lon: marca.lon }; }}>{marca.titulo}</button>
        <p class="tenue">
          {CLASE_MARCA[marca.clase]}{zona ? ` · ${zona}` : ''} · la puso {marca.autor ? nombreDeUsuario(marca.autor) : 'el sistema'}, {moment(marca.puesta, now.value)}
          {' · '}{marca.caduca ? `hasta ${moment(marca.caduca, now.value)}` : 'hasta que la quiten'}
        </p>
      </div>
      {quitable(marca, operation.yo.value) && (
        <span class="botones botones-chicos">
          <button type="button" aria-label={`Quitar ${marca.titulo}`} disabled={busy.value.has(intention)} onClick={() => {
            void order(intention, {}, (key) => operation.http.order<Hecha>('DELETE', `/marcas/${marca.id}`, {}, { key }), 'Marca quitada.')
              .then(() => operation.refreshMarcas());
          }}>Quitar</button>
        </span>
      )}
    </li>
  );
}
