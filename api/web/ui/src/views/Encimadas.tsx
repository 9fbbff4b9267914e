import { useEffect, useRef } from 'preact/hooks';
import type { Camera } from '../map/mercator';
import type { Objeto } from '../map/overlay';
import { operation } from '../operation';
import { tituloCorto } from '../tarea';
import { encimadas, select } from '../ui';
import { flechas } from './flechas';
import { nombreDe } from './ListaEfectivos';
import { DisponibilidadChip, EstadoChip, PrioridadMarca, Sim } from './piezas';

/** More than this on one spot are told apart by coming nearer. */
const MOST = 12;

/** CSS pixels. */
const WIDTH = 300;
const EDGE = 8;
const GAP = 18;

/** Which one was meant, where marks of the map lie over one another. */
export function Encimadas({ camera, onClose }: { camera: Camera | undefined; onClose: () => void }) {
  void [operation.store.tareasRev.value, operation.store.efectivosRev.value];
  const box = useRef<HTMLDivElement>(null);
  const open = encimadas.value;
  useEffect(() => box.current?.querySelector('button')?.focus(), [open]);
  if (!open || !camera) return null;
  const { objetos, x, y } = open;
  const width = Math.min(WIDTH, camera.width - 2 * EDGE);
  const below = y < camera.height / 2;
  const px = (size: number) => `${Math.round(size)}px`;
  const style = {
    width: px(width),
    left: px(Math.max(EDGE, Math.min(camera.width - width - EDGE, x - width / 2))),
    maxHeight: px((below ? camera.height - y : y) - GAP - EDGE),
    ...(below ? { top: px(y + GAP) } : { bottom: px(camera.height - y + GAP) }),
  };
  const close = () => { encimadas.value = null; onClose(); };
  return (
    <div ref={box} class="encimadas" style={style} role="group" aria-label={`Hay ${objetos.length} en el mismo lugar`}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && !box.current?.contains(relatedTarget)) encimadas.value = null;
      }}
      onKeyDown={(event) => {
        // The key that opened it, still held down, chooses nothing.
        if (event.key === 'Escape' || (event.key === 'Enter' && event.repeat)) event.preventDefault();
        if (event.key === 'Escape') close();
        flechas(event, 'button');
      }}>
      <p class="tenue">Hay {objetos.length} en el mismo lugar:</p>
      <ul>
        {objetos.slice(0, MOST).map((objeto) => (
          <li key={objeto.id}><button type="button" onClick={() => { close(); select(objeto); }}><Que objeto={objeto} /></button></li>
        ))}
      </ul>
      {objetos.length > MOST && <p class="tenue">Y {objetos.length - MOST} más: acerque el mapa.</p>}
    </div>
  );
}

function Que({ objeto: { clase, id } }: { objeto: Objeto }) {
  const tarea = clase === 'tarea' ? operation.store.tareas.get(id) : undefined;
  const efectivo = clase === 'efectivo' ? operation.store.efectivos.get(id) : undefined;
  if (tarea) {
    return (
      <>
        <PrioridadMarca prioridad={tarea.prioridad} short />
        <span class="encimada">
          <b>{tituloCorto(tarea)}</b>
          <span class="linea">{tarea.simulada && <Sim />}{tarea.codigo} <EstadoChip estado={tarea.estado} /></span>
        </span>
      </>
    );
  }
  return (
    <span class="encimada">
      <b>{efectivo?.codigo_interno} {efectivo && nombreDe(efectivo)}</b>
      <span class="linea">{efectivo?.simulado && <Sim />}{efectivo && <DisponibilidadChip disponibilidad={efectivo.disponibilidad} />}</span>
    </span>
  );
}
