import { expect, test } from 'vitest';
import { fromField, toDayField, toField } from '../src/zone';

test('fields hold the wall clock of the operation and give back the instant', () => {
  expect(toField('2026-11-24T03:07:41Z')).toBe('2026-11-24T00:07');
  expect(fromField('2026-11-24T00:07')).toBe('2026-11-24T03:07:00.000Z');
  expect(fromField('2026-11-24')).toBe('2026-11-24T03:00:00.000Z');
  expect(toDayField('2026-11-24T02:59:59Z')).toBe('2026-11-23');
});

test('what is no date is nothing', () => {
  expect([toField(null), toField('x'), fromField(''), fromField('ayer')]).toEqual(['', '', undefined, undefined]);
});
