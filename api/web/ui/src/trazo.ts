import { computed, signal } from '@preact/signals';
import { DEGREE_M } from './map/mercator';
import { redondo } from './tarea';
import type { Geometria, Punto } from './types';

/** The outline of a Zona while it is drawn on the map. */
export interface Trazo {
  forma: 'poligono' | 'circulo';
  /** Corners in order; of a circle its centre and one place on its edge. */
  puntos: Punto[];
  /** Drawn for a Zona that is there already: its new outline. */
  zona?: string;
  /** On a narrow screen: the map is left and the form is in sight. */
  listo?: boolean;
}

export const trazo = signal<Trazo | null>(null);

/** Corners of the polygon that stands for a circle: to the eye a circle at any zoom. */
const LADOS = 64;

export function agregarPunto(punto: Punto): void {
  const now = trazo.value;
  if (!now) return;
  const puntos = now.forma === 'circulo' && now.puntos.length === 2 ? [now.puntos[0] as Punto, punto] : [...now.puntos, punto];
  trazo.value = { ...now, puntos };
}

/** Takes the last point back; false when there is none. */
export function quitarPunto(): boolean {
  const now = trazo.value;
  if (!now || now.puntos.length === 0) return false;
  trazo.value = { ...now, puntos: now.puntos.slice(0, -1) };
  return true;
}

/** The ring as it would be saved now, closed; fewer than three corners are none. */
export const anillo = computed<Punto[]>(() => {
  const now = trazo.value;
  if (!now) return [];
  const ring = now.forma === 'circulo' ? circulo(now.puntos) : now.puntos;
  return ring.length < 3 ? [] : [...ring, ring[0] as Punto];
});

/** What is saved: of a circle its centre, with the radius beside it. */
export function figura(): { geometria: Geometria; radio_m?: number } | undefined {
  const now = trazo.value;
  const [centro] = now?.puntos ?? [];
  if (now?.forma !== 'circulo' || !centro || anillo.value.length === 0) {
    const ring = geometria();
    return ring && { geometria: ring };
  }
  const { lat, lon } = redondo(centro);
  return { geometria: { type: 'Point', coordinates: [lon, lat] }, radio_m: Math.round(radio(now.puntos)) };
}

function geometria(): Geometria | undefined {
  const ring = anillo.value.map(redondo);
  return ring.length === 0 ? undefined : { type: 'Polygon', coordinates: [ring.map(({ lat, lon }) => [lon, lat])] };
}

/** Metres from centre to edge. */
export function radio([centro, borde]: readonly Punto[]): number {
  if (!centro || !borde) return 0;
  return Math.hypot(borde.lat - centro.lat, (borde.lon - centro.lon) * Math.cos(rad(centro.lat))) * DEGREE_M;
}

function circulo(puntos: readonly Punto[]): Punto[] {
  const [centro] = puntos;
  const degrees = radio(puntos) / DEGREE_M;
  if (!centro || degrees === 0) return [];
  // Counter-clockwise, as GeoJSON wants an outer ring.
  return Array.from({ length: LADOS }, (_, i) => {
    const angle = (2 * Math.PI * i) / LADOS;
    return { lat: centro.lat + degrees * Math.sin(angle), lon: centro.lon + (degrees * Math.cos(angle)) / Math.cos(rad(centro.lat)) };
  });
}

function rad(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
