import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asignar, ofrecer } from '../../acciones';
import { distance, span } from '../../format';
import { useLectura } from '../../lectura';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { ASIGNACION, DISPONIBILIDAD, EXCLUSION } from '../../texto';
import type { Tarea } from '../../types';
import { ABIERTAS } from '../../types';
import { busy, hovered, select } from '../../ui';
import { Espera } from '../Pagina';
import { Hora, Sim } from '../piezas';

interface Recomendada {
  emitida: string | null;
  candidatos: { efectivo: string; distancia_m: number; eta_s: number; puntaje: number; motivos: string[] }[];
  mas_candidatos: number;
  descartados: { efectivo: string; motivo: string; distancia_m: number | null }[];
  descartados_por_motivo: { motivo: string; cantidad: number }[];
}

/**
 * Who was thought best and why, and why the others were not. Of an emergency it is
 * there at once, as it was recorded; of other Tareas it is worked out when asked for.
 */
export function Recomendacion({ tarea }: { tarea: Tarea }) {
  const asked = useSignal(false);
  useEffect(() => { asked.value = false; }, [tarea.id]);
  if (tarea.tipo === 'emergencia') return <Leida tarea={tarea} />;
  if (!tarea.ubicacion || !ABIERTAS.includes(tarea.estado) || !puede('despachar')) return null;
  return (
    <details class="mas" open={asked.value} onToggle={(event) => { asked.value = event.currentTarget.open; }}>
      <summary>A quién convendría mandar, y por qué</summary>
      {asked.value && <Leida tarea={tarea} />}
    </details>
  );
}

function Leida({ tarea }: { tarea: Tarea }) {
  const { datos, problem, releer } = useLectura<Recomendada>(`/tareas/${tarea.id}/recomendacion`, {}, tarea.version);
  // A Tarea that nobody asked a recommendation for, and without a place, has none.
  if (problem?.status === 404) return null;
  return (
    <section class="recomendacion" aria-label="Recomendación">
      <h3>Recomendación {datos && <span class="tenue">{datos.emitida ? <>de las <Hora en={datos.emitida} /></> : 'de ahora'}</span>}</h3>
      {!datos ? <Espera problem={problem} releer={releer} /> : <Cuerpo datos={datos} tarea={tarea} />}
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
        {datos.candidatos.map((one) => <Candidato key={one.efectivo} candidato={one} tarea={tarea} registrada={datos.emitida !== null} />)}
      </ol>
      {datos.mas_candidatos > 0 && <p class="tenue">Y {datos.mas_candidatos} más que podrían ir.</p>}
      {total > 0 && (
        <details class="mas" open={datos.candidatos.length === 0}>
          <summary>Descartados: {datos.descartados_por_motivo.map((one) => `${one.cantidad} ${EXCLUSION[one.motivo] ?? one.motivo}`).join(', ')}</summary>
          <ul>
            {datos.descartados.map((one) => (
              <li key={one.efectivo}><Nombre id={one.efectivo} /> {EXCLUSION[one.motivo] ?? one.motivo}{one.distancia_m !== null && `, a ${distance(one.distancia_m)}`}</li>
            ))}
          </ul>
          {total > datos.descartados.length && <p class="tenue">Y {total - datos.descartados.length} más.</p>}
        </details>
      )}
    </>
  );
}

/** One candidate: how far, why, how it went with him, and the order that sends him. */
function Candidato({ candidato: { efectivo: id, ...one }, tarea, registrada }: { candidato: Recomendada['candidatos'][number]; tarea: Tarea; registrada: boolean }) {
  const paso = tarea.asignaciones?.find((asignacion) => asignacion.efectivo === id)?.estado;
  const bound = paso !== undefined && paso !== 'rechazada' && paso !== 'liberada';
  const known = operation.store.efectivos.get(id);
  const codigo = known?.codigo_interno ?? id.slice(-6);
  const libre = known?.disponibilidad === 'disponible';
  const waits = busy.value.has(`asignar-${tarea.id}`) || busy.value.has(`ofrecer-${tarea.id}`);
  return (
    <li>
      <Nombre id={id} /> a {distance(one.distancia_m)}, unos {span(one.eta_s)} · puntaje {Math.round(one.puntaje)}
      {paso && <> <span class="chip">{ASIGNACION[paso] ?? paso}</span></>}
      {!bound && known && !libre && <span class="tenue"> · ahora {DISPONIBILIDAD[known.disponibilidad].toLowerCase()}</span>}
      {one.motivos.length > 0 && <p class="tenue">{one.motivos.join('; ')}</p>}
      {!bound && libre && ABIERTAS.includes(tarea.estado) && puede('despachar') && (
        <span class="botones botones-chicos" role="group" aria-label={`Mandar a ${codigo}`}>
          {registrada && <button type="button" disabled={waits} onClick={() => void ofrecer(tarea, id, codigo)}>Ofrecer</button>}
          <button type="button" disabled={waits} onClick={() => void asignar(tarea, { efectivo: id, codigo_interno: codigo })}>Asignar</button>
        </span>
      )}
    </li>
  );
}

function Nombre({ id }: { id: string }) {
  const known = operation.store.efectivos.get(id);
  return (
    <>
      <button type="button" class="enlace" onClick={() => select({ clase: 'efectivo', id }, true)}
        onPointerEnter={() => { hovered.value = { clase: 'efectivo', id }; }} onPointerLeave={() => { hovered.value = null; }}>
        {known?.codigo_interno ?? id.slice(-6)}
      </button>
      {known?.simulado && <> <Sim /></>}
    </>
  );
}
