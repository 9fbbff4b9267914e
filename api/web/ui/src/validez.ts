/** What a form says of its own fields before it is sent: the browser would in its own language, one at a time. */

export type CampoDeForm = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

type Mirado = Pick<CampoDeForm, 'validationMessage' | 'value'> & { validity: Partial<ValidityState>; type: string; minLength?: number; maxLength?: number; min?: string; max?: string };

const FECHAS = ['date', 'time', 'datetime-local', 'month'];

/** What is wrong with it, or undefined. */
export function mensajeDe({ validity, type, value, minLength, maxLength, min, max, validationMessage }: Mirado): string | undefined {
  if (validity.customError) return validationMessage;
  if (validity.valueMissing) {
    if (type === 'checkbox' || type === 'radio' || type.startsWith('select')) return 'Falta elegir.';
    return 'Falta completarlo.';
  }
  if (validity.badInput) return FECHAS.includes(type) ? 'Está incompleto, o no es una fecha que exista.' : 'No es un número.';
  if (validity.typeMismatch) return type === 'email' ? 'No es un correo entero, como nombre@ejemplo.gob.ar.' : 'No tiene la forma que debe.';
  if (validity.tooShort) return `Tiene que tener ${minLength} caracteres o más; tiene ${value.length}.`;
  if (validity.tooLong) return `Tiene que tener ${maxLength} caracteres o menos; tiene ${value.length}.`;
  if (validity.rangeUnderflow) return FECHAS.includes(type) ? 'Es antes de lo que se puede.' : `Tiene que ser ${min} o más.`;
  if (validity.rangeOverflow) return FECHAS.includes(type) ? 'Es después de lo que se puede.' : `Tiene que ser ${max} o menos.`;
  if (validity.stepMismatch) return 'Tiene que ser un número entero.';
  if (validity.patternMismatch) return 'No tiene la forma que debe.';
  return undefined;
}

/** One field that is not as it must be. */
export interface Falta {
  id: string;
  label: string;
  mensaje: string;
}

/** Those of a form, in its order, and the field of the first. */
export function faltasDe(form: HTMLFormElement): { faltas: Falta[]; primero: CampoDeForm | undefined } {
  const wrong = [...form.elements].filter((one): one is CampoDeForm => 'validity' in one && 'willValidate' in one && (one as CampoDeForm).willValidate && !(one as CampoDeForm).validity.valid);
  return {
    faltas: wrong.map((field) => ({
      id: field.id,
      label: (field.getAttribute('aria-label') ?? field.labels?.[0]?.textContent ?? '').trim(),
      mensaje: mensajeDe(field) ?? 'No está bien.',
    })),
    primero: wrong[0],
  };
}
