import type { Rol } from './types';

/**
 * What is offered to whom. The server decides all the same; a button that could
 * only be refused would waste a tired person's time.
 */
export const ALCANZA = {
  ordenar: ['efectivo', 'supervisor', 'administrador', 'servicio'],
  crear: ['efectivo', 'supervisor', 'administrador', 'servicio'],
  asignar: ['supervisor', 'administrador'],
  modificar: ['efectivo', 'supervisor', 'administrador'],
  cancelar: ['supervisor', 'administrador'],
  despachar: ['supervisor', 'administrador'],
  pedirAyuda: ['efectivo', 'supervisor', 'administrador'],
  licencias: ['efectivo', 'supervisor', 'administrador', 'auditor'],
  figuras: ['supervisor', 'administrador', 'auditor', 'servicio'],
  verUsuarios: ['supervisor', 'administrador', 'auditor'],
  usuarios: ['administrador'],
  jurisdiccion: ['administrador'],
  acusar: ['efectivo', 'supervisor', 'administrador', 'servicio'],
  avisos: ['efectivo', 'supervisor', 'administrador', 'servicio'],
  recorrido: ['supervisor', 'administrador'],
  aprobaciones: ['supervisor', 'administrador', 'auditor'],
  verPedidos: ['administrador', 'auditor'],
  aprobar: ['administrador'],
  sistema: ['administrador', 'auditor'],
  auditoria: ['administrador', 'auditor'],
  reconstruir: ['administrador'],
  ajustes: ['administrador'],
} satisfies Record<string, readonly Rol[]>;

export type Permiso = keyof typeof ALCANZA;
