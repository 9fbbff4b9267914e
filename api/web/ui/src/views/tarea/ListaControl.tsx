import { operation } from '../../operation';
import { puede } from '../../permisos';
import { nombreDeUsuario } from '../../personas';
import type { Hecha, PuntoDeLista, Tarea } from '../../types';
import { ABIERTAS } from '../../types';
import { busy, order } from '../../ui';
import { Hace } from '../piezas';

/** The checklist: a tap marks a point, another takes the mark back. */
export function ListaControl({ tarea }: { tarea: Tarea }) {
  const lista = tarea.lista ?? [];
  if (lista.length === 0) return null;
  const done = lista.filter((punto) => punto.cumplido).length;
  return (
    <section class="lista-control" aria-label="Lista de control">
      <h3>Lista de control · {done} de {lista.length}</h3>
      <ul>{lista.map((punto) => <Punto key={punto.punto} tarea={tarea} punto={punto} />)}</ul>
    </section>
  );
}

function Punto({ tarea, punto }: { tarea: Tarea; punto: PuntoDeLista }) {
  const intention = `punto-${tarea.id}-${punto.punto}`;
  async function mark() {
    const body = { cumplido: !punto.cumplido };
    const answer = await order(
      intention, body,
      // No version: another point marked meanwhile is no reason to refuse this one.
      (key) => operation.http.order<Hecha>('PUT', `/tareas/${tarea.id}/lista/${punto.punto}`, body, { key }),
      body.cumplido ? 'Punto cumplido.' : 'Punto pendiente otra vez.',
    );
    await operation.readTarea(tarea.id, answer?.posicion).catch(() => undefined);
  }
  return (
    <li>
      <label class="linea">
        {/* While the order travels it shows what was wanted. */}
        <input type="checkbox" checked={busy.value.has(intention) ? !punto.cumplido : punto.cumplido} onChange={() => void mark()}
          disabled={busy.value.has(intention) || !ABIERTAS.includes(tarea.estado) || !puede('ordenar')} />
        <span>{punto.texto}</span>
        {punto.cumplido && <small class="tenue">{punto.por && nombreDeUsuario(punto.por)} <Hace en={punto.en} /></small>}
      </label>
    </li>
  );
}
