import { useSignal } from '@preact/signals';
import type { Ajeno, Valores } from '../sobre';
import { ajenos } from '../sobre';

/** A form over something that lives: what it was when opened, and what others made of it since. */
export interface Sobre<T> {
  /** As it was when the form was opened, or when theirs was taken: the fields begin with it. */
  base: T;
  /** Fields that others changed and the person has not decided about. */
  otros: Ajeno[];
  /** Whether `latest` has a field that he has not seen so. */
  cambiaron: (latest: T) => boolean;
  aceptar: () => void;
  tomar: (form: HTMLFormElement | null) => void;
}

export function useSobre<T>(now: T, valores: (of: T) => Valores): Sobre<T> {
  const base = useSignal(now);
  const seen = useSignal(now);
  const cambiaron = (latest: T) => ajenos(valores(seen.peek()), valores(latest)).length > 0;
  const otros = ajenos(valores(seen.value), valores(now)).length > 0 ? ajenos(valores(base.value), valores(now)) : [];
  return {
    base: base.value,
    otros,
    cambiaron,
    aceptar: () => { seen.value = now; },
    tomar: (form) => {
      for (const { campo, ahora } of otros) {
        const field = form?.elements.namedItem(campo);
        if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = ahora !== '';
        else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) field.value = ahora;
      }
      base.value = seen.value = now;
    },
  };
}

interface Props<T> {
  sobre: Sobre<T>;
  nombres: Record<string, string>;
  /** A value in words. */
  decir?: (campo: string, valor: string) => string;
  /** What saving all the same does. */
  nota: string;
  onTomar?: () => void;
}

/** Says what somebody else changed while the person was writing; he decides. */
export function Ajenos<T>({ sobre, nombres, decir = (_, valor) => valor, nota, onTomar }: Props<T>) {
  if (sobre.otros.length === 0) return null;
  const words = (campo: string, valor: string) => (valor ? `«${decir(campo, valor)}»` : 'nada');
  return (
    <div class="recuadro recuadro-mal" role="alert">
      <p><b>Cambió mientras usted escribía</b></p>
      <ul>
        {sobre.otros.map(({ campo, antes, ahora }) => (
          <li key={campo}><b>{nombres[campo] ?? campo}</b>: {campo === 'contorno' || campo === 'horarios' ? 'es otro' : <>era {words(campo, antes)}, ahora {words(campo, ahora)}</>}</li>
        ))}
      </ul>
      <p class="tenue">{nota}</p>
      <div class="botones">
        <button type="button" onClick={(event) => {
          const { form } = event.currentTarget;
          sobre.tomar(form);
          onTomar?.();
          // The button goes with the box: the focus stays in the form.
          requestAnimationFrame(() => form?.querySelector<HTMLElement>('[type=submit]')?.focus());
        }}>Tomar lo nuevo</button>
        <button type="button" class="grave" onClick={(event) => { sobre.aceptar(); event.currentTarget.form?.requestSubmit(); }}>Guardar igual</button>
      </div>
    </div>
  );
}
