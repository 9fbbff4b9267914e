import { now } from '../clock';
import { ago } from '../format';
import type { Camera } from '../map/mercator';
import { operation } from '../operation';
import { tituloCorto } from '../tarea';
import { DISPONIBILIDAD, ESTADO, PRIORIDAD, TIPO } from '../texto';
import { draft, hovered } from '../ui';
import { Sim } from './piezas';

/** The small card beside the mark under the pointer; the chosen one has the panel. */
export function Globo({ pin, camera }: { pin: { x: number; y: number } | null; camera: Camera | undefined }) {
  const objeto = hovered.value;
  if (!pin || !camera || !objeto || draft.value) return null;
  const right = pin.x < camera.width - 250;
  const below = pin.y < 110;
  const style = {
    transform: `translate(${Math.round(pin.x + (right ? 22 : -22))}px, ${Math.round(pin.y + (below ? 6 : -6))}px) translate(${right ? '0' : '-100%'}, ${below ? '0' : '-100%'})`,
  };
  return (
    <div class="globo" style={style} aria-hidden="true">
      {objeto.clase === 'tarea' ? <DeTarea id={objeto.id} /> : <DeEfectivo id={objeto.id} />}
    </div>
  );
}

function DeTarea({ id }: { id: string }) {
  void operation.store.tareasRev.value;
  const tarea = operation.store.tareas.get(id);
  if (!tarea) return null;
  return (
    <>
      <strong>{tarea.codigo}</strong> {tarea.simulada && <Sim />}
      <div>{tituloCorto(tarea)}</div>
      <div class="tenue">{TIPO[tarea.tipo] ?? tarea.tipo} · prioridad {(PRIORIDAD[tarea.prioridad] ?? '').toLowerCase()} · {ESTADO[tarea.estado].toLowerCase()}</div>
    </>
  );
}

function DeEfectivo({ id }: { id: string }) {
  void operation.store.efectivosRev.value;
  const efectivo = operation.store.efectivos.get(id);
  if (!efectivo) return null;
  const fix = efectivo.posicion_actual;
  return (
    <>
      <strong>{efectivo.codigo_interno}</strong> {efectivo.simulado && <Sim />}
      <div>{DISPONIBILIDAD[efectivo.disponibilidad]}</div>
      {fix && (
        <div class="tenue">
          Posición {ago(fix.en, now.value)}
          {fix.precision_m ? ` · ± ${Math.round(fix.precision_m)} m` : ''}
        </div>
      )}
    </>
  );
}
