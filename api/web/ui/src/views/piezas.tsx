import type { ComponentChildren } from 'preact';
import { now } from '../clock';
import { age, ago, cuando, moment } from '../format';
import { FRESCA_S, VIEJA_S } from '../map/glyphs';
import { DISPONIBILIDAD, ESTADO, PRIORIDAD } from '../texto';
import type { Disponibilidad, Estado, Prioridad } from '../types';

/** Small things that lists, panel and popup share. */

/** Whatever carries this is not a person and not an emergency. */
export function Sim() {
  return <abbr class="sim" title="Simulado: no es real">SIM</abbr>;
}

export function EstadoChip({ estado }: { estado: Estado }) {
  return <span class={`chip estado-${estado}`}>{ESTADO[estado]}</span>;
}

export function DisponibilidadChip({ disponibilidad }: { disponibilidad: Disponibilidad }) {
  return <span class={`chip disp-${disponibilidad}`}><i class={`punto punto-${disponibilidad}`} aria-hidden="true" />{DISPONIBILIDAD[disponibilidad]}</span>;
}

/** The number and, unless short, the word. */
export function PrioridadMarca({ prioridad, short }: { prioridad: Prioridad; short?: boolean }) {
  const word = PRIORIDAD[prioridad] ?? '';
  return (
    <span class={`prioridad prioridad-${prioridad}`} title={`Prioridad ${word.toLowerCase()}`}>
      <b>{prioridad}</b>{short ? <span class="oculto"> prioridad {word.toLowerCase()}</span> : ` ${word}`}
    </span>
  );
}

/** `hace 8 s`, by itself: its ticking redraws nothing else. */
export function Hace({ en }: { en: string | null | undefined }) {
  return en ? <time dateTime={en} title={moment(en, now.value)}>{ago(en, now.value)}</time> : null;
}

/** The same of a time that may be ahead. */
export function Cuando({ en }: { en: string | null | undefined }) {
  return en ? <time dateTime={en} title={moment(en, now.value)}>{cuando(en, now.value)}</time> : null;
}

/** The same of a fix, which grows doubtful with age. */
export function Visto({ en }: { en: string | null | undefined }) {
  if (!en) return <span class="tenue">sin posición</span>;
  const seconds = age(en, now.value);
  const tone = seconds <= FRESCA_S ? '' : seconds <= VIEJA_S ? 'tenue' : 'vieja';
  return <time class={tone} dateTime={en} title={moment(en, now.value)}>visto {ago(en, now.value)}</time>;
}

export function Hora({ en }: { en: string | null | undefined }) {
  return en ? <time dateTime={en}>{moment(en, now.value)}</time> : <span>—</span>;
}

export function Tecla({ children }: { children: ComponentChildren }) {
  return <kbd aria-hidden="true">{children}</kbd>;
}
