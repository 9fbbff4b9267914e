import { distance, span } from '../../format';
import { useLectura } from '../../lectura';
import { operation } from '../../operation';
import { EXCLUSION } from '../../texto';
import type { Tarea } from '../../types';
import { hovered, select } from '../../ui';
import { Espera } from '../Pagina';
import { Hora } from '../piezas';

interface Recomendada {
  emitida: string | null;
  candidatos: { efectivo: string; distancia_m: number; eta_s: number; puntaje: number; motivos: string[] }[];
  mas_candidatos: number;
  descartados: { efectivo: string; motivo: string; distancia_m: number | null }[];
  descartados_por_motivo: { motivo: string; cantidad: number }[];
}

/** Who was thought best for an emergency and why, and why the others were not. */
export function Recomendacion({ tarea }: { tarea: Tarea }) {
  const emergencia = tarea.tipo === 'emergencia';
  const { datos, problem } = useLectura<Recomendada>(emergencia ? `/tareas/${tarea.id}/recomendacion` : null, {}, tarea.asignaciones?.length);
  // A Tarea of this tipo that nobody asked a recommendation for has none.
  if (!emergencia || problem?.status === 404) return null;
  return (
    <section class="recomendacion" aria-label="Recomendación">
      <h3>Recomendación {datos && <span class="tenue">{datos.emitida ? <>de las <Hora en={datos.emitida} /></> : 'de ahora'}</span>}</h3>
      {!datos ? <Espera problem={problem} /> : <Cuerpo datos={datos} tarea={tarea} />}
    </section>
  );
}

function Cuerpo({ datos, tarea }: { datos: Recomendada; tarea: Tarea }) {
  void operation.store.efectivosRev.value;
  const total = datos.descartados_por_motivo.reduce((sum, one) => sum + one.cantidad, 0);
  return (
    <>
      {datos.candidatos.length === 0 && <p class="sin-asignar">No hay nadie que pueda ir.</p>}
      <ol>
        {datos.candidatos.map((one, i) => {
          const paso = tarea.asignaciones?.find((asignacion) => asignacion.efectivo === one.efectivo)?.estado;
          return (
            <li key={one.efectivo}>
              <Nombre id={one.efectivo} /> a {distance(one.distancia_m)}, unos {span(one.eta_s)} · puntaje {Math.round(one.puntaje)}
              {paso && <span class="chip">{paso}</span>}
              {i < 3 && one.motivos.length > 0 && <p class="tenue">{one.motivos.join('; ')}</p>}
            </li>
          );
        })}
      </ol>
      {datos.mas_candidatos > 0 && <p class="tenue">Y {datos.mas_candidatos} más que podrían ir.</p>}
      {total > 0 && (
        <details class="mas">
          <summary>Descartados: {datos.descartados_por_motivo.map((one) => `${one.cantidad} ${EXCLUSION[one.motivo] ?? one.motivo}`).join(', ')}</summary>
          <ul>
            {datos.descartados.map((one) => (
              <li key={one.efectivo}><Nombre id={one.efectivo} /> {EXCLUSION[one.motivo] ?? one.motivo}{one.distancia_m !== null && `, a ${distance(one.distancia_m)}`}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Nombre({ id }: { id: string }) {
  return (
    <button type="button" class="enlace" onClick={() => select({ clase: 'efectivo', id }, true)}
      onPointerEnter={() => { hovered.value = { clase: 'efectivo', id }; }} onPointerLeave={() => { hovered.value = null; }}>
      {operation.store.efectivos.get(id)?.codigo_interno ?? id.slice(-6)}
    </button>
  );
}
