import { paso } from '../../acciones';
import type { Finales } from '../../ofertas';
import { pasoDe } from '../../ofertas';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import type { Asignacion, Tarea } from '../../types';
import { ABIERTAS } from '../../types';
import { busy, select } from '../../ui';
import { Hace, Sim } from '../piezas';

/** What may come next, told by whoever hears it on the radio. */
const SIGUE: Record<string, { estado: string; text: string }[]> = {
  ofrecida: [{ estado: 'aceptada', text: 'Aceptó' }, { estado: 'rechazada', text: 'Rechazó' }],
  asignada: [{ estado: 'aceptada', text: 'Aceptó' }, { estado: 'rechazada', text: 'Rechazó' }],
  aceptada: [{ estado: 'en_camino', text: 'En camino' }],
  en_camino: [{ estado: 'en_lugar', text: 'Llegó' }],
};

/** Who is on it, how far along, and the next step of each. */
export function Asignados({ tarea, fin }: { tarea: Tarea; fin: Finales }) {
  const rows = tarea.asignaciones ?? [];
  return (
    <section class="asignados" aria-label="Asignaciones">
      <h3>Asignaciones</h3>
      {rows.length === 0 && <p class="sin-asignar">Nadie asignado.</p>}
      <ul>{rows.map((asignacion) => <Fila key={asignacion.efectivo} tarea={tarea} asignacion={asignacion} fin={fin} />)}</ul>
    </section>
  );
}

function Fila({ tarea, asignacion, fin }: { tarea: Tarea; asignacion: Asignacion; fin: Finales }) {
  void operation.store.efectivosRev.value;
  const id = asignacion.efectivo;
  const efectivo = operation.store.efectivos.get(id);
  const codigo = efectivo?.codigo_interno ?? id.slice(-6);
  const bound = asignacion.estado !== 'liberada' && asignacion.estado !== 'rechazada';
  const open = bound && ABIERTAS.includes(tarea.estado) && puede('despachar');
  const waits = busy.value.has(`paso-${tarea.id}-${id}`);
  return (
    <li>
      <button type="button" class="enlace" onClick={() => select({ clase: 'efectivo', id }, true)}>{codigo}</button>
      {efectivo?.simulado && <Sim />}
      <span>{pasoDe(asignacion, fin)}</span>
      <Hace en={asignacion.en} />
      {open && (
        <span class="botones botones-chicos" role="group" aria-label={`Pasos de ${codigo}`}>
          {(SIGUE[asignacion.estado] ?? []).map(({ estado, text }) => (
            <button key={estado} type="button" disabled={waits} onClick={() => void paso(tarea, id, codigo, estado)}>{text}</button>
          ))}
          <button type="button" disabled={waits} onClick={() => void paso(tarea, id, codigo, undefined)}>Liberar</button>
        </span>
      )}
    </li>
  );
}
