import { useComputed } from '@preact/signals';
import { ABIERTAS, ESTADOS } from '../types';
import type { Estado, Tarea } from '../types';
import { now } from '../clock';
import { operation } from '../operation';
import { puede } from '../permisos';
import { apremia, tituloCorto, vencida } from '../tarea';
import { ESTADO, TIPO } from '../texto';
import { startDraft } from '../ui';
import { Filtro } from './Filtro';
import { FiltrosDeTareas } from './tarea/FiltrosDeTareas';
import { Lista } from './Lista';
import { Cuando, EstadoChip, Hace, PrioridadMarca, Sim, Tecla } from './piezas';

const TODAS: readonly Estado[] = [];

const OPCIONES: { value: string; text: string; estados: readonly Estado[] }[] = [
  { value: 'abiertas', text: 'Abiertas', estados: ABIERTAS },
  ...ESTADOS.map((estado) => ({ value: estado, text: ESTADO[estado], estados: [estado] })),
  { value: 'todas', text: 'Todas', estados: TODAS },
];

/** The ids shown now, in order: those of the filter among what is known. */
export function tareasVisibles(): string[] {
  void operation.store.tareasRev.value;
  const estados = operation.estados.value;
  return operation.store.paginaTareas.value.ids.filter((id) => {
    const tarea = operation.store.tareas.get(id);
    return tarea && (estados.length === 0 || estados.includes(tarea.estado));
  });
}

export function ListaTareas() {
  const { paginaTareas } = operation.store;
  const ids = tareasVisibles();
  const estados = operation.estados.value;
  const option = OPCIONES.find((o) => o.estados.join() === estados.join());
  return (
    <Lista
      clase="tarea"
      title="Tareas"
      ids={ids}
      pagina={paginaTareas.value}
      more={paginaTareas.value.siguiente ? () => void operation.moreTareas() : undefined}
      row={(id) => <Fila id={id} />}
      empty={operation.buscaTareas.value ? 'Nada coincide con la búsqueda.' : 'No hay tareas así.'}
      filters={(
        <>
          {puede('crear') && (
            <>
              <button type="button" class="grave" onClick={() => startDraft('emergencia')}>Emergencia <Tecla>E</Tecla></button>
              <button type="button" class="principal nueva" onClick={() => startDraft()}>Nueva <Tecla>N</Tecla></button>
            </>
          )}
          <Filtro
            id="tareas"
            label="Estado"
            value={option?.value ?? 'abiertas'}
            options={OPCIONES}
            onChange={(value) => { operation.estados.value = OPCIONES.find((o) => o.value === value)?.estados ?? ABIERTAS; }}
            search={operation.buscaTareas}
            placeholder="Buscar tareas"
          />
          <FiltrosDeTareas />
        </>
      )}
    />
  );
}

function conocida<T>(id: string, what: (tarea: Tarea, at: number) => T): T | undefined {
  void operation.store.tareasRev.value;
  const tarea = operation.store.tareas.get(id);
  return tarea && what(tarea, now.value);
}

function Fila({ id }: { id: string }) {
  void operation.store.tareasRev.value;
  const tarea = operation.store.tareas.get(id);
  // A tick of the clock draws the row again only when one of these turns.
  const fin = useComputed(() => conocida(id, vencida)).value;
  const urge = useComputed(() => conocida(id, apremia)).value;
  if (!tarea) return null;
  const bound = (tarea.asignaciones ?? []).filter((a) => a.estado !== 'liberada' && a.estado !== 'rechazada');
  return (
    <article class={`fila fila-prioridad-${tarea.prioridad}`}>
      <PrioridadMarca prioridad={tarea.prioridad} short />
      <div class="fila-cuerpo">
        <p class="fila-titulo">{tarea.simulada && <Sim />}{tarea.tipo === 'emergencia' && <abbr class="emg" title={TIPO.emergencia}>EMG</abbr>}<span>{tituloCorto(tarea)}</span> {fin ? <b class="problema">vencida <Hace en={fin} /></b> : <Cuando en={tarea.inicio_real ?? tarea.inicio_programado} />}</p>
        <p class="fila-pie">
          <span>{tarea.codigo}</span>
          <span>
            {bound.length === 0
              ? ABIERTAS.includes(tarea.estado) && (urge ? <b class="sin-asignar">sin asignar</b> : 'sin asignar')
              : bound.map((a) => operation.store.efectivos.get(a.efectivo)?.codigo_interno ?? '…').join(', ')}
          </span>
          <EstadoChip estado={tarea.estado} />
        </p>
      </div>
    </article>
  );
}
