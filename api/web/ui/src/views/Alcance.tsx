import { alcance } from '../jurisdiccion';
import { useLectura } from '../lectura';
import type { Jurisdiccion, Lista, Zona } from '../types';

interface Props {
  jurisdiccion: Jurisdiccion | null | undefined;
  /** The names, where they are known already; read otherwise. */
  zonas?: readonly Pick<Zona, 'id' | 'nombre'>[];
}

/** What a supervisor answers for, in words. */
export function Alcance({ jurisdiccion, zonas }: Props) {
  const { datos, problem } = useLectura<Lista<Zona>>(!zonas && jurisdiccion?.zonas.length ? '/zonas' : null);
  const known = zonas ?? datos?.datos;
  // Ends of ids for a moment, and then names: nobody could read that.
  if (!known && !problem && jurisdiccion?.zonas.length) return <p class="tenue">Leyendo…</p>;
  return <>{alcance(jurisdiccion, (id) => known?.find((zona) => zona.id === id)?.nombre).map((line) => <p key={line}>{line}</p>)}</>;
}
