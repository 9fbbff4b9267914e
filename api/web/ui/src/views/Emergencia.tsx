import { useEffect, useRef } from 'preact/hooks';
import { operation } from '../operation';
import { compact, redondo } from '../tarea';
import type { Hecha } from '../types';
import { avisar, draft, select } from '../ui';
import { Campo, Form, useEnvio } from './formulario';
import { LugarElegido } from './NuevaTarea';

/** Somebody calls: a place and a few words; who goes is worked out by the same order. */
export function Emergencia() {
  const current = draft.value;
  const place = current?.place;
  const envio = useEnvio('emergencia');
  const panel = useRef<HTMLElement>(null);
  useEffect(() => { if (place) panel.current?.querySelector<HTMLElement>('textarea')?.focus(); }, [place !== null]);
  if (!current) return null;

  function submit(value: (name: string) => string) {
    if (!place) return;
    const body = { ...redondo(place), ...compact({ descripcion: value('descripcion'), telefono: value('telefono') }) };
    void envio.enviar(
      body,
      (key) => operation.http.order<EmergenciaHecha>('POST', '/emergencias', body, { key }),
      (hecha) => {
        const id = hecha.tarea ?? hecha.id;
        void operation.readTarea(id, hecha.posicion).catch(() => undefined).then(() => {
          if (hecha.ofrecida_a) avisar('bien', 'Emergencia creada y ofrecida.');
          else avisar('mal', 'Emergencia creada, pero no hay a quién ofrecerla: asígnela usted.');
          select({ clase: 'tarea', id });
        });
      },
    );
  }

  return (
    <aside ref={panel} class="detalle emergencia" aria-label="Emergencia">
      <header>
        <strong>Emergencia</strong>
        <button type="button" class="cerrar" aria-label="Descartar" title="Descartar (Esc)" onClick={() => { draft.value = null; }}>✕</button>
      </header>
      <LugarElegido />
      <Form envio={envio} campos={['descripcion', 'telefono']} boton="Crear y ofrecer al mejor" bloqueado={!place} onSubmit={submit}>
        <Campo id="emergencia-descripcion" label="Qué pasa" envio={envio} campo="descripcion" ayuda="Enter envía; Mayúscula y Enter, otro renglón.">
          {(a) => (
            <textarea {...a} name="descripcion" rows={3} required maxLength={4000}
              onKeyDown={(event) => { if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); event.currentTarget.form?.requestSubmit(); } }} />
          )}
        </Campo>
        <Campo id="emergencia-telefono" label="Teléfono de quien llama (puede faltar)" envio={envio} campo="telefono">
          {(a) => <input {...a} name="telefono" type="tel" maxLength={40} autocomplete="off" />}
        </Campo>
      </Form>
    </aside>
  );
}

type EmergenciaHecha = Hecha & { tarea?: string; ofrecida_a?: string | null };
