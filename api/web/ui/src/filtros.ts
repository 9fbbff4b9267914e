import { fromField, siguienteDia } from './zone';

/** What else the list of Tareas can be narrowed by, as its form holds it. */
export interface FiltrosTareas {
  tipo?: string | undefined;
  prioridad?: string | undefined;
  zona?: string | undefined;
  delegado?: Elegido | undefined;
  efectivo?: Elegido | undefined;
  /** Days of the operation's calendar, both included. */
  desde?: string | undefined;
  hasta?: string | undefined;
  /** Only what lies in sight on the map when it was asked for. */
  bbox?: string | undefined;
}

/** Somebody that a filter names. */
export interface Elegido {
  id: string;
  nombre: string;
}

export const ORDENES = [
  { value: '-prioridad,-inicio_programado', text: 'Prioridad, las nuevas primero' },
  { value: '-inicio_programado', text: 'Inicio, las nuevas primero' },
  { value: 'inicio_programado', text: 'Inicio, las viejas primero' },
  { value: 'codigo', text: 'Código' },
] as const;

/** The same as parameters of `GET /tareas`. */
export function parametros(filtros: FiltrosTareas): Record<string, unknown> {
  const { delegado, efectivo, desde, hasta, ...plain } = filtros;
  return {
    ...plain,
    delegado: delegado?.id,
    efectivo: efectivo?.id,
    desde: desde && fromField(desde),
    // The server's end is excluded, a person's last day is meant whole.
    hasta: hasta && fromField(siguienteDia(hasta)),
  };
}

/** Whether its days are the wrong way round: nothing lies between them. */
export function alReves({ desde, hasta }: FiltrosTareas): boolean {
  return desde !== undefined && hasta !== undefined && desde > hasta;
}

export function cuantos(filtros: FiltrosTareas): number {
  return Object.values(filtros).filter(Boolean).length;
}
