import type { Marca, Yo } from './types';

/** The markers that are still to be shown at a time, ms: one leaves when it is over, told or not. */
export function vigentes(marcas: readonly Marca[], at: number): readonly Marca[] {
  return marcas.filter((marca) => !marca.caduca || Date.parse(marca.caduca) > at);
}

/** Who is offered to take one away: whoever put it, and those who command. The server decides all the same. */
export function quitable(marca: Marca, yo: Yo | undefined): boolean {
  return yo !== undefined && (marca.autor === yo.id || yo.rol === 'supervisor' || yo.rol === 'administrador');
}
