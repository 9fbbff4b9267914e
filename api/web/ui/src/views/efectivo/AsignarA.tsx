import { useEffect, useRef } from 'preact/hooks';
import { juntar } from '../../arrastre';
import { distance } from '../../format';
import { operation } from '../../operation';
import { atados, pendientesPara } from '../../pareja';
import type { Efectivo, Tarea } from '../../types';
import { ABIERTAS } from '../../types';
import { busy, hovered } from '../../ui';
import { Buscador } from '../Buscador';
import { flechas } from '../flechas';
import { EstadoChip, PrioridadMarca, Sim } from '../piezas';

/** More than these are a list, and there is one beside. */
const SHOWN = 6;

/** Where one of the field could go: the first has the focus, so that Enter assigns. */
export function AsignarA({ efectivo, onClose }: { efectivo: Efectivo; onClose: () => void }) {
  void operation.store.tareasRev.value;
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  const found = pendientesPara(efectivo, operation.store.tareas.values()).slice(0, SHOWN);
  const ir = (tarea: Tarea) => { onClose(); void juntar({ clase: 'efectivo', id: efectivo.id }, { clase: 'tarea', id: tarea.id }); };
  return (
    <section class="cercanos" aria-label={`Asignar ${efectivo.codigo_interno} a una tarea`} onKeyDown={(event) => flechas(event, '[data-tarea]')}>
      <h3>A qué tarea</h3>
      {found.length === 0 && <p class="tenue">No hay tareas abiertas a la vista.</p>}
      <ul>
        {found.map(({ tarea, distancia_m: metros }, i) => (
          <li key={tarea.id}>
            <button type="button" ref={i === 0 ? first : null} class={i === 0 ? 'principal' : ''} data-tarea={tarea.id}
              disabled={busy.value.has(`asignar-${tarea.id}`)} onClick={() => ir(tarea)}
              onFocus={() => { hovered.value = { clase: 'tarea', id: tarea.id }; }} onBlur={() => { hovered.value = null; }}>
              <PrioridadMarca prioridad={tarea.prioridad} short />
              <b>{tarea.titulo || tarea.codigo}</b>
              {tarea.simulada && <Sim />}
              <span>{[atados(tarea).length === 0 ? 'sin asignar' : undefined, metros === undefined ? undefined : `a ${distance(metros)}`].filter(Boolean).join(' · ')}</span>
            </button>
          </li>
        ))}
      </ul>
      <Buscador<Tarea> id="asignar-a" label="Otra tarea" path="/tareas" query={{ estado: ABIERTAS }} nadie="Ninguna coincide."
        render={(tarea) => <><b>{tarea.codigo}</b> <span>{tarea.titulo}</span> <EstadoChip estado={tarea.estado} /></>}
        onPick={(tarea) => { operation.store.putTarea(tarea); ir(tarea); }} />
      <button type="button" onClick={onClose}>No asignar</button>
    </section>
  );
}
