/** Every sentence of the business that the dashboard says, in one place. */

import { hour, span } from './format';
import type { LiveState } from './live';
import type { Actor, ClaseMarca, Disponibilidad, Estado, Rol, Tipo, Usuario } from './types';

export const ESTADO: Record<Estado, string> = {
  programada: 'Programada',
  en_curso: 'En curso',
  pausada: 'Pausada',
  finalizada: 'Finalizada',
  cancelada: 'Cancelada',
};

/** For the strip of figures: how many there are. */
export const ESTADOS_PLURAL: Record<Estado, string> = {
  programada: 'programadas',
  en_curso: 'en curso',
  pausada: 'pausadas',
  finalizada: 'finalizadas',
  cancelada: 'canceladas',
};

export const DISPONIBILIDAD: Record<Disponibilidad, string> = {
  disponible: 'Disponible',
  en_tarea: 'En tarea',
  no_disponible: 'No disponible',
  fuera_servicio: 'Fuera de servicio',
  en_licencia: 'En licencia',
};

export const DISPONIBILIDAD_PLURAL: Record<Disponibilidad, string> = {
  disponible: 'disponibles',
  en_tarea: 'en tarea',
  no_disponible: 'no disponibles',
  fuera_servicio: 'fuera de servicio',
  en_licencia: 'en licencia',
};

/** The words above beside a number: one of them is singular. */
export function contado(plural: string, value: number | undefined): string {
  return value === 1 ? plural.replace(/^(no )?(programada|pausada|finalizada|cancelada|disponible)s$/, '$1$2') : plural;
}

export const PRIORIDAD: Record<number, string> = {
  1: 'Baja', 2: 'Media', 3: 'Alta', 4: 'Urgente', 5: 'Crítica',
};

export const TIPO: Record<Tipo, string> = {
  patrullaje: 'Patrullaje',
  investigacion: 'Investigación',
  vigilancia: 'Vigilancia',
  intervencion: 'Intervención',
  inspeccion: 'Inspección',
  administrativa: 'Administrativa',
  entrenamiento: 'Entrenamiento',
  emergencia: 'Emergencia',
};

export const ROL: Record<Rol, string> = {
  efectivo: 'Efectivo',
  supervisor: 'Supervisor',
  administrador: 'Administrador',
  auditor: 'Auditor',
  servicio: 'Servicio',
};

/** `dia` is from 7 to 19. */
export const BANDA: Record<string, string> = { dia: 'De día', noche: 'De noche' };

/** From where to where each response time is measured. */
export const RESPUESTA: Record<string, string> = {
  oferta: 'Hasta ofrecerla o asignarla', aceptacion: 'De ahí a que alguien acepta', llegada: 'De ahí a que llega',
  respuesta: 'Desde que se creó, o su inicio programado, hasta que alguien llega', cierre: 'Desde que se creó hasta el final',
};

export const DIAS_CORTOS = ['lun', 'mar', 'mié', 'jue', 'vie', 'sáb', 'dom'] as const;

export const CLASE_MARCA: Record<ClaseMarca, string> = {
  corte: 'Corte', encuentro: 'Punto de encuentro', peligro: 'Peligro', puesto_de_mando: 'Puesto de mando', otra: 'Otra',
};

export const CLASE_ZONA: Record<string, string> = {
  jurisdiccion: 'Jurisdicción', restringida: 'Restringida', interes: 'De interés', corredor: 'Corredor',
};

/** Why somebody was no candidate; plural serves one as well. */
export const EXCLUSION: Record<string, string> = {
  ya_ofrecida: 'con esta tarea ya ofrecida', en_licencia: 'en licencia', fuera_de_turno: 'fuera de turno', sin_acceso: 'con la cuenta bloqueada o dada de baja',
  ocupado: 'en otra tarea', no_disponible: 'no disponible', sin_posicion: 'sin posición', posicion_vieja: 'con posición vieja', demasiado_lejos: 'demasiado lejos',
};

/** How a read model that is made anew stands. */
export const RECONSTRUCCION: Record<string, string> = {
  pedida: 'Pedida; falta que alguien empiece', en_curso: 'En curso', reemplazada: 'Hecha', distinta: 'El registro dice otra cosa: no se tocó nada',
  fallida: 'Falló; no se tocó nada', interrumpida: 'Se interrumpió; se puede volver a pedir',
};

/** What an alarm about the use of the system is about. */
export const ALARMA: Record<string, string> = {
  lectura_masiva: 'Alguien leyó datos de demasiadas personas', administrador_en_servidor: 'En el servidor se dio el rol de administrador',
  sesion_duplicada: 'Un token de sesión se usó dos veces',
};

/** How a request that takes two stands. */
export const APROBACION = {
  solicitada: 'Falta aprobar', aprobada: 'Aprobada, falta ejecutar', rechazada: 'Rechazada', vencida: 'Vencida', ejecutada: 'Ejecutada',
} as const;

/** What takes two, by its stored name. */
export const APROBADO: Record<string, string> = {
  exportacion: 'Exportar el registro', borrado_datos: 'Borrar los datos personales', rol_administrador: 'Dar el rol de administrador', salto: 'Saltear un evento',
};

export const LICENCIA = { solicitada: 'Pedida', aprobada: 'Aprobada', rechazada: 'Rechazada' } as const;

/** How an account stands. */
export const CUENTA = { activo: 'Activa', bloqueado: 'Bloqueada', baja: 'Dada de baja' } as const;

/** What an account that may be used lacks to be used, or what waits for its owner. */
export function faltaIngreso({ estado, contrasena, enlace_sin_usar: enlace, telegram, simulado }: Usuario): string | undefined {
  if (estado !== 'activo' || simulado) return undefined;
  if (enlace) return contrasena ? 'enlace nuevo sin usar' : 'enlace sin usar';
  return contrasena || telegram ? undefined : 'no tiene con qué ingresar';
}

/** Fields of the contract, as people call them. */
const CAMPO: Record<string, string> = {
  titulo: 'Título', descripcion: 'Descripción', codigo: 'Código', fin_programado: 'Fin', inicio_programado: 'Inicio',
  'ubicacion.descripcion': 'Referencia del lugar', email: 'Correo', telefono: 'Teléfono', dni: 'Documento',
  nombre: 'Nombre', apellido: 'Apellido', telegram_id: 'Telegram', password: 'Contraseña', codigo_interno: 'Código interno', geometria: 'Forma', motivo: 'Motivo', texto: 'Texto',
};

export function campoNombre(campo: string): string {
  return CAMPO[campo] ?? campo.replaceAll('_', ' ');
}

export const ASIGNACION: Record<string, string> = {
  ofrecida: 'Ofrecida, sin respuesta',
  asignada: 'Asignado',
  aceptada: 'Aceptó',
  rechazada: 'Rechazó',
  en_camino: 'En camino',
  en_lugar: 'En el lugar',
  liberada: 'Liberado',
};

/** How an offer ended of which the row says only that it did. */
export const FIN_OFERTA = { no_respondio: 'No respondió', retirada: 'Se le retiró la oferta' } as const;

/** Names and codes that the page knows, to put people in the place of ids. */
export interface Nombres {
  efectivo: (id: string) => string | undefined;
  usuario: (id: string) => string | undefined;
  zona?: (id: string) => string | undefined;
  tarea?: (id: string) => string | undefined;
  now: number;
}

/** The parts of the system that order things by themselves. */
const PARTE: Record<string, string> = {
  bot: 'el bot', live: 'las conexiones en vivo', politicas: 'las políticas', puerta: 'el ingreso', sellador: 'el sellado',
};

/** Who did it. */
export function actorNombre(actor: Actor, nombres: Nombres): string {
  if (!actor || actor === 'sistema') return 'Sistema';
  const parte = /^sistema:(.+)$/.exec(actor)?.[1];
  if (parte) return `Sistema, por ${PARTE[parte] ?? parte}`;
  const [, clase, id] = /^([a-z_]+)-([0-9a-f]{8}-[0-9a-f-]+)$/.exec(actor) ?? [];
  if (!id) return actor;
  return (clase === 'efectivo' ? nombres.efectivo(id) : nombres.usuario(id)) ?? `${clase} ${corto(id)}`;
}

/** The end of an id: its beginning is a time, which many share. */
export function corto(id: string): string {
  return `…${id.slice(-6)}`;
}

/** What the live connection is doing, in the header. */
export function conexion(state: LiveState, silence: number | undefined, late: boolean, localNow: number): { texto: string; tono: 'bien' | 'aviso' | 'mal' } {
  const edad = silence === undefined ? 'sin datos todavía' : `datos de hace ${span(silence)}`;
  switch (state.name) {
    case 'live':
      return late
        ? { texto: `Sin noticias · ${edad}`, tono: 'aviso' }
        : { texto: `En vivo · ${edad}`, tono: 'bien' };
    case 'connecting':
      return state.attempt === 0
        ? { texto: `Conectando… · ${edad}`, tono: 'aviso' }
        : { texto: `Sin conexión · ${edad} · reintentando`, tono: 'mal' };
    case 'waiting': {
      const left = Math.max(0, Math.ceil((state.retryAt - localNow) / 1000));
      return { texto: `Sin conexión · ${edad} · reintento en ${left} s`, tono: 'mal' };
    }
    default:
      return { texto: `Desconectado · ${edad}`, tono: 'mal' };
  }
}

/** `Fix de 03:07:41`, for titles. */
export function horaFix(en: string): string {
  return `Posición de las ${hour(en)}`;
}

/** A program that calls itself by a long name, as people know it. */
export function navegador(agente: string): string {
  const programa = /Edg\//.test(agente) ? 'Edge' : /OPR\//.test(agente) ? 'Opera' : /Firefox\//.test(agente) ? 'Firefox'
    : /Chrom(e|ium)\//.test(agente) ? 'Chrome' : /Safari\//.test(agente) ? 'Safari' : undefined;
  const sistema = /Android/.test(agente) ? 'Android' : /iPhone|iPad/.test(agente) ? 'iOS' : /Windows/.test(agente) ? 'Windows'
    : /Mac OS/.test(agente) ? 'macOS' : /Linux/.test(agente) ? 'Linux' : undefined;
  if (!programa) return agente ? `Otro programa (${agente.slice(0, 40)})` : 'Programa desconocido';
  return sistema ? `${programa} en ${sistema}` : programa;
}
