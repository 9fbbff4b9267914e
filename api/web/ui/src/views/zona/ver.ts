import { ringsOf } from '../../map/overlay';
import type { Punto, Zona } from '../../types';
import { encuadre, screen } from '../../ui';

/** Every corner of a Zona. */
export function esquinas(zona: Zona): Punto[] {
  return ringsOf(zona.geometria).flat().map(([lon = 0, lat = 0]) => ({ lat, lon }));
}

/** Shows a Zona whole. */
export function verZona(zona: Zona): void {
  const places = esquinas(zona);
  if (places.length === 0) return;
  screen.value = 'mapa';
  encuadre.value = places;
}
