import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { leer, sinLeer } from '../avisos';
import { now } from '../clock';
import { number } from '../format';
import { irA } from '../nav';
import { operation } from '../operation';
import { decir } from '../recordatorios';
import type { Recordatorio } from '../types';
import { busy, select } from '../ui';
import { flechas } from './flechas';
import { Espera, Pagina } from './Pagina';
import { EstadoChip, Hace, PrioridadMarca, Sim, Tecla } from './piezas';

/** More at once than anybody reads; the others come by a button. */
const SHOWN = 100;

const ABRIR = '.recordatorio .abrir';

/** Moves the focus among the reminders; from elsewhere, to the first one. */
export function moverAviso(step: number): void {
  const all = [...document.querySelectorAll<HTMLElement>(ABRIR)];
  const at = all.findIndex((one) => one.closest('li')?.contains(document.activeElement));
  all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}

/** The one that has the focus was read, or else the first that was not. */
export function leerElegido(): boolean {
  const row = document.activeElement?.closest('.recordatorio') ?? document;
  const button = row.querySelector<HTMLButtonElement>('.recordatorio .leer');
  button?.click();
  return button !== null;
}

/** What reminds this person of a Tarea he carries out or is in charge of, and what is past its hour. */
export function Recordatorios() {
  const todos = useSignal(false);
  const shown = useSignal(SHOWN);
  const { value: datos } = operation.recordatorios;
  const { value: problem } = operation.recordatoriosProblem;
  const wanted = datos?.filter(({ leido }) => todos.value || !leido) ?? [];
  const rows = wanted.slice(0, shown.value);
  void operation.store.tareasRev.value;

  // As it opens it is true of now, whatever was heard; not every Tarea is in the lists.
  useEffect(() => operation.refreshRecordatorios(), []);
  useEffect(() => { for (const { tarea } of [...rows].reverse()) operation.conocer(tarea); });

  return (
    <Pagina titulo="Avisos">
      <div class="barra-filtros">
        <select aria-label="Qué avisos" value={todos.value ? 'todos' : 'sin-leer'} onChange={(event) => { todos.value = event.currentTarget.value === 'todos'; shown.value = SHOWN; }}>
          <option value="sin-leer">Sin leer</option>
          <option value="todos">Todos</option>
        </select>
        <p class="tenue" role="status">{datos && `${number(sinLeer.value)} sin leer de ${number(datos.length)}`}</p>
      </div>
      <p class="tenue">De las tareas abiertas que usted cumple o tiene a cargo, el más nuevo primero. Al cerrar la tarea se van solos.</p>
      {problem && <Espera problem={problem} releer={operation.refreshRecordatorios} />}
      {!datos ? !problem && <Espera /> : rows.length === 0 ? <Espera vacia={todos.value ? 'No hay avisos.' : 'No queda ninguno sin leer.'} /> : (
        <ul class="recordatorios" aria-label="Avisos" onKeyDown={(event) => flechas(event, '.abrir')}>
          {rows.map((row) => <Fila key={row.id} aviso={row} />)}
        </ul>
      )}
      {wanted.length > rows.length && <button type="button" onClick={() => { shown.value += SHOWN; }}>Ver más ({number(rows.length)} de {number(wanted.length)})</button>}
    </Pagina>
  );
}

function Fila({ aviso }: { aviso: Recordatorio }) {
  const row = useRef<HTMLLIElement>(null);
  const tarea = operation.store.tareas.get(aviso.tarea);
  const { titulo, detalle, urge } = decir(aviso, tarea, now.value);
  const busyNow = busy.value.has(`lectura-${aviso.id}`);

  async function leido() {
    // Where the focus goes once this row is away.
    const next = (row.current?.nextElementSibling ?? row.current?.previousElementSibling)?.querySelector<HTMLElement>('.abrir');
    const held = row.current?.contains(document.activeElement);
    if (!await leer(aviso) || !held) return;
    requestAnimationFrame(() => {
      if (document.activeElement && document.activeElement !== document.body && !row.current?.contains(document.activeElement)) return;
      (next ?? document.querySelector<HTMLElement>('.pagina h2'))?.focus();
    });
  }

  return (
    <li ref={row} class={`recordatorio${urge && !aviso.leido ? ' recordatorio-urge' : ''}`}>
      <div>
        <p class="recordatorio-que">
          <b class={urge && !aviso.leido ? 'problema' : ''}>{titulo}</b>
          <span class="tenue">{detalle}</span>
        </p>
        <p class="recordatorio-de">
          {tarea && <PrioridadMarca prioridad={tarea.prioridad} short />}
          {tarea?.simulada && <Sim />}
          <span>{tarea ? tarea.titulo || 'Sin título' : aviso.codigo}</span>
          {tarea && <EstadoChip estado={tarea.estado} />}
        </p>
        <p class="tenue">{aviso.codigo} · {aviso.efectivo ? 'la cumple usted' : 'a su cargo'} · avisado <Hace en={aviso.en} /></p>
      </div>
      <span class="botones" role="group" aria-label={`${titulo}: ${aviso.codigo}`}>
        {aviso.leido ? <span class="chip">Leído</span> : <button type="button" class="principal leer" disabled={busyNow} onClick={() => void leido()}>Marcar leído <Tecla>L</Tecla></button>}
        <button type="button" class="abrir" onClick={() => { irA('operacion'); select({ clase: 'tarea', id: aviso.tarea }, true); }}>Ver la tarea</button>
      </span>
    </li>
  );
}
