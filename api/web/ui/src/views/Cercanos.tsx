import { useEffect, useRef } from 'preact/hooks';
import { asignar, buscarCercanos, candidatos, refrescarCercanos } from '../acciones';
import type { Candidato } from '../cercanos';
import { desordenada } from '../cercanos';
import { distance } from '../format';
import { operation } from '../operation';
import { DISPONIBILIDAD } from '../texto';
import type { Efectivo, Tarea } from '../types';
import { hovered } from '../ui';
import { Buscador } from './Buscador';
import { flechas } from './flechas';
import { nombreDe } from './ListaEfectivos';
import { DisponibilidadChip, Sim, Visto } from './piezas';

/** How often the list is read again while it is open. */
const EVERY_MS = 10_000;

/** Who is nearest and free; the first one has the focus, so that Enter assigns. */
export function Cercanos({ tarea }: { tarea: Tarea }) {
  const first = useRef<HTMLButtonElement>(null);
  const found = candidatos.value?.tarea === tarea.id ? candidatos.value : undefined;
  const otro = found?.otro;
  const ready = found?.datos !== undefined;
  useEffect(() => first.current?.focus(), [ready]);
  const near = ready && !otro && tarea.ubicacion !== null && tarea.ubicacion !== undefined;
  useEffect(() => {
    if (!near) return undefined;
    const every = setInterval(() => {
      const known = operation.store.tareas.get(tarea.id);
      if (known && !document.hidden) void refrescarCercanos(known);
    }, EVERY_MS);
    return () => clearInterval(every);
  }, [near, tarea.id]);
  if (!found) return null;
  void operation.store.efectivosRev.value;
  const rows = found.datos?.map(alDia);

  return (
    <section class="cercanos" aria-label="Los más cercanos" onKeyDown={(event) => flechas(event, '[data-cercano]')}>
      <h3>{tarea.ubicacion && !otro ? 'Disponibles más cercanos' : 'A quién asignar'}</h3>
      {!found.datos && <p>Buscando…</p>}
      {tarea.ubicacion && found.datos?.length === 0 && !otro && <p class="sin-asignar">No hay nadie disponible con posición conocida.</p>}
      <ul>
        {rows?.map((cercano, i) => (
          <li key={cercano.efectivo}>
            <button type="button" ref={i === 0 ? first : null} class={i === 0 && !cercano.ido ? 'principal' : ''} data-cercano={cercano.efectivo} aria-disabled={cercano.ido}
              onClick={() => { if (!cercano.ido) void asignar(tarea, cercano); }}
              onFocus={() => { hovered.value = { clase: 'efectivo', id: cercano.efectivo }; }}
              onBlur={() => { hovered.value = null; }}>
              <b>{cercano.codigo_interno}</b>
              {(cercano.simulado ?? operation.store.efectivos.get(cercano.efectivo)?.simulado) && <Sim />}
              {cercano.ido ? <span class="sin-asignar">ya no está cerca, o libre</span> : (
                <>
                  <span>a {distance(cercano.distancia_m)}</span>
                  <Visto en={cercano.en} />
                </>
              )}
            </button>
          </li>
        ))}
      </ul>
      <p role="status" class="oculto">{rows && desordenada(rows) ? 'Cambió quién está más cerca.' : ''}</p>
      {rows && desordenada(rows) && <button type="button" onClick={() => void buscarCercanos(tarea)}>Ordenar de nuevo por cercanía</button>}
      <Buscador<Efectivo> id="asignar-otro" label="Otro efectivo" path="/efectivos" onPick={(efectivo) => { candidatos.value = { ...found, otro: efectivo }; }}
        render={(efectivo) => <><b>{efectivo.codigo_interno}</b> <span>{nombreDe(efectivo)}</span> <DisponibilidadChip disponibilidad={efectivo.disponibilidad} /></>} />
      {otro && <Otro tarea={tarea} efectivo={otro} />}
      <button type="button" onClick={() => { candidatos.value = null; }}>No asignar</button>
    </section>
  );
}

/** A row with what was heard since it was read: a later fix, that he is not free any more. */
function alDia(cercano: Candidato): Candidato {
  const known = operation.store.efectivos.get(cercano.efectivo);
  const en = known?.posicion_actual?.en;
  return {
    ...cercano,
    en: en && Date.parse(en) > Date.parse(cercano.en) ? en : cercano.en,
    ...(cercano.ido || (known && known.version >= 0 && known.disponibilidad !== 'disponible') ? { ido: true } : {}),
  };
}

/** Somebody chosen by name: whoever is not free is taken only on purpose. */
function Otro({ tarea, efectivo }: { tarea: Tarea; efectivo: Efectivo }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), [efectivo.id]);
  const libre = efectivo.disponibilidad === 'disponible';
  const cercano = { efectivo: efectivo.id, codigo_interno: efectivo.codigo_interno };
  return (
    <p>
      {!libre && <span class="sin-asignar">{efectivo.codigo_interno} está {DISPONIBILIDAD[efectivo.disponibilidad].toLowerCase()}. </span>}
      <button ref={button} type="button" class={libre ? 'principal' : 'grave'} onClick={() => void asignar(tarea, cercano, !libre)}>
        {libre ? `Asignar a ${efectivo.codigo_interno}` : 'Asignar igual, y que conste'}
      </button>
    </p>
  );
}
