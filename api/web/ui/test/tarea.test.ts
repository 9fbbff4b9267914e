import { expect, test } from 'vitest';
import { apremia, cambiosDeTarea, cuerpoDeTarea, descripcionAparte, esTelefono, tituloCorto, vencida } from '../src/tarea';
import type { Tarea } from '../src/types';

const tarea: Tarea = {
  id: 't1', codigo: 'T-1', titulo: 'Relevar la esquina', tipo: 'inspeccion', prioridad: 3, estado: 'programada',
  inicio_programado: '2026-11-24T03:07:41Z', ubicacion: { lat: -34.6, lon: -58.4, descripcion: 'Obelisco' }, version: 4,
  lista: [{ punto: 1, texto: 'Cortar el tránsito', cumplido: true, en: null }, { punto: 2, texto: 'Avisar', cumplido: false, en: null }],
};

const untouched: Record<string, string> = {
  titulo: 'Relevar la esquina', tipo: 'inspeccion', prioridad: '3', inicio_programado: '2026-11-24T00:07', lugar: 'Obelisco',
  lista: 'Cortar el tránsito\nAvisar',
};
const form = (over: Record<string, string> = {}) => (name: string) => ({ ...untouched, ...over })[name] ?? '';

test('a form nobody touched changes nothing, seconds included', () => {
  expect(cambiosDeTarea(form(), tarea)).toEqual({});
});

test('only what was touched is sent', () => {
  expect(cambiosDeTarea(form({ prioridad: '5', descripcion: 'Con cuidado', fin_programado: '2026-11-24T02:00' }), tarea))
    .toEqual({ prioridad: 5, descripcion: 'Con cuidado', fin_programado: '2026-11-24T05:00:00.000Z' });
  expect(cambiosDeTarea(form({ lugar: '' }), tarea, { lat: -34.7000004, lon: -58.5 })).toEqual({ ubicacion: { lat: -34.7, lon: -58.5 } });
});

test('an end and a zone that were emptied are taken away', () => {
  const given = { ...tarea, zona: 'z1', fin_programado: '2026-11-24T05:00:30Z' };
  expect(cambiosDeTarea(form({ zona: 'z1', fin_programado: '2026-11-24T02:00' }), given)).toEqual({});
  expect(cambiosDeTarea(form({ zona: '', fin_programado: '', inicio_programado: '' }), given)).toEqual({ zona: null, fin_programado: null });
});

test('points that stay keep their number, new ones have none', () => {
  expect(cambiosDeTarea(form({ lista: 'Avisar\n\n Fotografiar ' }), tarea)).toEqual({ lista: [{ punto: 2 }, { texto: 'Fotografiar' }] });
});

test('a new one says only what was filled in', () => {
  expect(cuerpoDeTarea(form({ codigo: 'ab-1', inicio_programado: '', lista: 'Uno', lugar: '' }), { lat: 1, lon: 2 }))
    .toEqual({ titulo: 'Relevar la esquina', tipo: 'inspeccion', prioridad: 3, codigo: 'AB-1', lista: ['Uno'], ubicacion: { lat: 1, lon: 2 } });
});

test('what is planned for later wants nobody yet', () => {
  const inicio = Date.parse(tarea.inicio_programado ?? '');
  const min = 60_000;
  expect([apremia(tarea, inicio - 41 * min), apremia(tarea, inicio - 40 * min), apremia(tarea, inicio + min)]).toEqual([false, true, true]);
  expect([apremia({ ...tarea, estado: 'en_curso' }, inicio - 41 * min), apremia({ ...tarea, estado: 'finalizada' }, inicio)]).toEqual([true, false]);
});

test('an open Tarea past its end says so', () => {
  const fin = '2026-11-24T05:00:00Z';
  const due = { ...tarea, fin_programado: fin };
  expect([vencida(due, Date.parse(fin) + 1), vencida(due, Date.parse(fin) - 1), vencida({ ...due, estado: 'finalizada' }, Date.parse(fin) + 1)]).toEqual([fin, undefined, undefined]);
  expect(vencida(tarea, Date.parse(fin))).toBeUndefined();
});

test('an emergency does not say twice that it is one, nor its title again as its description', () => {
  const emergencia = { tipo: 'emergencia' as const, titulo: 'Emergencia: incendio en un depósito', descripcion: 'incendio en  un depósito' };
  expect(tituloCorto(emergencia)).toBe('Incendio en un depósito');
  expect(descripcionAparte(emergencia)).toBeUndefined();
  expect(descripcionAparte({ ...emergencia, descripcion: 'incendio en un depósito, hay gente adentro' })).toBe('incendio en un depósito, hay gente adentro');
  expect(tituloCorto({ tipo: 'inspeccion', titulo: 'Emergencia: simulacro' })).toBe('Emergencia: simulacro');
  expect([tituloCorto({ tipo: 'emergencia', titulo: 'Emergencia:' }), tituloCorto({ tipo: 'emergencia', titulo: '' })]).toEqual(['Emergencia:', 'Sin título']);
});

test('what stands for a telephone that is masked cannot be called', () => {
  expect(['11 5555-0000', '+54 (11) 5555 0000 int. 12', '911'].map(esTelefono)).toEqual([true, true, true]);
  expect(['[reservado]', '[dato suprimido]', ''].map(esTelefono)).toEqual([false, false, false]);
});
