import { moment } from '../../format';

export type Clase = 'exportacion' | 'borrado_datos' | 'rol_administrador' | 'salto';

/** A request that takes two, as `GET /aprobaciones` gives it. */
export interface Aprobacion {
  id: string;
  estado: 'solicitada' | 'aprobada' | 'rechazada' | 'vencida' | 'ejecutada';
  pedido: {
    clase: Clase;
    usuario?: string | null;
    desde?: string | null;
    hasta?: string | null;
    proyeccion?: string | null;
    clave?: string | null;
  };
  solicitante?: string | null;
  resolvio?: string | null;
  motivo: string;
  respuesta?: string | null;
  solicitada: string;
  vence: string;
  version: number;
}

/** What would happen, in one sentence. */
export function quePide({ pedido }: Aprobacion, nombre: (usuario: string) => string, now: number): string {
  const quien = pedido.usuario ? nombre(pedido.usuario) : '';
  switch (pedido.clase) {
    case 'borrado_datos': return `Borrar para siempre los datos personales de ${quien}`;
    case 'rol_administrador': return `Dar el rol de administrador a ${quien}`;
    case 'exportacion': return `Exportar el registro de ${moment(pedido.desde, now)} a ${moment(pedido.hasta, now)}`;
    case 'salto': return `Saltear un evento que ${pedido.proyeccion ?? 'una proyección'} no puede aplicar`;
    default: return String(pedido.clase).replaceAll('_', ' ');
  }
}
