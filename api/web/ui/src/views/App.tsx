import { useEffect } from 'preact/hooks';
import { listenToKeys } from '../keys';
import { codigoDeActivacion, irA, pagina } from '../nav';
import { operation } from '../operation';
import { seguirPendientes, titular } from '../pendientes';
import { recorrido } from '../recorrido';
import { trazo } from '../trazo';
import { aparte, draft, nuevoEfectivo, panelMarcas, panelZonas, screen, select, selected, tab } from '../ui';
import { Alertas, Avisos } from './Avisos';
import { Ayuda } from './Ayuda';
import { Cabecera } from './Cabecera';
import { Puerta } from './cuenta/Puerta';
import { Ingreso } from './Ingreso';
import { Menu } from './Menu';
import { Operacion } from './Operacion';
import { PaginaActual } from './Pagina';
import { SinTerminar } from './SinTerminar';

export function App() {
  const { estado, expired } = operation.session;
  if (estado.value !== 'dentro' || codigoDeActivacion.value) return <main class="puerta"><Puerta /></main>;
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
  useEffect(() => seguirPendientes(), []);
  useEffect(() => titular(), []);
  // Each login starts the live layer; what is on screen stays until then.
  useEffect(() => {
    if (over) operation.stop();
    else operation.start();
  }, [over]);
  // Whoever comes next writes his own.
  useEffect(() => () => { operation.stop(); draft.value = null; aparte.value = []; }, []);

  const open = selected.value !== null || draft.value !== null || nuevoEfectivo.value || panelZonas.value || panelMarcas.value;
  const inMap = pagina.value === 'operacion';
  return (
    <div class="tablero" data-rol={operation.yo.value?.rol ?? ''} data-pagina={pagina.value} data-pantalla={screen.value} data-lista-a-la-vista={tab.value} data-detalle={open ? 'si' : 'no'}
      data-recorrido={recorrido.value ? 'si' : 'no'}
      data-eligiendo={(draft.value && !draft.value.place) || (trazo.value && !trazo.value.listo) ? 'si' : 'no'} inert={over}>
      <div><Cabecera /><Alertas /><SinTerminar /></div>
      {/* The map stays built behind the other pages: coming back is at once. */}
      <Operacion fondo={!inMap} />
      {!inMap && <PaginaActual />}
      <nav class="barra" aria-label="Pantallas">
        <Pantalla active={inMap && screen.value === 'mapa' && !open} text="Mapa" onClick={() => { screen.value = 'mapa'; }} />
        <Pantalla active={inMap && screen.value === 'lista' && tab.value === 'tareas' && !open} text="Tareas" onClick={() => { screen.value = 'lista'; tab.value = 'tareas'; }} />
        <Pantalla active={inMap && screen.value === 'lista' && tab.value === 'efectivos' && !open} text="Efectivos" onClick={() => { screen.value = 'lista'; tab.value = 'efectivos'; }} />
      </nav>
      {operation.readProblem.value && <p class="lectura-problema" role="status">Listas sin actualizar: {operation.readProblem.value.message}</p>}
      <Avisos />
      <Ayuda />
      <Menu />
    </div>
  );
}

function Pantalla({ active, text, onClick }: { active: boolean; text: string; onClick: () => void }) {
  return (
    <button type="button" aria-current={active ? 'page' : undefined} onClick={() => { irA('operacion'); select(null); onClick(); }}>{text}</button>
  );
}
