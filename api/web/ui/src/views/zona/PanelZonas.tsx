import { useSignal } from '@preact/signals';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { CLASE_ZONA } from '../../texto';
import { trazo } from '../../trazo';
import type { Zona } from '../../types';
import { panelZonas, select } from '../../ui';
import { verZona } from './ver';
import { FormZona } from './FormZona';
import { QuitarZona } from './QuitarZona';

/** The Zonas of the operation: where they are, and drawing another. */
export function PanelZonas() {
  const quitando = useSignal<string | undefined>(undefined);
  const zonas = [...operation.store.zonas.value].sort((a, b) => a.nombre.localeCompare(b.nombre, 'es'));
  const manda = puede('despachar');
  return (
    <aside class="detalle" aria-label="Zonas">
      <header>
        <strong>Zonas</strong>
        <button type="button" class="cerrar" aria-label="Cerrar" title="Cerrar (Esc)" onClick={() => { panelZonas.value = false; trazo.value = null; }}>✕</button>
      </header>
      {trazo.value ? <FormZona /> : manda && (
        <div class="botones">
          <button type="button" class="principal" onClick={() => dibujar('poligono')}>Dibujar un polígono</button>
          <button type="button" onClick={() => dibujar('circulo')}>Dibujar un círculo</button>
        </div>
      )}
      {zonas.length === 0 && <p class="tenue">No hay zonas.</p>}
      <ul class="sesiones">
        {zonas.map((zona) => (
          <li key={zona.id}>
            <div>
              <button type="button" class="enlace" onClick={() => verZona(zona)}>{zona.nombre}</button>
              <p class="tenue">{CLASE_ZONA[zona.clase ?? ''] ?? zona.clase}</p>
              {quitando.value === zona.id && <QuitarZona zona={zona} onClose={() => { quitando.value = undefined; }} />}
            </div>
            {manda && quitando.value !== zona.id && <Quitar zona={zona} onClick={() => { quitando.value = zona.id; }} />}
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Quitar({ zona, onClick }: { zona: Zona; onClick: () => void }) {
  return <button type="button" aria-label={`Quitar ${zona.nombre}`} onClick={onClick}>Quitar</button>;
}

function dibujar(forma: 'poligono' | 'circulo'): void {
  select(null);
  panelZonas.value = true;
  trazo.value = { forma, puntos: [] };
}
