import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import { calor } from '../capas';
import { now } from '../clock';
import { number } from '../format';
import { problemOf } from '../net/problem';
import { operation } from '../operation';
import { puede } from '../permisos';
import { avisar, help, panelMarcas, panelZonas, select, showAll } from '../ui';
import type { Calor } from './estadisticas/cifras';

/** How far back the heat map looks. */
const DIAS = 30;

/** What the map can do, at its edge. */
export function BotonesMapa({ zoomBy }: { zoomBy: (levels: number) => void }) {
  const reading = useSignal(false);
  async function toggleCalor() {
    if (calor.value) { calor.value = null; return; }
    reading.value = true;
    try {
      const desde = new Date(now.peek() - DIAS * 86_400_000).toISOString();
      const answer = await operation.http.read<Calor>('/geo/calor', { desde });
      calor.value = answer;
      if (answer.datos.length === 0) avisar('bien', `En los últimos ${DIAS} días no hubo tareas con lugar.`);
      else if (answer.acotado) avisar('bien', `Se ven los ${number(answer.datos.length)} lugares con más movimiento; hay más.`);
    } catch (cause) {
      avisar('mal', problemOf(cause).message);
    } finally {
      reading.value = false;
    }
  }
  return (
    <div class="mapa-botones">
      <Boton text="Acercar" keys="+" onClick={() => zoomBy(1)}>+</Boton>
      <Boton text="Alejar" keys="-" onClick={() => zoomBy(-1)}>−</Boton>
      <Boton text="Ver toda la operación" keys="0" onClick={() => { showAll.value++; }}>
        <Icono d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" />
      </Boton>
      <Boton text="Zonas" keys="Z" pressed={panelZonas.value} onClick={() => { select(null); panelMarcas.value = false; panelZonas.value = !panelZonas.value; }}>
        <Icono d="M3 4l7-2 4 5-3 7-8-2z" />
      </Boton>
      <Boton text="Marcas" keys="L" pressed={panelMarcas.value} onClick={() => { select(null); panelZonas.value = false; panelMarcas.value = !panelMarcas.value; }}>
        <Icono d="M4 15V2h8l-2 3 2 3H4" />
      </Boton>
      {puede('figuras') && (
        <Boton text={`Dónde hubo tareas, últimos ${DIAS} días`} pressed={calor.value !== null} disabled={reading.value} onClick={() => void toggleCalor()}>
          <Icono d="M8 2c1 3 4 4 4 8a4 4 0 0 1-8 0c0-2 1-3 2-4 0 1 1 2 2 2 0-2-1-3 0-6z" />
        </Boton>
      )}
      <Boton text="Ayuda y atajos" keys="?" onClick={() => { help.value = true; }}>?</Boton>
    </div>
  );
}

function Boton({ text, keys, pressed, disabled, onClick, children }: { text: string; keys?: string; pressed?: boolean; disabled?: boolean; onClick: () => void; children: ComponentChildren }) {
  return (
    <button type="button" title={keys ? `${text} (${keys})` : text} aria-label={text} aria-pressed={pressed} disabled={disabled} onClick={onClick}>{children}</button>
  );
}

function Icono({ d }: { d: string }) {
  return <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d={d} fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" /></svg>;
}
