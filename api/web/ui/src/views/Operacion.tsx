import { aparte, draft, nuevoEfectivo, panelMarcas, panelZonas, selected, tab } from '../ui';
import { DetalleEfectivo } from './DetalleEfectivo';
import { DetalleTarea } from './DetalleTarea';
import { Emergencia } from './Emergencia';
import { ListaEfectivos } from './ListaEfectivos';
import { ListaTareas } from './ListaTareas';
import { NuevoEfectivo } from './efectivo/NuevoEfectivo';
import { Mapa } from './Mapa';
import { NuevaMarca } from './marca/NuevaMarca';
import { PanelMarcas } from './marca/PanelMarcas';
import { NuevaTarea } from './NuevaTarea';
import { PanelZonas } from './zona/PanelZonas';

/** The operation itself: lists, map, and the panel of what is chosen. */
export function Operacion({ fondo }: { fondo: boolean }) {
  return (
    <main class={fondo ? 'operacion operacion-fondo' : 'operacion'} inert={fondo}>
      <div class="listas">
        <div class="pestanas" role="group" aria-label="Qué lista ver">
          <Pestana name="tareas" text="Tareas" />
          <Pestana name="efectivos" text="Efectivos" />
        </div>
        <div class="panel-tareas"><ListaTareas /></div>
        <div class="panel-efectivos"><ListaEfectivos /></div>
      </div>
      <Mapa />
      <Borradores />
      <Lateral />
    </main>
  );
}

const BORRADORES = { emergencia: Emergencia, tarea: NuevaTarea, marca: NuevaMarca } as const;

/** What is being written, in hand or left for later: what was typed lives in its form. */
function Borradores() {
  const all = [draft.value, ...aparte.value];
  return (
    <>
      {(['emergencia', 'tarea', 'marca'] as const).map((que) => {
        const borrador = all.find((one) => one?.que === que);
        const Panel = BORRADORES[que];
        return borrador && <Panel key={que} borrador={borrador} />;
      })}
    </>
  );
}

function Lateral() {
  const objeto = selected.value;
  if (draft.value && draft.value.que !== 'lugar') return null;
  if (panelMarcas.value) return <PanelMarcas />;
  if (panelZonas.value) return <PanelZonas />;
  if (nuevoEfectivo.value) return <NuevoEfectivo />;
  if (!objeto) return null;
  return objeto.clase === 'tarea' ? <DetalleTarea id={objeto.id} /> : <DetalleEfectivo id={objeto.id} />;
}

function Pestana({ name, text }: { name: 'tareas' | 'efectivos'; text: string }) {
  return <button type="button" aria-pressed={tab.value === name} onClick={() => { tab.value = name; }}>{text}</button>;
}
