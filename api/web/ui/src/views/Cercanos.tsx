import { useEffect, useRef } from 'preact/hooks';
import { asignar, candidatos } from '../acciones';
import { distance } from '../format';
import { operation } from '../operation';
import { DISPONIBILIDAD } from '../texto';
import type { Efectivo, Tarea } from '../types';
import { hovered } from '../ui';
import { Buscador } from './Buscador';
import { flechas } from './flechas';
import { nombreDe } from './ListaEfectivos';
import { DisponibilidadChip, Sim, Visto } from './piezas';

/** Who is nearest and free; the first one has the focus, so that Enter assigns. */
export function Cercanos({ tarea }: { tarea: Tarea }) {
  const first = useRef<HTMLButtonElement>(null);
  const found = candidatos.value?.tarea === tarea.id ? candidatos.value : undefined;
  const otro = found?.otro;
  const ready = found?.datos !== undefined;
  useEffect(() => first.current?.focus(), [ready]);
  if (!found) return null;

  return (
    <section class="cercanos" aria-label="Los más cercanos" onKeyDown={(event) => flechas(event, '[data-cercano]')}>
      <h3>{tarea.ubicacion && !otro ? 'Disponibles más cercanos' : 'A quién asignar'}</h3>
      {!found.datos && <p>Buscando…</p>}
      {tarea.ubicacion && found.datos?.length === 0 && !otro && <p class="sin-asignar">No hay nadie disponible con posición conocida.</p>}
      <ul>
        {found.datos?.map((cercano, i) => (
          <li key={cercano.efectivo}>
            <button type="button" ref={i === 0 ? first : null} class={i === 0 ? 'principal' : ''} data-cercano={cercano.efectivo}
              onClick={() => void asignar(tarea, cercano)}
              onFocus={() => { hovered.value = { clase: 'efectivo', id: cercano.efectivo }; }}
              onBlur={() => { hovered.value = null; }}>
              <b>{cercano.codigo_interno}</b>
              {(cercano.simulado ?? operation.store.efectivos.get(cercano.efectivo)?.simulado) && <Sim />}
              <span>a {distance(cercano.distancia_m)}</span>
              <Visto en={cercano.en} />
            </button>
          </li>
        ))}
      </ul>
      <Buscador<Efectivo> id="asignar-otro" label="Otro efectivo" path="/efectivos" onPick={(efectivo) => { candidatos.value = { ...found, otro: efectivo }; }}
        render={(efectivo) => <><b>{efectivo.codigo_interno}</b> <span>{nombreDe(efectivo)}</span> <DisponibilidadChip disponibilidad={efectivo.disponibilidad} /></>} />
      {otro && <Otro tarea={tarea} efectivo={otro} />}
      <button type="button" onClick={() => { candidatos.value = null; }}>No asignar</button>
    </section>
  );
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
