import { useEffect } from 'preact/hooks';
import { listenToKeys } from '../keys';
import { operation } from '../operation';
import { draft, screen, select, selected, tab } from '../ui';
import { Alertas, Avisos } from './Avisos';
import { Ayuda } from './Ayuda';
import { Cabecera } from './Cabecera';
import { DetalleEfectivo } from './DetalleEfectivo';
import { DetalleTarea } from './DetalleTarea';
import { Ingreso } from './Ingreso';
import { ListaEfectivos } from './ListaEfectivos';
import { ListaTareas } from './ListaTareas';
import { Mapa } from './Mapa';
import { NuevaTarea } from './NuevaTarea';

export function App() {
  const { email, expired } = operation.session;
  if (!email.value) return <main class="puerta"><Ingreso /></main>;
  return (
    <>
      <Tablero />
      {expired.value && <div class="velo" role="dialog" aria-modal="true" aria-labelledby="ingreso-titulo"><Ingreso again /></div>}
    </>
  );
}

function Tablero() {
  const over = operation.session.expired.value;
  useEffect(() => listenToKeys(), []);
  // Each login starts the live layer; what is on screen stays until then.
  useEffect(() => {
    if (over) operation.stop();
    else operation.start();
  }, [over]);
  useEffect(() => () => operation.stop(), []);

  const objeto = selected.value;
  const open = objeto !== null || draft.value !== null;
  return (
    <div class="tablero" data-pantalla={screen.value} data-lista-a-la-vista={tab.value} data-detalle={open ? 'si' : 'no'}
      data-eligiendo={draft.value && !draft.value.place ? 'si' : 'no'} inert={over}>
      <div><Cabecera /><Alertas /></div>
      <main>
        <div class="listas">
          <div class="pestanas" role="group" aria-label="Qué lista ver">
            <Pestana name="tareas" text="Tareas" />
            <Pestana name="efectivos" text="Efectivos" />
          </div>
          <div class="panel-tareas"><ListaTareas /></div>
          <div class="panel-efectivos"><ListaEfectivos /></div>
        </div>
        <Mapa />
        {draft.value ? <NuevaTarea /> : objeto && (objeto.clase === 'tarea' ? <DetalleTarea id={objeto.id} /> : <DetalleEfectivo id={objeto.id} />)}
      </main>
      <nav class="barra" aria-label="Pantallas">
        <Pantalla active={screen.value === 'mapa' && !open} text="Mapa" onClick={() => { select(null); screen.value = 'mapa'; }} />
        <Pantalla active={screen.value === 'lista' && tab.value === 'tareas' && !open} text="Tareas" onClick={() => { select(null); screen.value = 'lista'; tab.value = 'tareas'; }} />
        <Pantalla active={screen.value === 'lista' && tab.value === 'efectivos' && !open} text="Efectivos" onClick={() => { select(null); screen.value = 'lista'; tab.value = 'efectivos'; }} />
      </nav>
      {operation.readProblem.value && <p class="lectura-problema" role="status">Listas sin actualizar: {operation.readProblem.value.message}</p>}
      <Avisos />
      <Ayuda />
    </div>
  );
}

function Pestana({ name, text }: { name: 'tareas' | 'efectivos'; text: string }) {
  return <button type="button" aria-pressed={tab.value === name} onClick={() => { tab.value = name; }}>{text}</button>;
}

function Pantalla({ active, text, onClick }: { active: boolean; text: string; onClick: () => void }) {
  return <button type="button" aria-current={active ? 'page' : undefined} onClick={onClick}>{text}</button>;
}
