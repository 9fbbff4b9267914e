import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { blanco, destino } from '../arrastre';
import { coordinates } from '../format';
import { operation } from '../operation';
import { puede } from '../permisos';
import { lookAtObject, refreshSelected, select } from '../ui';
import { Cerrar } from './DetalleTarea';
import { AccionesEfectivo, pasoEfectivo } from './efectivo/AccionesEfectivo';
import { Licencias } from './efectivo/Licencias';
import { CifrasPlegadas } from './estadisticas/Persona';
import { nombreDe } from './ListaEfectivos';
import { DisponibilidadChip, EstadoChip, Sim, Visto } from './piezas';

/** One Efectivo: who, whether free, where, and on what. */
export function DetalleEfectivo({ id }: { id: string }) {
  void operation.store.efectivosRev.value;
  void operation.store.tareasRev.value;
  const efectivo = operation.store.efectivos.get(id);
  const missing = useSignal(false);
  useEffect(() => {
    missing.value = false;
    void refreshSelected().finally(() => { missing.value = !operation.store.efectivos.has(id); });
  }, [id]);
  useEffect(() => {
    // Tareas outside the list's filter still have a name.
    for (const tarea of efectivo?.tareas ?? []) {
      if (!operation.store.tareas.has(tarea)) void operation.readTarea(tarea).catch(() => undefined);
    }
  }, [efectivo?.tareas?.join()]);

  if (!efectivo) return <aside class="detalle" tabIndex={-1}><p>{missing.value ? 'No existe, o no está a su alcance.' : 'Leyendo…'}</p><Cerrar /></aside>;
  const fix = efectivo.posicion_actual;
  const rows: [string, string | null | undefined][] = [
    ['Rango', efectivo.rango], ['Unidad', efectivo.unidad], ['Especialidad', efectivo.especialidad],
    ['Zonas', (efectivo.zonas ?? []).map((zona) => operation.store.zonas.value.find(({ id: one }) => one === zona)?.nombre).filter(Boolean).join(', ')],
    ['Turno', efectivo.en_turno === undefined || efectivo.en_turno === null ? null : efectivo.en_turno ? 'De turno' : 'Fuera de turno'],
  ];
  return (
    <aside class={destino.value?.id === id ? 'detalle destino' : 'detalle'} tabIndex={-1} aria-label={`Efectivo ${efectivo.codigo_interno}`} {...blanco(() => ({ clase: 'efectivo', id }))}>
      <header>
        <DisponibilidadChip disponibilidad={efectivo.disponibilidad} />
        {efectivo.simulado && <Sim />}
        <Cerrar />
      </header>
      <h2>{efectivo.codigo_interno} <span class="tenue">{nombreDe(efectivo)}</span></h2>
      {efectivo.simulado && <p class="aviso-sim">Simulado: no es una persona. Sirve para practicar y mostrar.</p>}
      <AccionesEfectivo efectivo={efectivo} />
      <dl class="ficha">
        {rows.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
        <div>
          <dt>Posición</dt>
          <dd>
            {fix ? (
              <>
                <button type="button" class="enlace" onClick={() => lookAtObject({ clase: 'efectivo', id })}>{coordinates(fix.lat, fix.lon)}</button>
                {' · '}<Visto en={fix.en} />{fix.precision_m ? ` · ± ${Math.round(fix.precision_m)} m` : ''}
              </>
            ) : 'sin posición'}
          </dd>
        </div>
      </dl>
      {puede('licencias') && (
        <>
          <h3>Licencias</h3>
          <Licencias efectivo={id} mark={`${efectivo.version}${pasoEfectivo.value?.que ?? ''}`} />
        </>
      )}
      {efectivo.usuario && puede('figuras') && <CifrasPlegadas key={id} usuario={efectivo.usuario} titulo="Sus cifras" />}
      <h3>Tareas</h3>
      {(efectivo.tareas ?? []).length === 0 && <p class="tenue">Ninguna en este momento.</p>}
      <ul class="asignados">
        {(efectivo.tareas ?? []).map((tarea) => {
          const known = operation.store.tareas.get(tarea);
          return (
            <li key={tarea}>
              <button type="button" class="enlace" onClick={() => select({ clase: 'tarea', id: tarea }, true)}>{known?.codigo ?? '…'}</button>
              <span>{known?.titulo}</span>
              {known && <EstadoChip estado={known.estado} />}
            </li>
          );
        })}
      </ul>
    </aside>
  );
}
