import { expect, test } from 'vitest';
import { fallo, mostrar } from '../src/leido';
import { Problem } from '../src/net/problem';

const problem = (status: number) => new Problem({ status, codigo: 'x', detail: 'no' });
const leido = { answer: { question: 'noviembre', datos: 7 } };

test('another question leaves the old answer only while it is on its way, and says so', () => {
  expect(mostrar(leido, 'noviembre')).toEqual({ datos: 7, problem: undefined, anterior: false });
  expect(mostrar(leido, 'diciembre')).toEqual({ datos: 7, problem: undefined, anterior: true });
});

test.each([422, 403, 500, 503, 0])('a question that got a %d is not answered with the figures of another', (status) => {
  const after = mostrar(fallo(leido, 'diciembre', problem(status)), 'diciembre');
  expect([after.datos, after.problem?.status]).toEqual([undefined, status]);
});

test('what cannot be read for the moment stays beside the problem; what is refused goes', () => {
  for (const status of [503, 0, 401]) expect(mostrar(fallo(leido, 'noviembre', problem(status)), 'noviembre')).toMatchObject({ datos: 7, problem: { status }, anterior: false });
  expect(mostrar(fallo(leido, 'noviembre', problem(422)), 'noviembre').datos).toBeUndefined();
});

test('the problem of a question is not that of the next', () => {
  expect(mostrar(fallo(leido, 'noviembre', problem(503)), 'diciembre')).toEqual({ datos: 7, problem: undefined, anterior: true });
});
