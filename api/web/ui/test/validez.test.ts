import { expect, test } from 'vitest';
import { mensajeDe } from '../src/validez';

const field = (validity: Partial<ValidityState>, over: object = {}) => mensajeDe({ validity, type: 'text', value: 'abc', minLength: 5, maxLength: 2, min: '1', max: '9', validationMessage: 'Please', ...over });

test('what is wrong with a field is said in the language of the page', () => {
  expect(field({})).toBeUndefined();
  expect(field({ valueMissing: true })).toBe('Falta completarlo.');
  expect(field({ valueMissing: true }, { type: 'select-one' })).toBe('Falta elegir.');
  expect(field({ tooShort: true })).toBe('Tiene que tener 5 caracteres o más; tiene 3.');
  expect(field({ tooLong: true })).toBe('Tiene que tener 2 caracteres o menos; tiene 3.');
  expect(field({ typeMismatch: true }, { type: 'email' })).toMatch(/^No es un correo entero/);
  expect(field({ badInput: true }, { type: 'date' })).toMatch(/fecha/);
  expect([field({ rangeUnderflow: true }), field({ rangeOverflow: true })]).toEqual(['Tiene que ser 1 o más.', 'Tiene que ser 9 o menos.']);
  // What a form says itself is said as it is.
  expect(field({ customError: true, valueMissing: true }, { validationMessage: 'No coincide.' })).toBe('No coincide.');
});
