import { day } from '../../format';
import { fromField, siguienteDia } from '../../zone';

export interface Licencia {
  id: string;
  efectivo: string;
  codigo_interno: string;
  desde: string;
  /** Excluded. */
  hasta: string;
  estado: 'solicitada' | 'aprobada' | 'rechazada';
  vigente: boolean;
  motivo?: string | null;
  respuesta?: string | null;
  pedida: string;
  resuelta?: string | null;
}

/** A person's last day, whole, as the server's excluded end. */
export function ultimoDia(value: string): string | undefined {
  return fromField(siguienteDia(value));
}

/** `01/12/2026 a 07/12/2026`, both included. */
export function dias({ desde, hasta }: Pick<Licencia, 'desde' | 'hasta'>): string {
  const last = new Date(Date.parse(hasta) - 1);
  return day(desde) === day(last.getTime()) ? day(desde) : `${day(desde)} a ${day(last.getTime())}`;
}
