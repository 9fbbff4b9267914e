import { expect, test } from 'vitest';
import { hechoDetalle, hechoTitulo } from '../src/hechos';
import { actorNombre, conexion, contado, faltaIngreso } from '../src/texto';
import type { Hecho, Usuario } from '../src/types';

const NOW = Date.parse('2026-11-24T03:10:00Z');
const nombres = {
  efectivo: (id: string) => (id === 'e1' ? 'M-001' : undefined),
  usuario: (id: string) => (id === '019b0000-aaaa' ? 'Usted' : undefined),
  now: NOW,
};
const hecho = (over: Partial<Hecho> = {}): Hecho => ({
  posicion: 7, stream: 'tarea-t1', version: 1, tipo: 'tarea.creada', en: '2026-11-24T03:00:00Z',
  registrado: '2026-11-24T03:00:00Z', actor: null, datos: {}, ...over,
});

test('facts are sentences with the names of people', () => {
  expect(hechoTitulo(hecho(), nombres)).toBe('Tarea creada');
  expect(hechoTitulo(hecho({ tipo: 'tarea.efectivo_asignado', datos: { efectivo: 'e1' } }), nombres)).toBe('Asignada: M-001');
  expect(hechoTitulo(hecho({ tipo: 'tarea.efectivo_en_lugar', datos: { efectivo: '0192-abcdef' } }), nombres)).toBe('Llegada al lugar: …abcdef');
  expect(hechoTitulo(hecho({ tipo: 'tarea.recordatorio_enviado', datos: { clase: 't-40', efectivo: 'e1' } }), nombres)).toBe('Recordatorio enviado: M-001');
  expect(hechoTitulo(hecho({ tipo: 'tarea.recordatorio_enviado', datos: { clase: 'vencida' } }), nombres)).toBe('Pasó su hora de fin');
  expect(hechoTitulo(hecho({ tipo: 'tarea.cosa_nueva' }), nombres)).toBe('Tarea: cosa nueva');
});

test('details say what matters and never show a commitment', () => {
  const lines = hechoDetalle(hecho({
    datos: {
      codigo: 'T-1', prioridad: 5, ubicacion: { lat: -34.6, lon: -58.4 },
      titulo: 'Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6', motivo: 'Falsa alarma', implicito: true,
    },
  }), nombres);
  expect(lines).toEqual(['Prioridad crítica', 'Código T-1', 'Inicio implícito, al finalizar', 'En -34,60000; -58,40000', '«Falsa alarma»']);
});

test('a fact recorded later than it happened says so', () => {
  expect(hechoDetalle(hecho({ registrado: '2026-11-24T03:05:00Z' }), nombres)).toEqual(['Registrado 00:05:00']);
});

test('actors are people, the system, or the end of an id', () => {
  expect(actorNombre(null, nombres)).toBe('Sistema');
  expect(actorNombre('sistema', nombres)).toBe('Sistema');
  expect(actorNombre('sistema:politicas', nombres)).toBe('Sistema, por las políticas');
  expect(actorNombre('sistema:otra', nombres)).toBe('Sistema, por otra');
  expect(actorNombre('usuario-019b0000-aaaa', nombres)).toBe('Usted');
  expect(actorNombre('usuario-0192d0aa-0000-7000-8000-0000000000ff', nombres)).toBe('usuario …0000ff');
  expect(actorNombre('gad simulate', nombres)).toBe('gad simulate');
});

test('the header says plainly how true the screen is', () => {
  expect(conexion({ name: 'live' }, 3, false, NOW)).toEqual({ texto: 'En vivo · datos de hace 3 s', tono: 'bien' });
  expect(conexion({ name: 'live' }, 55, true, NOW)).toEqual({ texto: 'Sin noticias · datos de hace 55 s', tono: 'aviso' });
  expect(conexion({ name: 'waiting', retryAt: NOW + 4_200, reason: 'network' }, 72, true, NOW)).toEqual({ texto: 'Sin conexión · datos de hace 1 min 12 s · reintento en 5 s', tono: 'mal' });
  expect(conexion({ name: 'connecting', attempt: 0 }, undefined, false, NOW).texto).toBe('Conectando… · sin datos todavía');
  expect(conexion({ name: 'connecting', attempt: 3 }, 9, false, NOW)).toEqual({ texto: 'Sin conexión · datos de hace 9 s · reintentando', tono: 'mal' });
  expect(conexion({ name: 'stopped', reason: 'auth' }, 5, false, NOW).tono).toBe('mal');
});

test('one is singular', () => {
  expect([contado('programadas', 1), contado('no disponibles', 1), contado('en curso', 1), contado('pausadas', 2)])
    .toEqual(['programada', 'no disponible', 'en curso', 'pausadas']);
});

test('an account says what its owner lacks to come in, and no more', () => {
  const usuario: Usuario = {
    id: 'u1', rol: 'supervisor', nombre: 'Ana', telegram: false, estado: 'activo', verificado: false, contrasena: true, enlace_sin_usar: false,
    segundo_factor: false, simulado: false, jurisdiccion: null, version: 1,
  };
  expect(faltaIngreso(usuario)).toBeUndefined();
  expect(faltaIngreso({ ...usuario, contrasena: false, enlace_sin_usar: true })).toBe('enlace sin usar');
  expect(faltaIngreso({ ...usuario, enlace_sin_usar: true })).toBe('enlace nuevo sin usar');
  expect(faltaIngreso({ ...usuario, contrasena: false })).toBe('no tiene con qué ingresar');
  expect(faltaIngreso({ ...usuario, contrasena: false, telegram: true })).toBeUndefined();
  expect(faltaIngreso({ ...usuario, contrasena: false, estado: 'bloqueado' })).toBeUndefined();
});
