import { ringsOf } from '../../map/overlay';
import type { Zona } from '../../types';
import { encuadre, screen } from '../../ui';

/** Shows a Zona whole. */
export function verZona(zona: Zona): void {
  const places = ringsOf(zona.geometria).flat().map(([lon = 0, lat = 0]) => ({ lat, lon }));
  if (places.length === 0) return;
  screen.value = 'mapa';
  encuadre.value = places;
}
