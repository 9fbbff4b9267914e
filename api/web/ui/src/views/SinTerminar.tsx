import { irA, pagina } from '../nav';
import type { Borrador } from '../ui';
import { aparte, descartar, draft, startDraft } from '../ui';
import { Tecla } from './piezas';

const QUE: Partial<Record<Borrador['que'], { text: string; key?: string }>> = {
  emergencia: { text: 'Emergencia sin terminar', key: 'E' },
  tarea: { text: 'Tarea sin terminar', key: 'N' },
  marca: { text: 'Marca sin terminar' },
};

/** One line for each thing that was left half-written: it can be taken up where it was. */
export function SinTerminar() {
  const here = pagina.value === 'operacion';
  const behind = draft.value && !here && (draft.value.place || draft.value.escrito) ? [draft.value] : [];
  return (
    <>
      {[...behind, ...aparte.value].map(({ que }) => QUE[que] && (
        <p key={que} class="sin-terminar" role="status">
          <span>{QUE[que].text}</span>
          <button type="button" onClick={() => { irA('operacion'); startDraft(que); }}>Seguir {here && QUE[que].key && <Tecla>{QUE[que].key}</Tecla>}</button>
          <button type="button" onClick={() => descartar(que)}>Descartar</button>
        </p>
      ))}
    </>
  );
}
