import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { conocido, deQue, hechoDetalle, hechoTitulo } from '../src/hechos';
import type { Hecho } from '../src/types';

const HISTORY = new URL('../../../../domain/testdata/history/', import.meta.url);
const nombres = {
  efectivo: (id: string) => ({ '0190f3c2-89ab-7cde-8000-0000000000e1': 'M-01', '0190f3c2-89ab-7cde-8000-0000000000e2': 'M-02' })[id],
  usuario: () => 'Ana Paz',
  zona: (id: string) => (id.endsWith('0f') ? 'Monserrat' : undefined),
  tarea: () => 'T-2026-000123',
  now: Date.parse('2026-03-02T20:00:00Z'),
};

function hecho(name: string, over: Record<string, unknown> = {}): Hecho {
  const datos = { ...JSON.parse(readFileSync(new URL(name, HISTORY), 'utf8')) as Record<string, unknown>, ...over };
  const tipo = name.replace(/\.v[\d.]+json$/, '');
  return { posicion: 7, stream: 'x', version: 1, tipo, en: String(datos['en']), registrado: String(datos['en']), actor: null, datos };
}

test('every fact that was ever stored has a sentence of its own, without ids, stored names or commitments', () => {
  const files = readdirSync(HISTORY);
  expect(files.length).toBeGreaterThan(70);
  for (const name of files) {
    const one = hecho(name);
    expect(conocido(one.tipo), `${one.tipo} needs a sentence in hechos-texto.ts`).toBe(true);
    const said = [hechoTitulo(one, nombres), ...hechoDetalle(one, nombres)].join('\n');
    expect(said, name).not.toMatch(/[0-9a-f]{24}|undefined|null|\[object|_|\d{4}-\d\d-\d\dT|…/);
  }
});

test('who passed it on to whom, and why', () => {
  expect(hechoTitulo(hecho('tarea.escalada.v1.json'), nombres)).toBe('Pasó a M-02: M-01 no respondió');
  expect(hechoTitulo(hecho('tarea.escalada.v1.json', { causa: 'rechazo' }), nombres)).toBe('Pasó a M-02: M-01 la rechazó');
  expect(hechoTitulo(hecho('tarea.escalada.v1.json', { a: undefined }), nombres)).toBe('No quedó a quién ofrecerla: M-01 no respondió');
  expect(hechoTitulo(hecho('tarea.escalada.v1.json', { causa: 'sin_efectivos', a: undefined, de: undefined }), nombres)).toBe('No quedó a quién ofrecerla');
});

test('what happened where, and what was changed', () => {
  expect(hechoTitulo(hecho('efectivo.zona_ingresada.v1.json'), nombres)).toBe('Entró en Monserrat');
  expect(hechoTitulo(hecho('efectivo.ubicacion_confirmada.v1.json'), nombres)).toBe('Ubicación confirmada');
  expect(hechoTitulo(hecho('tarea.delegada.v1.json'), nombres)).toBe('Delegada a Ana Paz');
  expect(hechoDetalle(hecho('tarea.modificada.v1.2.json'), nombres))
    .toEqual(['Cambió la descripción: ya no tiene, el fin: ya no tiene, el lugar: ya no tiene, la zona: ya no tiene']);
  expect(hechoDetalle(hecho('tarea.recordatorio_enviado.v1.json'), nombres)).toEqual(['El de 40 minutos antes del inicio']);
  expect(hechoDetalle(hecho('efectivo.disponibilidad_cambiada.v1.2.json'), nombres)).toEqual(['Quedó libre de una tarea: T-2026-000123', 'No la había tomado']);
});

test('a history is named as people know what it is of', () => {
  expect(deQue('efectivo', '0190f3c2-89ab-7cde-8000-0000000000e1', nombres)).toBe('efectivo M-01');
  expect(deQue('efectivo', '0190f3c2-89ab-7cde-8000-0000000000ff', nombres)).toBe('efectivo …0000ff');
  expect(deQue('telemetria', '2026-03-02', nombres)).toBe('telemetría 2026-03-02');
});
