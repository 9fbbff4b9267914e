import { expect, test } from 'vitest';
import { desplegar, plegar } from '../src/franjas';
import type { Franja } from '../src/types';

const franja = (desde: string, hasta: string, dias = [1, 2]): Franja => ({ dias, desde, hasta });

test('a whole day is sent as two Franjas, whose hours differ, and comes back as one', () => {
  const rows = [franja('08:00', '20:00', [6]), franja('00:00', '00:00')];
  const sent = desplegar(rows);
  expect(sent).toEqual([franja('08:00', '20:00', [6]), franja('00:00', '12:00'), franja('12:00', '00:00')]);
  expect(plegar(sent)).toEqual(rows);
});

test('two halves are one whichever comes first and wherever they meet', () => {
  expect(plegar([franja('07:30', '00:00', [2, 1]), franja('22:00', '06:00'), franja('00:00', '07:30')])).toEqual([
    franja('00:00', '00:00', [2, 1]), franja('22:00', '06:00'),
  ]);
});

test('what does not make a whole day stays as it is', () => {
  const rows = [franja('00:00', '12:00'), franja('12:00', '00:00', [1]), franja('12:00', '23:00'), franja('00:00', '12:00')];
  expect(plegar(rows)).toEqual(rows);
  expect(desplegar(rows)).toEqual(rows);
});

test('a day of the contract that ends at 24:00 is one that ends at midnight', () => {
  expect(plegar([franja('00:00', '24:00'), franja('22:00', '24:00', [6]), franja('00:00', '12:00', [7]), franja('12:00', '24:00', [7])])).toEqual([
    franja('00:00', '00:00'), franja('22:00', '00:00', [6]), franja('00:00', '00:00', [7]),
  ]);
});
