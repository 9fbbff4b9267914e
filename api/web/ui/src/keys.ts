import { acciones, candidatos, formulario } from './acciones';
import { enterado, puedeAcusar, verAlerta } from './alertas';
import type { AlertFrame } from './live';
import { operation } from './operation';
import { irA, pagina } from './nav';
import { puede } from './permisos';
import { atajos } from './tema';
import { quitarPunto, trazo } from './trazo';
import { dejar, draft, help, menu, nuevoEfectivo, panelMarcas, panelZonas, screen, select, selected, showAll, startDraft, tab } from './ui';
import { asignarlo, pasoEfectivo } from './views/efectivo/AccionesEfectivo';
import { moveChoice } from './views/Lista';
import { efectivosVisibles } from './views/ListaEfectivos';
import { tareasVisibles } from './views/ListaTareas';
import { leerElegido, moverAviso } from './views/Recordatorios';

/** The keyboard of the whole page; fields and buttons keep their own keys. */
export function listenToKeys(): () => void {
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (operation.session.estado.value !== 'dentro' || operation.session.expired.value || help.value || menu.value) return;
  if (event.key === 'Escape') {
    // What was typed is not thrown away by one key: it leaves the field, and only another one closes.
    if (escrito(event.target)) (event.target as HTMLElement).blur();
    else back();
    return;
  }
  if (atajos.value === 'no' || isWriting(event.target)) return;
  const done = shortcut(event.key.toLowerCase());
  if (done) event.preventDefault();
}

/** One step out of whatever is open. */
function back(): void {
  const id = selected.value?.id;
  if (pagina.value !== 'operacion') irA('operacion');
  else if (formulario.value && formulario.value.tarea === id) formulario.value = null;
  else if (candidatos.value && candidatos.value.tarea === id) candidatos.value = null;
  else if (trazo.value) { if (!quitarPunto()) trazo.value = null; }
  else if (draft.value) dejar();
  else if (panelZonas.value) panelZonas.value = false;
  else if (panelMarcas.value) panelMarcas.value = false;
  else if (nuevoEfectivo.value) nuevoEfectivo.value = false;
  else if (pasoEfectivo.value && pasoEfectivo.value.id === id) pasoEfectivo.value = null;
  else if (selected.value) {
    const { clase } = selected.value;
    select(null);
    focusList(clase);
  } else (document.activeElement as HTMLElement | null)?.blur();
}

function shortcut(key: string): boolean {
  switch (key) {
    case '?': help.value = true; return true;
    case 'g': menu.value = true; return true;
    case 'v': return alerta(verAlerta);
    case 'q': return alerta((newest) => void enterado([newest]), puedeAcusar);
    case 'b': return puede('avisos') && (irA('avisos'), true);
    default: return pagina.value === 'operacion' ? inOperation(key) : pagina.value === 'avisos' && inAvisos(key);
  }
}

/** Does something about the alert that waits on top. */
function alerta(what: (alert: AlertFrame) => void, which: (alert: AlertFrame) => boolean = () => true): boolean {
  const [newest] = operation.pendingAlerts();
  if (newest && which(newest)) what(newest);
  return newest !== undefined;
}

function inOperation(key: string): boolean {
  switch (key) {
    case '/': show(tab.value); focus(`#busca-${tab.value}`); return true;
    case 't': show('tareas'); focusList('tarea'); return true;
    case 'd': show('efectivos'); focusList('efectivo'); return true;
    case 'm': screen.value = 'mapa'; focus('.mapa-base canvas'); return true;
    case 'n': return puede('crear') && (startDraft(), true);
    case 'e': return puede('crear') && (startDraft('emergencia'), true);
    case 'z': select(null); panelMarcas.value = false; panelZonas.value = !panelZonas.value; return true;
    case 'l': select(null); panelZonas.value = false; panelMarcas.value = !panelMarcas.value; return true;
    case '0': showAll.value++; return true;
    case 'j': move(1); return true;
    case 'k': move(-1); return true;
    default: return act(key.toUpperCase());
  }
}

function inAvisos(key: string): boolean {
  switch (key) {
    case 'j': moverAviso(1); return true;
    case 'k': moverAviso(-1); return true;
    case 'l': return leerElegido();
    default: return false;
  }
}

function act(key: string): boolean {
  const objeto = selected.value;
  const efectivo = objeto?.clase === 'efectivo' ? operation.store.efectivos.get(objeto.id) : undefined;
  if (efectivo?.en_turno && key === 'A' && puede('asignar')) {
    asignarlo(efectivo.id);
    return true;
  }
  const tarea = objeto?.clase === 'tarea' ? operation.store.tareas.get(objeto.id) : undefined;
  const accion = tarea && acciones(tarea).find((candidate) => candidate.key === key);
  if (!accion) return false;
  accion.run(tarea);
  return true;
}

function show(which: 'tareas' | 'efectivos'): void {
  tab.value = which;
  screen.value = 'lista';
}

function move(step: number): void {
  if (tab.value === 'tareas') moveChoice('tarea', tareasVisibles(), step);
  else moveChoice('efectivo', efectivosVisibles(), step);
}

function focusList(clase: 'tarea' | 'efectivo'): void {
  focus(`[data-lista=${clase}]`);
}

/** After the page has drawn what was asked for. */
function focus(selector: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
}

/** Whether somebody typed into the field. */
function escrito(target: EventTarget | null): boolean {
  const field = target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && /^(text|search|tel|email|number)$/.test(target.type));
  return field && target.value !== target.defaultValue;
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}
