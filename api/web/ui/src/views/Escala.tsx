import { coordinates } from '../format';
import { gridFor, round125 } from '../map/grid';
import type { Camera } from '../map/mercator';
import { metresPerPixel } from '../map/mercator';

/** How long things are on the ground, and whose map it is. */
export function Escala({ camera }: { camera: Camera | undefined }) {
  if (!camera) return null;
  const perPixel = metresPerPixel(camera);
  const metres = round125(60 * perPixel);
  const text = metres >= 1_000 ? `${metres / 1_000} km` : `${metres} m`;
  return (
    <div class="escala">
      <span class="escala-barra" style={{ width: `${metres / perPixel}px` }}>{text}</span>
      <span>cuadrícula {gridFor(camera).caption}</span>
      <span class="escala-centro">{coordinates(camera.lat, camera.lon)}</span>
      <span class="escala-fuente">Mapa: Natural Earth</span>
    </div>
  );
}
