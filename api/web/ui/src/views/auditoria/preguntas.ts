/** The questions that auditors ask most, each a choice of facts. */
export const PREGUNTAS = {
  lecturas: { texto: 'Quién miró datos de otros', tipos: ['auditoria.datos_personales_leidos', 'auditoria.recorrido_leido', 'auditoria.lectura_masiva'] },
  cuentas: {
    texto: 'Cuentas y roles',
    tipos: [
      'usuario.registrado', 'usuario.datos_modificados', 'usuario.rol_cambiado', 'usuario.jurisdiccion_asignada', 'usuario.bloqueado',
      'usuario.desbloqueado', 'usuario.dado_de_baja',
      'usuario.credencial_cambiada', 'usuario.segundo_factor_activado', 'usuario.segundo_factor_desactivado', 'usuario.familia_revocada',
      'usuario.telegram_vinculado', 'usuario.telegram_desvinculado', 'usuario.datos_personales_eliminados',
    ],
  },
  aprobaciones: { texto: 'Lo que se hace de a dos', tipos: ['aprobacion.solicitada', 'aprobacion.aprobada', 'aprobacion.rechazada', 'aprobacion.vencida', 'aprobacion.ejecutada'] },
  alarmas: { texto: 'Alarmas: entregas, acuses y escaladas', tipos: ['alerta.entregada', 'alerta.acusada', 'alerta.escalada', 'alerta.atendida'] },
  ingresos: { texto: 'Ingresos y salidas', tipos: ['usuario.sesion_iniciada', 'usuario.sesion_fallida', 'usuario.sesion_cerrada', 'usuario.familia_revocada'] },
  maquina: { texto: 'La máquina', tipos: ['auditoria.reconstruccion_ordenada'] },
  todo: { texto: 'Todos los hechos', tipos: [] },
} as const satisfies Record<string, { texto: string; tipos: readonly string[] }>;

export type Pregunta = keyof typeof PREGUNTAS;

export const preguntas = Object.keys(PREGUNTAS) as Pregunta[];

/** A field of a table that other programs read: what they would take for a formula stays text. */
function celda(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => row.map((one) => celda(String(one))).join(',')).join('\r\n') + '\r\n';
}

/** `tarea-0190…`, as people know it. */
export function historiaDe(stream: string): { clase: string; id: string } {
  const at = stream.indexOf('-');
  return at < 0 ? { clase: stream, id: '' } : { clase: stream.slice(0, at), id: stream.slice(at + 1) };
}

/** Whose data were looked at; nothing for facts about anything else. */
export function mirado({ tipo, datos }: { tipo: string; datos: Record<string, unknown> }): { usuario?: string; efectivo?: string } {
  if (!tipo.startsWith('auditoria.')) return {};
  const { usuario, efectivo } = datos;
  return { ...(typeof usuario === 'string' ? { usuario } : {}), ...(typeof efectivo === 'string' ? { efectivo } : {}) };
}

export interface Alarma {
  id: string;
  clase: string;
  usuario?: string;
  lecturas?: number;
  en: string;
  posicion: number;
  atendida: boolean;
  atendio?: string;
  atendida_en?: string;
}

/** About whom it is, and how much. */
export function queAlarma({ usuario, lecturas }: Alarma, nombre: (id: string) => string): string {
  return [usuario ? `Sobre ${nombre(usuario).replace(/^Usted$/, 'usted')}` : 'No se sabe de quién', lecturas ? `${lecturas} lecturas` : ''].filter(Boolean).join(' · ');
}
