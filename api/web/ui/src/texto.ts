/** Every sentence of the business that the dashboard says, in one place. */

import { decimal, distance, hour, moment, span } from './format';
import type { LiveState } from './live';
import type { Actor, ClaseMarca, Disponibilidad, Estado, Hecho, Rol, Tipo } from './types';

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
  respuesta: 'Desde que se creó hasta que alguien llega', cierre: 'Desde que se creó hasta el final',
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
  ya_ofrecida: 'con esta tarea ya ofrecida', en_licencia: 'en licencia', fuera_de_turno: 'fuera de turno', ocupado: 'en otra tarea',
  no_disponible: 'no disponible', sin_posicion: 'sin posición', posicion_vieja: 'con posición vieja', demasiado_lejos: 'demasiado lejos',
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

export const LICENCIA = { solicitada: 'Pedida', aprobada: 'Aprobada', rechazada: 'Rechazada' } as const;

/** How an account stands. */
export const CUENTA = { activo: 'Activa', bloqueado: 'Bloqueada', baja: 'Dada de baja' } as const;

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

/** Names and codes that the page knows, to put people in the place of ids. */
export interface Nombres {
  efectivo: (id: string) => string | undefined;
  usuario: (id: string) => string | undefined;
  now: number;
}

const HECHO: Record<string, string> = {
  'tarea.creada': 'Tarea creada',
  'tarea.modificada': 'Datos modificados',
  'tarea.prioridad_cambiada': 'Prioridad cambiada',
  'tarea.delegada': 'Delegada a otra persona',
  'tarea.efectivo_ofrecido': 'Ofrecida',
  'tarea.efectivo_asignado': 'Asignada',
  'tarea.asignacion_aceptada': 'Aceptada',
  'tarea.asignacion_rechazada': 'Rechazada',
  'tarea.efectivo_en_camino': 'En camino',
  'tarea.efectivo_en_lugar': 'Llegada al lugar',
  'tarea.efectivo_liberado': 'Efectivo liberado',
  'tarea.iniciada': 'Iniciada',
  'tarea.pausada': 'Pausada',
  'tarea.reanudada': 'Reanudada',
  'tarea.finalizada': 'Finalizada',
  'tarea.cancelada': 'Cancelada',
  'tarea.reabierta': 'Reabierta',
  'tarea.nota_agregada': 'Nota agregada',
  'tarea.adjunto_agregado': 'Adjunto agregado',
  'tarea.punto_de_lista_cumplido': 'Punto de la lista cumplido',
  'tarea.recomendacion_emitida': 'Recomendación calculada',
  'tarea.recordatorio_enviado': 'Recordatorio enviado',
  'tarea.recordatorio_acusado': 'Recordatorio leído',
  'tarea.escalada': 'Escalada',
  'auditoria.datos_personales_leidos': 'Leyó datos personales',
  'auditoria.recorrido_leido': 'Miró un recorrido',
  'auditoria.lectura_masiva': 'Demasiadas lecturas de datos de otros',
  'auditoria.reconstruccion_ordenada': 'Ordenó reconstruir una proyección',
  'aprobacion.solicitada': 'Pidió algo que se hace de a dos',
  'aprobacion.aprobada': 'Aprobó un pedido',
  'aprobacion.rechazada': 'Rechazó un pedido',
  'aprobacion.vencida': 'Venció un pedido',
  'aprobacion.ejecutada': 'Ejecutó un pedido aprobado',
  'usuario.registrado': 'Usuario registrado',
  'usuario.datos_modificados': 'Datos personales cambiados',
  'usuario.rol_cambiado': 'Rol cambiado',
  'usuario.jurisdiccion_asignada': 'Jurisdicción asignada',
  'usuario.bloqueado': 'Cuenta bloqueada',
  'usuario.desbloqueado': 'Cuenta desbloqueada',
  'usuario.dado_de_baja': 'Usuario dado de baja',
  'usuario.familia_revocada': 'Sesión cerrada: alguien usó un token viejo',
  'usuario.credencial_cambiada': 'Contraseña cambiada',
  'usuario.segundo_factor_activado': 'Segundo factor activado',
  'usuario.segundo_factor_desactivado': 'Segundo factor quitado',
  'usuario.telegram_vinculado': 'Telegram vinculado',
  'usuario.telegram_desvinculado': 'Telegram desvinculado',
  'usuario.datos_personales_eliminados': 'Datos personales borrados',
  'usuario.sesion_iniciada': 'Ingresó',
  'usuario.sesion_fallida': 'Intento de ingreso fallido',
  'usuario.sesion_cerrada': 'Salió',
  'usuario.verificado': 'Tomó su cuenta',
  'alerta.entregada': 'Alerta entregada',
  'alerta.acusada': 'Alerta vista',
  'alerta.escalada': 'Alerta escalada',
  'alerta.atendida': 'Alarma atendida',
};

/** What a fact was, for people; an unknown one keeps its stored name. */
export function hechoTitulo(hecho: Hecho, nombres: Nombres): string {
  if (hecho.tipo === 'tarea.recordatorio_enviado' && hecho.datos['clase'] === 'vencida') return 'Pasó su hora de fin';
  const titulo = HECHO[hecho.tipo] ?? mayuscula(hecho.tipo.replace('.', ': ').replaceAll('_', ' '));
  const efectivo = hecho.datos['efectivo'];
  if (typeof efectivo !== 'string') return titulo;
  return `${titulo}: ${nombres.efectivo(efectivo) ?? corto(efectivo)}`;
}

function mayuscula(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Its particulars, one short sentence each. */
export function hechoDetalle(hecho: Hecho, nombres: Nombres): string[] {
  const { datos } = hecho;
  const lineas: string[] = [];
  const prioridad = prioridadOf(datos['prioridad']);
  if (prioridad) lineas.push(`Prioridad ${prioridad.toLowerCase()}`);
  if (typeof datos['codigo'] === 'string') lineas.push(`Código ${datos['codigo']}`);
  if (datos['implicito'] === true) lineas.push('Inicio implícito, al finalizar');
  if (datos['forzado'] === true) lineas.push('Forzada por quien despacha');
  if (typeof datos['distancia_m'] === 'number') lineas.push(`A ${distance(datos['distancia_m'])}`);
  if (typeof datos['duracion_s'] === 'number') lineas.push(`Duró ${span(datos['duracion_s'])}`);
  const lugar = datos['ubicacion'] as { lat?: unknown; lon?: unknown } | undefined;
  if (typeof lugar?.lat === 'number' && typeof lugar.lon === 'number') {
    lineas.push(`En ${decimal(lugar.lat, 5)}; ${decimal(lugar.lon, 5)}`);
  }
  for (const clave of ['motivo', 'observaciones', 'titulo', 'texto'] as const) {
    const valor = datos[clave];
    if (typeof valor === 'string' && valor && !sellado(valor)) lineas.push(`«${valor}»`);
  }
  if (Math.abs(Date.parse(hecho.registrado) - Date.parse(hecho.en)) > 2_000) {
    lineas.push(`Registrado ${moment(hecho.registrado, nombres.now)}`);
  }
  return lineas;
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

export function prioridadOf(value: unknown): string | undefined {
  return typeof value === 'number' ? PRIORIDAD[value] : typeof value === 'string' ? value : undefined;
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

function sellado(valor: string): boolean {
  // A commitment: base64 or hex of a digest, no spaces.
  return /^[A-Za-z0-9+/_=:-]{32,}$/.test(valor);
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
