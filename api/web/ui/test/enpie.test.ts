import { expect, test } from 'vitest';
import { asunto, deFicha, enOrden, pendientes, sigueEnPie, sinTerminadas } from '../src/enpie';
import type { AlertFrame, EventFrame } from '../src/live-frames';
import type { Efectivo, Tarea } from '../src/types';

const tarea: Tarea = { id: 't1', codigo: 'T-1', titulo: 'Choque', tipo: 'emergencia', prioridad: 5, estado: 'programada', version: 6 };
const efectivo: Efectivo = { id: 'e1', codigo_interno: 'M-1', disponibilidad: 'disponible', version: 7 };
const alert = (kind: string, over: Partial<AlertFrame> = {}): AlertFrame => ({
  type: 'alert', id: 'efectivo-e1@7', kind, priority: 5, position: 10, efectivo: 'e1', en: '2026-11-24T05:00:00Z', text: '', ...over,
});
const deTarea = (kind: string, version: number, position = version): AlertFrame => {
  const { efectivo: _, ...rest } = alert(kind, { id: `tarea-t1@${version}`, position, tarea: 't1' });
  return rest;
};
const fact = (name: string, stream: string, position: number): EventFrame => ({
  type: 'event', position, prev: 0, name, stream, version: 9, en: '2026-11-24T05:00:00Z', data: {},
});
const nobody = new Map<string, Efectivo>();
const kinds = (alerts: readonly AlertFrame[], tareas: Tarea[] = [], efectivos: Efectivo[] = [], seen: string[] = []) =>
  pendientes(alerts, new Map(tareas.map((one) => [one.id, one])), new Map(efectivos.map((one) => [one.id, one])), (what) => seen.includes(what)).map(({ kind }) => kind);

test('an alert holds until its Tarea ends; one of an end that is past, until that is put off', () => {
  const vencida: AlertFrame = {
    type: 'alert', id: 'tarea-t1@5', kind: 'tarea_vencida', priority: 4, position: 9, tarea: 't1', en: '2026-11-24T05:00:00.250Z', text: '',
  };
  const prioritaria = { ...vencida, kind: 'tarea_prioritaria' };
  const hasta = (fin: string | null, estado: Tarea['estado'] = 'en_curso'): Tarea => ({ ...tarea, estado, fin_programado: fin });
  const abierta = hasta('2026-11-24T05:00:00Z');
  expect([sigueEnPie(vencida, abierta), sigueEnPie(prioritaria, abierta)]).toEqual([true, true]);
  expect([sigueEnPie(vencida, hasta(null)), sigueEnPie(vencida, hasta('2026-11-24T05:00:00Z', 'pausada'))]).toEqual([true, true]);
  expect([sigueEnPie(vencida, hasta('2026-11-24T07:00:00Z')), sigueEnPie(prioritaria, hasta('2026-11-24T07:00:00Z'))]).toEqual([false, true]);
  expect([sigueEnPie(vencida, hasta(null, 'finalizada')), sigueEnPie(prioritaria, hasta(null, 'cancelada'))]).toEqual([false, false]);
});

test('a call for help ends once it is attended, and no older record says so', () => {
  const sos = alert('sos');
  expect(kinds([sos], [], [{ ...efectivo, sos: true }])).toEqual(['sos']);
  expect(kinds([sos], [], [{ ...efectivo, sos: null }])).toEqual([]);
  expect(kinds([sos], [], [{ ...efectivo, version: 6 }])).toEqual(['sos']);
  expect(kinds([sos])).toEqual(['sos']);
  expect(sinTerminadas([sos], fact('efectivo.sos_atendido', 'efectivo-e1', 11))).toEqual([]);
  expect(sinTerminadas([sos], fact('efectivo.sos_atendido', 'efectivo-e2', 11))).toEqual([sos]);
  expect(sinTerminadas([sos], fact('efectivo.sos_atendido', 'efectivo-e1', 9))).toEqual([sos]);
});

test('a signal that came back is lost no more', () => {
  const perdida = alert('senal_perdida');
  expect(kinds([perdida], [], [{ ...efectivo, senal_perdida: true }])).toEqual(['senal_perdida']);
  expect(kinds([perdida], [], [efectivo])).toEqual([]);
  for (const name of ['efectivo.senal_recuperada', 'efectivo.turno_finalizado']) {
    expect(sinTerminadas([perdida, alert('zona_ingresada')], fact(name, 'efectivo-e1', 12)).map(({ kind }) => kind)).toEqual(['zona_ingresada']);
  }
});

test('an offer that went round is over once somebody has the Tarea', () => {
  const por = (estado: string): Tarea => ({ ...tarea, asignaciones: [{ efectivo: 'e1', estado, en: '2026-11-24T05:00:00Z' }] });
  for (const estado of ['ofrecida', 'rechazada', 'liberada']) expect(kinds([deTarea('escalada', 5)], [por(estado)])).toEqual(['escalada']);
  for (const estado of ['asignada', 'aceptada', 'en_camino', 'en_lugar']) expect(kinds([deTarea('sin_efectivos', 5), deTarea('emergencia', 1)], [por(estado)])).toEqual(['emergencia']);
  expect(kinds([deTarea('escalada', 7)], [por('aceptada')]), 'the row is older than the alert').toEqual(['escalada']);
  expect(sinTerminadas([deTarea('escalada', 5)], fact('tarea.asignacion_aceptada', 'tarea-t1', 6))).toEqual([]);
});

test('one line of each matter, the latest, and calls for help above all', () => {
  const many = [deTarea('sin_efectivos', 9), deTarea('escalada', 7), deTarea('escalada', 5), deTarea('emergencia', 1), alert('sos', { position: 3 })];
  expect(enOrden(many).map(({ kind }) => kind)).toEqual(['sos', 'sin_efectivos', 'emergencia']);
  expect(enOrden([alert('sos'), alert('sos_escalado', { position: 20 })]).map(({ kind }) => kind)).toEqual(['sos_escalado']);
  const incidente = (id: string): AlertFrame => ({ type: 'alert', id, kind: 'lectura_masiva', priority: 4, position: 4, en: '', text: '' });
  expect(enOrden([incidente('auditoria-a@1'), incidente('auditoria-a@2')])).toHaveLength(2);
});

test('a call for help of before the page was opened is known by his record', () => {
  const known = { ...efectivo, sos: true };
  expect(kinds([], [], [known])).toEqual(['sos']);
  expect(kinds([alert('sos')], [], [known])).toEqual(['sos']);
  expect(kinds([], [], [known], [asunto(alert('sos'))])).toEqual([]);
  const [llamado] = pendientes([], new Map(), new Map([['e1', known]]), () => false);
  expect([llamado && deFicha(llamado), deFicha(alert('sos'))]).toEqual([true, false]);
  expect(pendientes([], new Map(), nobody, () => false)).toEqual([]);
});
