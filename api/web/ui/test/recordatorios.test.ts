import { describe, expect, test } from 'vitest';
import type { EventFrame } from '../src/live';
import { decir, mueve } from '../src/recordatorios';
import type { Recordatorio, Tarea, Yo } from '../src/types';

const NOW = Date.parse('2026-11-24T06:00:00Z');
const aviso = (over: Partial<Recordatorio> = {}): Recordatorio => ({
  id: 'tarea-t1@7', clase: 'vencida', tarea: 't1', codigo: 'T-1', vence: '2026-11-24T05:20:00Z', en: '2026-11-24T05:20:01Z', leido: false, ...over,
});
const tarea = (over: Partial<Tarea> = {}): Tarea => ({
  id: 't1', codigo: 'T-1', titulo: 'Ronda', tipo: 'patrullaje', prioridad: 3, estado: 'programada', version: 1, ...over,
});

describe('what a reminder says', () => {
  test('how long a Tarea is past its end, once its end is known', () => {
    expect(decir(aviso(), undefined, NOW)).toEqual({ titulo: 'Pasó su hora de fin', detalle: '', urge: true });
    expect(decir(aviso(), tarea({ estado: 'en_curso', fin_programado: '2026-11-24T05:20:00Z' }), NOW)).toEqual({
      titulo: 'Pasó su hora de fin', detalle: 'hace 40 min, debía terminar 02:20:00', urge: true,
    });
  });

  test('an end that was put off since is past no more', () => {
    expect(decir(aviso(), tarea({ fin_programado: '2026-11-24T08:00:00Z' }), NOW)).toEqual({
      titulo: 'Su hora de fin se corrió', detalle: 'ahora termina 05:00:00', urge: false,
    });
  });

  test('how long until it begins, by the hour that it has now', () => {
    const t40 = aviso({ clase: 't-40', vence: '2026-11-24T05:30:00Z', efectivo: 'e1' });
    expect(decir(t40, undefined, NOW)).toEqual({ titulo: 'Empieza en 10 min', detalle: '03:10:00', urge: false });
    expect(decir(t40, tarea({ inicio_programado: '2026-11-24T07:00:00Z' }), NOW).titulo).toBe('Empieza en 1 h');
  });

  test('what should have begun is urgent unless it has', () => {
    const t10 = aviso({ clase: 't-10', vence: '2026-11-24T05:45:00Z', efectivo: 'e1' });
    expect(decir(t10, undefined, NOW)).toEqual({ titulo: 'Pasó su hora de inicio', detalle: 'hace 5 min, debía empezar 02:55:00', urge: true });
    expect(decir(t10, tarea({ estado: 'en_curso' }), NOW).urge).toBe(false);
    expect(decir(aviso({ clase: 'otra' }), undefined, NOW)).toEqual({ titulo: 'Recordatorio', detalle: 'otra', urge: false });
  });
});

describe('which facts are a reason to read the reminders again', () => {
  const yo = { id: 'u1', efectivo: 'e1' } as Yo;
  const asks = (name: string, data: Record<string, unknown> = {}, of?: Tarea, stream = 'tarea-t1') => mueve(
    { type: 'event', position: 9, prev: 8, name, stream, version: 3, en: '2026-11-24T06:00:00Z', data } satisfies EventFrame, [aviso()], yo, of,
  );

  test('a new one for this person, or for whoever is in charge', () => {
    expect(asks('tarea.recordatorio_enviado', { efectivo: 'e1' })).toBe(true);
    expect(asks('tarea.recordatorio_enviado', { efectivo: 'e2' })).toBe(false);
    expect(asks('tarea.recordatorio_enviado')).toBe(true);
    expect(asks('tarea.recordatorio_enviado', {}, tarea({ delegado: 'u1' }))).toBe(true);
    expect(asks('tarea.recordatorio_enviado', {}, tarea({ delegado: 'u2' }))).toBe(false);
  });

  test('what happens to a Tarea that is on the page', () => {
    for (const name of ['tarea.finalizada', 'tarea.cancelada', 'tarea.recordatorio_acusado', 'tarea.efectivo_liberado']) {
      expect(asks(name), name).toBe(true);
      expect(asks(name, {}, undefined, 'tarea-t2'), `${name} of another`).toBe(false);
    }
  });

  test('a Tarea that comes to this person brings its own', () => {
    expect(asks('tarea.efectivo_asignado', { efectivo: 'e1' })).toBe(true);
    expect(asks('tarea.efectivo_asignado', { efectivo: 'e2' })).toBe(false);
    expect(asks('tarea.delegada', {}, undefined, 'tarea-t2')).toBe(true);
    expect(asks('tarea.nota_agregada')).toBe(false);
  });

  test('whoever is nobody in the field has nothing of nobody', () => {
    const nobody = { id: 'u1' } as Yo;
    const fact: EventFrame = { type: 'event', position: 9, prev: 8, name: 'tarea.efectivo_asignado', stream: 'tarea-t2', version: 3, en: '', data: {} };
    expect(mueve(fact, [], nobody, undefined)).toBe(false);
  });
});
