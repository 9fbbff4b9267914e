import { effect, signal } from '@preact/signals';

/** Colours and keys, as this machine keeps them between days; nothing personal. */

export type Tema = 'auto' | 'oscuro' | 'claro';

function kept<T extends string>(name: string, values: readonly T[], fallback: T) {
  const stored = localStorage.getItem(name);
  const value = signal<T>(values.find((known) => known === stored) ?? fallback);
  effect(() => localStorage.setItem(name, value.value));
  return value;
}

export const tema = kept<Tema>('gad.tema', ['auto', 'oscuro', 'claro'], 'auto');

/** Single-letter keys can be switched off: voice control types letters. */
export const atajos = kept('gad.atajos', ['si', 'no'] as const, 'si');

/** A sound with each new alert; off until somebody wants it. */
export const sonido = kept('gad.sonido', ['no', 'si'] as const, 'no');

/** Grows when colours change, whoever changed them. */
export const restyled = signal(0);

const dark = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(dark.matches);
dark.addEventListener('change', () => { systemDark.value = dark.matches; });
effect(() => {
  const system = systemDark.value ? 'oscuro' : 'claro';
  document.documentElement.dataset['tema'] = tema.value === 'auto' ? system : tema.value;
  restyled.value = restyled.peek() + 1;
});
