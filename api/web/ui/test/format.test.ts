import { expect, test } from 'vitest';
import { age, ago, bytes, coordinates, cuando, day, distance, hour, longDay, moment, number, span, totalDe } from '../src/format';

const NOW = Date.parse('2026-11-24T03:10:00Z');

test('hours are those of the operation, whatever the machine thinks', () => {
  expect(hour('2026-11-24T03:07:41Z')).toBe('00:07:41');
  expect(hour('2026-11-24T02:59:59Z')).toBe('23:59:59');
  expect(day('2026-11-24T02:59:59Z')).toBe('23/11/2026');
  expect(longDay('2026-11-24T12:00:00Z')).toBe('martes, 24 de noviembre');
});

test('a total says whether it is all there is', () => {
  expect(totalDe({ total: 1_204 })).toBe('1.204');
  expect(totalDe({ total: 100_000, total_acotado: false })).toBe('100.000');
  expect(totalDe({ total: 100_000, total_acotado: true })).toBe('más de 100.000');
});

test('a moment of another day says which', () => {
  expect(moment('2026-11-24T03:07:41Z', NOW)).toBe('00:07:41');
  expect(moment('2026-11-24T02:30:00Z', NOW)).toBe('23/11/2026 23:30:00');
  expect(moment(null, NOW)).toBe('—');
  expect(hour('nada')).toBe('—');
});

test.each([
  [0, '0 s'], [59.4, '59 s'], [60, '1 min'], [125, '2 min 5 s'], [605, '10 min'],
  [3_600, '1 h'], [4_800, '1 h 20 min'], [86_400, '1 d'], [100_800, '1 d 4 h'], [-5, '0 s'],
])('a span of %d seconds is %s', (seconds, text) => {
  expect(span(seconds)).toBe(text);
});

test('ages grow from the fix and never below zero', () => {
  expect(age('2026-11-24T03:09:50Z', NOW)).toBe(10);
  expect(age('2026-11-24T03:10:05Z', NOW)).toBe(0);
  expect(age('nada', NOW)).toBe(Infinity);
  expect(ago('2026-11-24T03:09:50Z', NOW)).toBe('hace 10 s');
  expect(ago(undefined, NOW)).toBe('sin hora');
});

test.each([
  ['2026-11-24T03:09:50Z', 'hace 10 s'], ['2026-11-24T03:10:04Z', 'hace 0 s'], ['2026-11-24T03:10:20Z', 'en 1 min'], ['2026-11-24T03:18:30Z', 'en 9 min'],
  ['2026-11-24T13:00:00Z', '10:00'], ['2026-12-05T13:00:00Z', '5/12 10:00'], ['2027-01-05T13:00:00Z', '5/1/2027 10:00'], ['nada', 'sin hora'],
])('what is planned for %s is %s', (time, text) => {
  expect(cuando(time, NOW)).toBe(text);
});

test.each([[0, '0 m'], [339.6, '340 m'], [999.4, '999 m'], [2_449, '2,4 km'], [18_200, '18 km'], [1_234_000, '1.234 km']])(
  'a distance of %d metres is %s', (metres, text) => { expect(distance(metres)).toBe(text); },
);

test.each([[0, '0 B'], [1_023, '1.023 B'], [1_024, '1 KiB'], [512_000, '500 KiB'], [1_500_000, '1,4 MiB']])(
  '%d bytes are %s', (size, text) => { expect(bytes(size)).toBe(text); },
);

test('numbers and coordinates carry the comma of the place', () => {
  expect(number(1_234_567)).toBe('1.234.567');
  expect(coordinates(-34.6037, -58.3816)).toBe('-34,60370; -58,38160');
});
