import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { coordinates } from '../format';
import type { Borrador } from '../ui';
import { anotar, dejar, descartar, draft, lookAt } from '../ui';

/** What the panel of something new is given: it stays built, out of sight, while something else is looked at. */
export interface DeBorrador {
  borrador: Borrador;
}

interface Props extends DeBorrador {
  titulo: string;
  clase?: string;
  /** The field that waits for words once the place is chosen. */
  primero: string;
  children: ComponentChildren;
}

/** The panel of something that is being written for a place. */
export function PanelBorrador({ borrador, titulo, clase = '', primero, children }: Props) {
  const { que, place, escrito, vez } = borrador;
  const panel = useRef<HTMLElement>(null);
  const visible = draft.value?.que === que;
  useEffect(() => { if (visible && place) panel.current?.querySelector<HTMLElement>(primero)?.focus(); }, [visible, place !== null, vez]);
  return (
    <aside ref={panel} class={`detalle ${clase}`} aria-label={titulo} hidden={!visible} onInput={() => {
      const something = escritoEn(panel.current?.querySelector('form'));
      if (something !== (escrito ?? false)) anotar(que, { escrito: something });
    }}>
      <header>
        <strong>{titulo}</strong>
        <button type="button" class="cerrar" aria-label="Dejar sin terminar" title="Dejar sin terminar (Esc)" onClick={dejar}>✕</button>
      </header>
      <p class="nueva-lugar">
        {place
          ? <>Lugar: <button type="button" class="enlace" onClick={() => { lookAt.value = { ...place }; }}>{coordinates(place.lat, place.lon)}</button> <button type="button" class="enlace" onClick={() => anotar(que, { place: null })}>Cambiar</button></>
          : 'Elija el lugar en el mapa.'}
      </p>
      {children}
      {(place || escrito) && <div class="botones"><button type="button" onClick={() => descartar(que)}>Descartar</button></div>}
    </aside>
  );
}

/** Whether any field says something else than when the form was opened. */
function escritoEn(form: HTMLFormElement | null | undefined): boolean {
  return [...form?.elements ?? []].some((field) => {
    if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
    return field instanceof HTMLInputElement && !/^(hidden|search)$/.test(field.type)
      && (field.type === 'checkbox' ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  });
}
