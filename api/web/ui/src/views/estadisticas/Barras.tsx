import type { Grupo, Percentiles } from './cifras';
import { rango, tramos } from './cifras';

/** What became of the Tareas of a group, as long as its share of the largest one. */
export function Barra({ grupo, most }: { grupo: Grupo; most: number }) {
  return (
    <svg class="barra-grupo" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      {tramos(grupo, most).map(({ clase, desde, ancho }) => <rect key={clase} class={clase} x={desde} y="0" width={ancho} height="10" />)}
    </svg>
  );
}

/** Half of the cases as a box, the median as a stroke, nine of ten as a thin line. */
export function Rango({ percentiles, most }: { percentiles: Percentiles; most: number }) {
  const { p25, p50, p75, p90 } = rango(percentiles, most);
  return (
    <svg class="barra-rango" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <line x1={p25} x2={p90} y1="5" y2="5" />
      <rect x={p25} y="1" width={Math.max(0.6, p75 - p25)} height="8" />
      <line class="mediana" x1={p50} x2={p50} y1="0" y2="10" />
    </svg>
  );
}
