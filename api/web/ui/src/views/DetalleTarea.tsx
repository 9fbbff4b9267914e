import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { blanco, destino } from '../arrastre';
import { coordinates, span } from '../format';
import { now } from '../clock';
import { finales } from '../ofertas';
import { operation } from '../operation';
import { acciones, formulario } from '../acciones';
import { descripcionAparte, esTelefono, tituloCorto } from '../tarea';
import { TIPO } from '../texto';
import type { Tarea } from '../types';
import { busy, lookAtObject, refreshSelected, select } from '../ui';
import { Cercanos } from './Cercanos';
import { Historial } from './Historial';
import { Motivo } from './Motivo';
import { Adjuntos } from './tarea/Adjuntos';
import { Asignados } from './tarea/Asignados';
import { Responsable } from './tarea/Delegado';
import { EditarTarea } from './tarea/EditarTarea';
import { useHistoria } from './tarea/historia';
import { ListaControl } from './tarea/ListaControl';
import { Notas } from './tarea/Notas';
import { Recomendacion } from './tarea/Recomendacion';
import { EstadoChip, Hora, PrioridadMarca, Sim, Tecla } from './piezas';

/** One Tarea: what it is, what can be done, who is on it, what happened. */
export function DetalleTarea({ id }: { id: string }) {
  void operation.store.tareasRev.value;
  const tarea = operation.store.tareas.get(id);
  const missing = useSignal(false);

  useEffect(() => {
    missing.value = false;
    void refreshSelected().finally(() => { missing.value = !operation.store.tareas.has(id); });
  }, [id]);

  if (!tarea) return <aside class="detalle" tabIndex={-1}><p>{missing.value ? 'No existe, o no está a su alcance.' : 'Leyendo…'}</p><Cerrar /></aside>;
  return <Panel tarea={tarea} />;
}

function Panel({ tarea }: { tarea: Tarea }) {
  const { id } = tarea;
  const historia = useHistoria(tarea);
  const descripcion = descripcionAparte(tarea);
  const fin = finales(historia.hechos ?? []);
  return (
    <aside class={destino.value?.id === id ? 'detalle destino' : 'detalle'} tabIndex={-1} aria-label={`Tarea ${tarea.codigo}`} {...blanco(() => ({ clase: 'tarea', id }))}>
      <header>
        <PrioridadMarca prioridad={tarea.prioridad} />
        <EstadoChip estado={tarea.estado} />
        {tarea.simulada && <Sim />}
        <Cerrar />
      </header>
      <p class="detalle-codigo">{tarea.codigo}</p>
      <h2>{tituloCorto(tarea)}</h2>
      {descripcion && <p class="detalle-texto">{descripcion}</p>}
      <Botones tarea={tarea} />
      <Motivo tarea={tarea} />
      {formulario.value?.kind === 'edicion' && formulario.value.tarea === id && <EditarTarea tarea={tarea} />}
      <Cercanos tarea={tarea} />
      <Ficha tarea={tarea} />
      <Asignados tarea={tarea} fin={fin} />
      <Recomendacion tarea={tarea} fin={fin} />
      <ListaControl tarea={tarea} />
      <Notas tarea={tarea} />
      <Adjuntos tarea={tarea} />
      <Historial historia={historia} />
    </aside>
  );
}

export function Cerrar() {
  return <button type="button" class="cerrar" aria-label="Cerrar" title="Cerrar (Esc)" onClick={() => select(null)}>✕</button>;
}

function Botones({ tarea }: { tarea: Tarea }) {
  const posibles = acciones(tarea);
  if (posibles.length === 0) return null;
  return (
    <div class="botones" role="group" aria-label="Acciones">
      {posibles.map((accion) => (
        <button key={accion.name} type="button" class={accion.main ? 'principal' : accion.grave ? 'grave' : ''}
          disabled={busy.value.has(`${accion.name}-${tarea.id}`)} onClick={() => accion.run(tarea)} data-accion={accion.name}>
          {accion.text} <Tecla>{accion.key}</Tecla>
        </button>
      ))}
    </div>
  );
}

function Ficha({ tarea }: { tarea: Tarea }) {
  const running = tarea.inicio_real && !tarea.fin_real
    ? (now.value - Date.parse(tarea.inicio_real)) / 1000 : undefined;
  const { ubicacion } = tarea;
  return (
    <dl class="ficha">
      <div><dt>Tipo</dt><dd>{TIPO[tarea.tipo] ?? tarea.tipo}</dd></div>
      <div><dt>Programada</dt><dd><Hora en={tarea.inicio_programado} />{tarea.fin_programado && <> a <Hora en={tarea.fin_programado} /></>}</dd></div>
      {tarea.inicio_real && <div><dt>Empezó</dt><dd><Hora en={tarea.inicio_real} />{running !== undefined && running >= 0 && ` · hace ${span(running)}`}</dd></div>}
      {tarea.fin_real && <div><dt>Terminó</dt><dd><Hora en={tarea.fin_real} /></dd></div>}
      {tarea.fin_real && typeof tarea.duracion_s === 'number' && (
        <div><dt>Duró</dt><dd>{span(tarea.duracion_s)}{tarea.pausas_s ? `, sin contar ${span(tarea.pausas_s)} de pausas` : ''}</dd></div>
      )}
      {tarea.telefono && <div><dt>Teléfono</dt><dd>{esTelefono(tarea.telefono) ? <a href={`tel:${tarea.telefono}`}>{tarea.telefono}</a> : tarea.telefono}</dd></div>}
      <Responsable tarea={tarea} />
      <div>
        <dt>Lugar</dt>
        <dd>
          {ubicacion
            ? <button type="button" class="enlace" onClick={() => lookAtObject({ clase: 'tarea', id: tarea.id })}>{ubicacion.descripcion || coordinates(ubicacion.lat, ubicacion.lon)}</button>
            : 'sin lugar en el mapa'}
        </dd>
      </div>
    </dl>
  );
}
