import { operation } from '../operation';
import { puede } from '../permisos';
import { DISPONIBILIDAD } from '../texto';
import type { Disponibilidad, Efectivo } from '../types';
import { DISPONIBILIDADES } from '../types';
import { nuevoEfectivo, select } from '../ui';
import { Filtro } from './Filtro';
import { Lista } from './Lista';
import { DisponibilidadChip, Sim, Visto } from './piezas';

const TODOS: readonly Disponibilidad[] = [];

const OPCIONES: { value: string; text: string; disponibilidades: readonly Disponibilidad[] }[] = [
  { value: 'todos', text: 'Todos', disponibilidades: TODOS },
  ...DISPONIBILIDADES.map((d) => ({ value: d, text: DISPONIBILIDAD[d], disponibilidades: [d] })),
];

export function efectivosVisibles(): string[] {
  void operation.store.efectivosRev.value;
  const wanted = operation.disponibilidades.value;
  return operation.store.paginaEfectivos.value.ids.filter((id) => {
    const efectivo = operation.store.efectivos.get(id);
    return efectivo && (wanted.length === 0 || wanted.includes(efectivo.disponibilidad));
  });
}

export function ListaEfectivos() {
  const { paginaEfectivos } = operation.store;
  const wanted = operation.disponibilidades.value;
  return (
    <Lista
      clase="efectivo"
      title="Efectivos"
      ids={efectivosVisibles()}
      pagina={paginaEfectivos.value}
      more={paginaEfectivos.value.siguiente ? () => void operation.moreEfectivos() : undefined}
      row={(id) => <Fila id={id} />}
      empty={operation.buscaEfectivos.value ? 'Nada coincide con la búsqueda.' : 'No hay efectivos así.'}
      filters={(
        <>
          {puede('despachar') && <button type="button" class="nueva" onClick={() => { select(null); nuevoEfectivo.value = true; }}>Nuevo</button>}
          <Filtro
            id="efectivos"
            label="Disponibilidad"
            value={wanted[0] ?? 'todos'}
            options={OPCIONES}
            onChange={(value) => { operation.disponibilidades.value = OPCIONES.find((o) => o.value === value)?.disponibilidades ?? TODOS; }}
            search={operation.buscaEfectivos}
            placeholder="Buscar efectivos"
          />
        </>
      )}
    />
  );
}

export function nombreDe(efectivo: Efectivo): string {
  return [efectivo.apellido, efectivo.nombre].filter(Boolean).join(', ');
}

function Fila({ id }: { id: string }) {
  void operation.store.efectivosRev.value;
  const efectivo = operation.store.efectivos.get(id);
  if (!efectivo) return null;
  return (
    <article class="fila">
      <div class="fila-cuerpo">
        <p class="fila-titulo">
          <b>{efectivo.codigo_interno}</b>{efectivo.sos && <strong class="problema">SOS</strong>}{efectivo.simulado && <Sim />}<span class="tenue">{nombreDe(efectivo)}</span>
        </p>
        <p class="fila-pie">
          <span><Visto en={efectivo.posicion_actual?.en} /></span>
          {efectivo.senal_perdida && <span class="vieja">sin señal</span>}
          <span>{efectivo.unidad}</span>
        </p>
      </div>
      <div class="fila-lado"><DisponibilidadChip disponibilidad={efectivo.disponibilidad} /></div>
    </article>
  );
}
