import { expect, test } from 'vitest';
import { declara } from '../src/declara';

test('somebody on duty can always come back to be given a Tarea', () => {
  const said = (disponibilidad: string, en_turno = true) => declara({ en_turno, disponibilidad } as Parameters<typeof declara>[0]);
  expect(said('disponible')).toBe('no_disponible');
  expect(said('en_tarea')).toBe('no_disponible');
  expect(said('no_disponible')).toBe('disponible'); // with a Tarea too: said by mistake
  expect(said('fuera_servicio')).toBe('disponible'); // freed after having said that he cannot go
  expect(said('en_licencia')).toBeUndefined();
  expect(said('fuera_servicio', false)).toBeUndefined();
});
