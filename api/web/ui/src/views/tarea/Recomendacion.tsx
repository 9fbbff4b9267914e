import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asignar, ofrecer } from '../../acciones';
import { distance, span } from '../../format';
import { useLectura } from '../../lectura';
import type { Finales } from '../../ofertas';
import { cuentaDe, pasoDe } from '../../ofertas';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { DISPONIBILIDAD, EXCLUSION } from '../../texto';
import type { Asignacion, Tarea } from '../../types';
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
export function Recomendacion({ tarea, fin }: { tarea: Tarea; fin: Finales }) {
  const asked = useSignal(false);
  useEffect(() => { asked.value = false; }, [tarea.id]);
  if (tarea.tipo === 'emergencia') return <Leida tarea={tarea} fin={fin} />;
  if (!tarea.ubicacion || !ABIERTAS.includes(tarea.estado) || !puede('despachar')) return null;
  return (
    <details class="mas" open={asked.value} onToggle={(event) => { asked.value = event.currentTarget.open; }}>
      <summary>A quién convendría mandar, y por qué</summary>
      {asked.value && <Leida tarea={tarea} fin={fin} />}
    </details>
  );
}

function Leida({ tarea, fin }: { tarea: Tarea; fin: Finales }) {
  const { datos, problem, releer } = useLectura<Recomendada>(`/tareas/${tarea.id}/recomendacion`, {}, tarea.version);
  // A Tarea that nobody asked a recommendation for, and without a place, has none.
  if (problem?.status === 404) return null;
  return (
    <section class="recomendacion" aria-label="Recomendación">
      <h3>Recomendación {datos && <span class="tenue">{datos.emitida ? <>de las <Hora en={datos.emitida} /></> : 'de ahora'}</span>}</h3>
      {!datos ? <Espera problem={problem} releer={releer} /> : <Cuerpo datos={datos} tarea={tarea} fin={fin} />}
    </section>
  );
}

function Cuerpo({ datos, tarea, fin }: { datos: Recomendada; tarea: Tarea; fin: Finales }) {
  void operation.store.efectivosRev.value;
  const registrada = datos.emitida !== null;
  const tenidos = tenidosDe(tarea).filter(({ efectivo }) => ABIERTAS.includes(tarea.estado) && !datos.candidatos.some((one) => one.efectivo === efectivo));
  // Whoever had it is told apart below, with what came of it.
  const motivos = datos.descartados_por_motivo.filter(({ motivo }) => motivo !== 'ya_ofrecida' || tenidos.length === 0);
  const descartados = datos.descartados.filter(({ efectivo }) => !tenidos.some((one) => one.efectivo === efectivo));
  const total = motivos.reduce((sum, one) => sum + one.cantidad, 0);
  return (
    <>
      {datos.candidatos.length === 0 && tenidos.length === 0 && <p class="sin-asignar">{registrada ? 'No había nadie que pudiera ir.' : 'No hay nadie que pueda ir.'}</p>}
      <ol>
        {datos.candidatos.map((one) => <Candidato key={one.efectivo} candidato={one} tarea={tarea} fin={fin} registrada={registrada} />)}
      </ol>
      {datos.mas_candidatos > 0 && <p class="tenue">Y {datos.mas_candidatos} más que podrían ir.</p>}
      {tenidos.length > 0 && <Tenidos tenidos={tenidos} datos={datos} tarea={tarea} fin={fin} />}
      {total > 0 && (
        <details class="mas" open={datos.candidatos.length === 0 && tenidos.length === 0}>
          <summary>Descartados: {motivos.map((one) => `${one.cantidad} ${EXCLUSION[one.motivo] ?? one.motivo}`).join(', ')}</summary>
          <ul>
            {descartados.map((one) => (
              <li key={one.efectivo}><Nombre id={one.efectivo} /> {EXCLUSION[one.motivo] ?? one.motivo}{one.distancia_m !== null && `, a ${distance(one.distancia_m)}`}</li>
            ))}
          </ul>
          {total > descartados.length && <p class="tenue">Y {total - descartados.length} más.</p>}
        </details>
      )}
    </>
  );
}

/** Those who had it and did not take it, or left it: they may be asked again. */
function Tenidos({ tenidos, datos, tarea, fin }: { tenidos: Asignacion[]; datos: Recomendada; tarea: Tarea; fin: Finales }) {
  const libre = ({ efectivo }: Asignacion) => operation.store.efectivos.get(efectivo)?.disponibilidad === 'disponible';
  const libres = tenidos.filter(libre).length;
  // Whoever took it once and is free again did take it.
  const sinNadie = tarea.asignaciones?.every(({ efectivo, estado }) => estado === 'rechazada' || (estado === 'liberada' && fin.has(efectivo)));
  const ofrecible = puede('despachar');
  return (
    <details class="mas tenidos" open={sinNadie}>
      <summary>{sinNadie ? 'Nadie la tomó' : 'Ya la tuvieron'}: {cuentaDe(tenidos, fin)}</summary>
      {ofrecible && libres > 0 && <p>{libres === 1 ? 'Uno está disponible ahora' : `${libres} están disponibles ahora`}: se les puede ofrecer de nuevo.</p>}
      <ul>
        {[...tenidos].sort((a, b) => Number(libre(b)) - Number(libre(a))).map((one) => {
          const lejos = datos.descartados.find(({ efectivo }) => efectivo === one.efectivo)?.distancia_m ?? null;
          return (
            <li key={one.efectivo}>
              <Nombre id={one.efectivo} />{lejos !== null && ` a ${distance(lejos)}`} <span class="chip">{pasoDe(one, fin)}</span>
              <Mandar id={one.efectivo} tarea={tarea} registrada={datos.emitida !== null} deNuevo />
            </li>
          );
        })}
      </ul>
    </details>
  );
}

function tenidosDe({ asignaciones }: Tarea): Asignacion[] {
  return asignaciones?.filter(({ estado }) => estado === 'rechazada' || estado === 'liberada') ?? [];
}

/** One candidate: how far, why, how it went with him, and the order that sends him. */
function Candidato({ candidato: { efectivo: id, ...one }, tarea, fin, registrada }: { candidato: Recomendada['candidatos'][number]; tarea: Tarea; fin: Finales; registrada: boolean }) {
  const asignacion = tarea.asignaciones?.find(({ efectivo }) => efectivo === id);
  const bound = asignacion !== undefined && asignacion.estado !== 'rechazada' && asignacion.estado !== 'liberada';
  return (
    <li>
      <Nombre id={id} /> a {distance(one.distancia_m)}, unos {span(one.eta_s)} · puntaje {Math.round(one.puntaje)}
      {asignacion && <> <span class="chip">{pasoDe(asignacion, fin)}</span></>}
      {one.motivos.length > 0 && <p class="tenue">{one.motivos.join('; ')}</p>}
      {!bound && <Mandar id={id} tarea={tarea} registrada={registrada} deNuevo={asignacion !== undefined} />}
    </li>
  );
}

/** The orders that send somebody who does not have it, or why there is none. */
function Mandar({ id, tarea, registrada, deNuevo }: { id: string; tarea: Tarea; registrada: boolean; deNuevo: boolean }) {
  const known = operation.store.efectivos.get(id);
  if (!known || !ABIERTAS.includes(tarea.estado)) return null;
  if (known.disponibilidad !== 'disponible') return <span class="tenue"> · ahora {DISPONIBILIDAD[known.disponibilidad].toLowerCase()}</span>;
  if (!puede('despachar')) return null;
  const codigo = known.codigo_interno;
  const waits = busy.value.has(`asignar-${tarea.id}`) || busy.value.has(`ofrecer-${tarea.id}`);
  return (
    <span class="botones botones-chicos" role="group" aria-label={`Mandar a ${codigo}`}>
      {registrada && <button type="button" disabled={waits} onClick={() => void ofrecer(tarea, id, codigo)}>Ofrecer{deNuevo && ' de nuevo'}</button>}
      <button type="button" disabled={waits} onClick={() => void asignar(tarea, { efectivo: id, codigo_interno: codigo })}>Asignar</button>
    </span>
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
