import { useEffect, useRef } from 'preact/hooks';
import { drawMarca, MARK_HALF } from '../../map/glyphs';
import { readPalette } from '../../map/palette';
import { restyled } from '../../tema';
import type { ClaseMarca } from '../../types';

/** The mark as the map draws it; what it means stands beside it in words. */
export function IconoMarca({ clase }: { clase: ClaseMarca }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const style = restyled.value;
  useEffect(() => {
    const ctx = canvas.current?.getContext('2d');
    if (!ctx) return;
    const density = devicePixelRatio || 1;
    ctx.canvas.width = ctx.canvas.height = 2 * MARK_HALF * density;
    ctx.scale(density, density);
    ctx.translate(MARK_HALF, MARK_HALF + 4);
    drawMarca(ctx, clase, readPalette());
  }, [clase, style]);
  return <canvas ref={canvas} class="marca-icono" aria-hidden="true" />;
}
