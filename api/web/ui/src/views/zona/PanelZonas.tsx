import { useSignal } from '@preact/signals';
import { operation } from '../../operation';
import { dibujaZonas } from '../../permisos';
import { CLASE_ZONA } from '../../texto';
import { trazo } from '../../trazo';
import { panelZonas, select } from '../../ui';
import { verZona } from './ver';
import { EditarZona } from './EditarZona';
import { FormZona } from './FormZona';
import { ImportarZonas } from './ImportarZonas';
import { QuitarZona } from './QuitarZona';

/** The Zonas of the operation: where they are, and drawing another. */
export function PanelZonas() {
  const importando = useSignal(false);
  const abierta = useSignal<{ id: string; que: 'editar' | 'quitar' } | undefined>(undefined);
  const cerrar = () => { abierta.value = undefined; trazo.value = null; };
  const zonas = [...operation.store.zonas.value].sort((a, b) => a.nombre.localeCompare(b.nombre, 'es'));
  const manda = dibujaZonas();
  return (
    <aside class="detalle" aria-label="Zonas">
      <header>
        <strong>Zonas</strong>
        <button type="button" class="cerrar" aria-label="Cerrar" title="Cerrar (Esc)" onClick={() => { panelZonas.value = false; trazo.value = null; }}>✕</button>
      </header>
      {trazo.value && !trazo.value.zona && <FormZona />}
      {importando.value && <ImportarZonas onClose={() => { importando.value = false; }} />}
      {!trazo.value && !importando.value && manda && (
        <div class="botones">
          <button type="button" class="principal" onClick={() => dibujar('poligono')}>Dibujar un polígono</button>
          <button type="button" onClick={() => dibujar('circulo')}>Dibujar un círculo</button>
          <button type="button" onClick={() => { importando.value = true; }}>Importar…</button>
        </div>
      )}
      {zonas.length === 0 && <p class="tenue">No hay zonas.</p>}
      <ul class="sesiones">
        {zonas.map((zona) => {
          const que = abierta.value?.id === zona.id ? abierta.value.que : undefined;
          return (
            <li key={zona.id} class="zona-fila">
              <div>
                <button type="button" class="enlace" onClick={() => verZona(zona)}>{zona.nombre}</button>
                {zona.vacia && <b class="problema"> vacía</b>}
                <p class="tenue">{CLASE_ZONA[zona.clase ?? ''] ?? zona.clase}</p>
              </div>
              {manda && !que && (
                <span class="botones botones-chicos" role="group" aria-label={zona.nombre}>
                  <button type="button" onClick={() => { abierta.value = { id: zona.id, que: 'editar' }; }}>Modificar</button>
                  <button type="button" onClick={() => { abierta.value = { id: zona.id, que: 'quitar' }; }}>Quitar</button>
                </span>
              )}
              {que === 'editar' && <EditarZona zona={zona} onClose={cerrar} />}
              {que === 'quitar' && <QuitarZona zona={zona} onClose={cerrar} />}
            </li>
          );
        })}
      </ul>
    </aside>
  );
}

function dibujar(forma: 'poligono' | 'circulo'): void {
  select(null);
  panelZonas.value = true;
  trazo.value = { forma, puntos: [] };
}
