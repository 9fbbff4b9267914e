import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { drawEfectivo, drawTarea, MARK_HALF } from '../map/glyphs';
import type { Palette } from '../map/palette';
import { readPalette } from '../map/palette';
import { DISPONIBILIDAD, PRIORIDAD } from '../texto';
import type { Prioridad } from '../types';
import { DISPONIBILIDADES } from '../types';
import { restyled } from '../tema';

type Draw = (ctx: CanvasRenderingContext2D, palette: Palette) => void;

/** A mark of the map, drawn by the very code that draws the map. */
export function Marca({ draw, size = 26 }: { draw: Draw; size?: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const style = restyled.value;
  useEffect(() => {
    const ctx = canvas.current?.getContext('2d');
    if (!canvas.current || !ctx) return;
    const density = devicePixelRatio || 1;
    canvas.current.width = canvas.current.height = Math.ceil(size * density);
    const scale = (size * density) / (2 * MARK_HALF);
    ctx.setTransform(scale, 0, 0, scale, (size * density) / 2, (size * density) / 2);
    draw(ctx, readPalette());
  }, [draw, style]);
  return <canvas ref={canvas} class="marca" style={{ width: `${size}px`, height: `${size}px` }} aria-hidden="true" />;
}

const efectivos: { text: string; draw: Draw }[] = [
  ...DISPONIBILIDADES.map((disponibilidad) => ({
    text: DISPONIBILIDAD[disponibilidad],
    draw: ((ctx, palette) => drawEfectivo(ctx, { disponibilidad, simulado: false, frescura: 'fresca' }, palette)) as Draw,
  })),
  { text: 'Posición de hace más de 10 min', draw: (ctx, palette) => drawEfectivo(ctx, { disponibilidad: 'disponible', simulado: false, frescura: 'vieja' }, palette) },
  { text: 'Simulado: no es una persona', draw: (ctx, palette) => drawEfectivo(ctx, { disponibilidad: 'disponible', simulado: true, frescura: 'fresca' }, palette) },
];

const tareas: { text: string; draw: Draw }[] = [
  ...([5, 4, 3, 2, 1] as Prioridad[]).map((prioridad) => ({
    text: `Prioridad ${(PRIORIDAD[prioridad] ?? '').toLowerCase()}, en curso`,
    draw: ((ctx, palette) => drawTarea(ctx, { prioridad, estado: 'en_curso' }, palette)) as Draw,
  })),
  { text: 'Programada, sin empezar', draw: (ctx, palette) => drawTarea(ctx, { prioridad: 3, estado: 'programada' }, palette) },
  { text: 'Pausada', draw: (ctx, palette) => drawTarea(ctx, { prioridad: 3, estado: 'pausada' }, palette) },
];

export function Leyenda() {
  const open = useSignal(false);
  return (
    <div class="leyenda">
      <button type="button" aria-expanded={open.value} aria-controls="leyenda" onClick={() => { open.value = !open.value; }}>
        Referencias {open.value ? '▾' : '▴'}
      </button>
      {open.value && (
        <div id="leyenda" class="leyenda-cuerpo">
          <Grupo title="Efectivos" rows={efectivos} />
          <Grupo title="Tareas" rows={tareas} />
        </div>
      )}
    </div>
  );
}

function Grupo({ title, rows }: { title: string; rows: { text: string; draw: Draw }[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {rows.map((row) => <li key={row.text}><Marca draw={row.draw} /> {row.text}</li>)}
      </ul>
    </section>
  );
}
