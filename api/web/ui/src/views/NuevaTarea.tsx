import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { coordinates } from '../format';
import { problemOf } from '../net/problem';
import type { Problem } from '../net/problem';
import { operation } from '../operation';
import { PRIORIDAD, TIPO } from '../texto';
import type { Hecha } from '../types';
import { TIPOS } from '../types';
import { avisar, decided, draft, keyFor, lookAt, select } from '../ui';

/** Writes a new Tarea for the place chosen on the map. */
export function NuevaTarea() {
  const current = draft.value;
  const place = current?.place;
  const titulo = useRef<HTMLInputElement>(null);
  const problem = useSignal<Problem | undefined>(undefined);
  const sending = useSignal(false);
  useEffect(() => { if (place) titulo.current?.focus(); }, [place !== null]);
  if (!current) return null;

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (sending.value || !current) return;
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const value = (name: string) => String(fields.get(name) ?? '').trim();
    const lugar = value('lugar');
    sending.value = true;
    problem.value = undefined;
    try {
      const body = {
        titulo: value('titulo'),
        tipo: value('tipo'),
        prioridad: Number(value('prioridad')),
        ...(value('descripcion') ? { descripcion: value('descripcion') } : {}),
        ...(place ? { ubicacion: { lat: round(place.lat), lon: round(place.lon), ...(lugar ? { descripcion: lugar } : {}) } } : {}),
      };
      const hecha = await operation.http.order<Hecha & { codigo?: string }>('POST', '/tareas', body, { key: keyFor('crear', body) });
      decided('crear');
      operation.sent(hecha.posicion);
      await operation.readTarea(hecha.id, hecha.posicion).catch(() => undefined);
      avisar('bien', `Tarea ${operation.store.tareas.get(hecha.id)?.codigo ?? ''} creada.`);
      select({ clase: 'tarea', id: hecha.id });
    } catch (cause) {
      // After silence the key stays: pressing again is the same order.
      problem.value = problemOf(cause);
      if (!problem.value.transient) decided('crear');
    } finally {
      sending.value = false;
    }
  }

  const wrong = (campo: string) => problem.value?.campos.find((c) => c.campo === campo)?.mensaje;
  return (
    <aside class="detalle nueva-tarea" aria-label="Nueva tarea">
      <header>
        <strong>Nueva tarea</strong>
        <button type="button" class="cerrar" aria-label="Descartar" title="Descartar (Esc)" onClick={() => { draft.value = null; }}>✕</button>
      </header>
      <form onSubmit={(event) => void submit(event)}>
        <p class="nueva-lugar">
          {place
            ? <>Lugar: <button type="button" class="enlace" onClick={() => { lookAt.value = { ...place }; }}>{coordinates(place.lat, place.lon)}</button> <button type="button" class="enlace" onClick={() => { draft.value = { ...current, place: null }; }}>Cambiar</button></>
            : 'Elija el lugar en el mapa.'}
        </p>
        <Campo name="titulo" label="Título" error={wrong('titulo')}>
          <input id="nueva-titulo" ref={titulo} name="titulo" required minLength={5} maxLength={200} autocomplete="off" aria-describedby="nueva-titulo-error" />
        </Campo>
        <div class="dos">
          <Campo name="tipo" label="Tipo" error={wrong('tipo')}>
            <select id="nueva-tipo" name="tipo" defaultValue="intervencion" aria-describedby="nueva-tipo-error">
              {TIPOS.map((tipo) => <option key={tipo} value={tipo} selected={tipo === 'intervencion'}>{TIPO[tipo]}</option>)}
            </select>
          </Campo>
          <Campo name="prioridad" label="Prioridad" error={wrong('prioridad')}>
            <select id="nueva-prioridad" name="prioridad" aria-describedby="nueva-prioridad-error">
              {[5, 4, 3, 2, 1].map((prioridad) => <option key={prioridad} value={prioridad} selected={prioridad === 3}>{prioridad} {PRIORIDAD[prioridad]}</option>)}
            </select>
          </Campo>
        </div>
        <Campo name="lugar" label="Referencia del lugar (puede faltar)" error={wrong('ubicacion.descripcion')}>
          <input id="nueva-lugar" name="lugar" maxLength={200} autocomplete="off" aria-describedby="nueva-lugar-error" />
        </Campo>
        <Campo name="descripcion" label="Descripción (puede faltar)" error={wrong('descripcion')}>
          <textarea id="nueva-descripcion" name="descripcion" rows={3} maxLength={4000} aria-describedby="nueva-descripcion-error" />
        </Campo>
        <div role="alert" class="problema">
          {problem.value && <p>{problem.value.message}</p>}
          {problem.value?.campos.filter((c) => !['titulo', 'tipo', 'prioridad', 'descripcion'].includes(c.campo)).map((c) => <p key={c.campo}>{c.campo}: {c.mensaje}</p>)}
        </div>
        <button type="submit" class="principal" disabled={sending.value || !place}>
          {sending.value ? 'Creando…' : problem.value?.transient ? 'Reintentar' : 'Crear la tarea'}
        </button>
      </form>
    </aside>
  );
}

function Campo({ name, label, error, children }: { name: string; label: string; error: string | undefined; children: ComponentChildren }) {
  return (
    <div class="campo">
      <label for={`nueva-${name}`}>{label}</label>
      {children}
      <p id={`nueva-${name}-error`} class="problema">{error}</p>
    </div>
  );
}

/** Six decimals: a tenth of a metre, which no finger can point at. */
function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
