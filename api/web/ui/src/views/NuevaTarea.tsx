import { useEffect, useRef } from 'preact/hooks';
import { coordinates } from '../format';
import { operation } from '../operation';
import { cuerpoDeTarea } from '../tarea';
import type { Hecha } from '../types';
import { avisar, draft, lookAt, select } from '../ui';
import { Form, useEnvio } from './formulario';
import { CAMPOS_TAREA, CamposTarea } from './tarea/CamposTarea';

/** Writes a new Tarea for the place chosen on the map. */
export function NuevaTarea() {
  const current = draft.value;
  const place = current?.place;
  const envio = useEnvio('crear');
  const form = useRef<HTMLElement>(null);
  useEffect(() => { if (place) form.current?.querySelector<HTMLElement>('#nueva-titulo')?.focus(); }, [place !== null]);
  if (!current) return null;

  function submit(value: (name: string) => string) {
    const body = cuerpoDeTarea(value, place ?? null);
    void envio.enviar(
      body,
      (key) => operation.http.order<Hecha & { codigo?: string }>('POST', '/tareas', body, { key }),
      (hecha) => {
        void operation.readTarea(hecha.id, hecha.posicion).catch(() => undefined).then(() => {
          avisar('bien', `Tarea ${operation.store.tareas.get(hecha.id)?.codigo ?? ''} creada.`);
          select({ clase: 'tarea', id: hecha.id });
        });
      },
    );
  }

  return (
    <aside ref={form} class="detalle nueva-tarea" aria-label="Nueva tarea">
      <header>
        <strong>Nueva tarea</strong>
        <button type="button" class="cerrar" aria-label="Descartar" title="Descartar (Esc)" onClick={() => { draft.value = null; }}>✕</button>
      </header>
      <LugarElegido />
      <Form envio={envio} campos={CAMPOS_TAREA} boton="Crear la tarea" bloqueado={!place} onSubmit={submit}>
        <CamposTarea envio={envio} />
      </Form>
    </aside>
  );
}

/** The place that the draft is for, and another try at it. */
export function LugarElegido() {
  const current = draft.value;
  const place = current?.place;
  return (
    <p class="nueva-lugar">
      {current && place
        ? <>Lugar: <button type="button" class="enlace" onClick={() => { lookAt.value = { ...place }; }}>{coordinates(place.lat, place.lon)}</button> <button type="button" class="enlace" onClick={() => { draft.value = { ...current, place: null }; }}>Cambiar</button></>
        : 'Elija el lugar en el mapa.'}
    </p>
  );
}
