import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Permiso } from '../src/alcanza';
import { ALCANZA } from '../src/alcanza';
import { ROLES } from '../src/types';

/** What the server asks of whoever presses what is offered under each name. */
const PIDE: Record<Permiso, string[]> = {
  ordenar: ['tarea.ejecutar', 'tarea.anotar', 'marca.poner', 'marca.retirar'],
  crear: ['tarea.crear', 'emergencia.crear'],
  asignar: ['tarea.asignar', 'mapa.leer'],
  modificar: ['tarea.modificar'],
  cancelar: ['tarea.cancelar', 'tarea.reabrir'],
  despachar: ['tarea.asignar', 'tarea.responder', 'tarea.escalar', 'efectivo.registrar', 'efectivo.turno', 'efectivo.disponibilidad', 'efectivo.sos.atender', 'licencia.resolver', 'zona.definir', 'datos_personales.leer'],
  pedirAyuda: ['efectivo.sos'],
  licencias: ['licencia.leer'],
  figuras: ['figuras.leer'],
  verUsuarios: ['usuario.leer'],
  usuarios: ['usuario.registrar', 'usuario.modificar', 'usuario.rol', 'usuario.bloqueo', 'usuario.baja'],
  jurisdiccion: ['usuario.jurisdiccion'],
  acusar: ['alerta.acusar'],
  avisos: ['tarea.leer', 'tarea.responder'],
  recorrido: ['recorrido.leer'],
  aprobaciones: ['licencia.leer'],
  verPedidos: ['aprobacion.leer'],
  aprobar: ['aprobacion.solicitar', 'aprobacion.resolver'],
  sistema: ['sistema.leer'],
  auditoria: ['log.leer', 'incidente.leer', 'incidente.atender'],
  reconstruir: ['proyeccion.reconstruir'],
  ajustes: ['config.leer'],
};

test('nobody is offered what the server would refuse his rol', () => {
  const may = tabla();
  for (const [permiso, acciones] of Object.entries(PIDE)) {
    for (const rol of ALCANZA[permiso as Permiso]) {
      for (const accion of acciones) expect(may.get(accion)?.[rol], `${permiso}: ${accion} for ${rol}`).toBe(true);
    }
  }
});

/** The actions' table of the generated document: action, rol, whether it reaches anything. */
function tabla(): Map<string, Record<string, boolean>> {
  const text = readFileSync(new URL('../../../../ops/docs/permisos.md', import.meta.url), 'utf8');
  const rows = [...text.split('## Rutas')[0]?.matchAll(/^\| `([a-z_.]+)` \|(.+)\|$/gm) ?? []];
  const [roles = []] = [/^\| Acción \|(.+)\|$/m.exec(text)?.[1]?.split('|').map((cell) => cell.trim())];
  expect([...roles].sort()).toEqual([...ROLES].sort());
  return new Map(rows.map(([, accion = '', cells = '']) => [
    accion, Object.fromEntries(cells.split('|').map((cell, i) => [roles[i] ?? '', cell.trim() !== '-'])),
  ]));
}
