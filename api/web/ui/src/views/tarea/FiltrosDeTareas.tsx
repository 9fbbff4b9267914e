import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import type { Elegido, FiltrosTareas } from '../../filtros';
import { alReves, cuantos, ORDENES } from '../../filtros';
import { descargar } from '../../descarga';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { nombreVisible, recordar } from '../../personas';
import { PRIORIDAD, ROL, TIPO } from '../../texto';
import type { Efectivo, Usuario } from '../../types';
import { TIPOS } from '../../types';
import { busy, enVista } from '../../ui';
import { Buscador } from '../Buscador';
import { nombreDe } from '../ListaEfectivos';

const FORMATO = { csv: 'CSV', xlsx: 'Excel', geojson: 'GeoJSON' } as const;

/** The rest of what the list can be narrowed and ordered by; closed until wanted. */
export function FiltrosDeTareas() {
  const open = useSignal(false);
  const { filtros } = operation;
  const used = cuantos(filtros.value);
  return (
    <div class="filtros">
      <div class="botones">
        <button type="button" aria-expanded={open.value} aria-controls="filtros" onClick={() => { open.value = !open.value; }}>
          Más filtros{used > 0 && ` (${used})`} {open.value ? '▴' : '▾'}
        </button>
        {used > 0 && <button type="button" onClick={() => { filtros.value = {}; }}>Quitar filtros</button>}
      </div>
      {open.value && <Cuerpo />}
      {/* Said also where the fields are closed again: it is why the list is empty. */}
      <p id="f-periodo" class="problema" role="alert">{alReves(filtros.value) && '«Desde el día» es posterior a «Hasta el día»: no hay ninguno entre los dos.'}</p>
    </div>
  );
}

function set(change: Partial<FiltrosTareas>): void {
  operation.filtros.value = { ...operation.filtros.value, ...change };
}

function Cuerpo() {
  const { filtros, ordenTareas } = operation;
  const now = filtros.value;
  const opciones = (rows: [string | number, string][]) => [['', 'Cualquiera'] as [string, string], ...rows.map(([v, t]) => [String(v), t] as [string, string])];
  return (
    <div id="filtros" class="filtros-cuerpo" role="group" aria-label="Filtros de tareas">
      <Elegir id="f-orden" label="Orden" value={ordenTareas.value} options={ORDENES.map((o) => [o.value, o.text])} onChange={(value) => { ordenTareas.value = value; }} />
      <div class="dos">
        <Elegir id="f-tipo" label="Tipo" value={now.tipo ?? ''} options={opciones(TIPOS.map((tipo) => [tipo, TIPO[tipo]]))} onChange={(tipo) => set({ tipo })} />
        <Elegir id="f-prioridad" label="Prioridad" value={now.prioridad ?? ''} options={opciones([5, 4, 3, 2, 1].map((p) => [p, PRIORIDAD[p] ?? '']))} onChange={(prioridad) => set({ prioridad })} />
        <Dia id="f-desde" label="Desde el día" value={now.desde} invalid={alReves(now)} onChange={(desde) => set({ desde })} />
        <Dia id="f-hasta" label="Hasta el día" value={now.hasta} invalid={alReves(now)} onChange={(hasta) => set({ hasta })} />
      </div>
      <Elegir id="f-zona" label="Zona" value={now.zona ?? ''} options={opciones(operation.store.zonas.value.map((zona) => [zona.id, zona.nombre]))} onChange={(zona) => set({ zona })} />
      <Alguien label="Efectivo" elegido={now.efectivo} quitar={() => set({ efectivo: undefined })}>
        <Buscador<Efectivo> id="f-efectivo" label="Efectivo" path="/efectivos" onPick={(e) => set({ efectivo: { id: e.id, nombre: e.codigo_interno } })}
          render={(e) => <><b>{e.codigo_interno}</b> <span>{nombreDe(e)}</span></>} />
      </Alguien>
      {(puede('verUsuarios') || now.delegado) && (
        <Alguien label="Responsable" elegido={now.delegado} quitar={() => set({ delegado: undefined })}>
          <Buscador<Usuario> id="f-delegado" label="Responsable" path="/usuarios"
            onPick={(usuario) => { recordar(usuario.id, usuario.nombre); set({ delegado: { id: usuario.id, nombre: nombreVisible(usuario) } }); }}
            render={(usuario) => <><b>{nombreVisible(usuario)}</b> <span class="tenue">{ROL[usuario.rol]}</span></>} />
        </Alguien>
      )}
      <label class="linea">
        <input type="checkbox" checked={now.bbox !== undefined} onChange={(event) => set({ bbox: event.currentTarget.checked ? enVista.peek()?.join(',') : undefined })} />
        Solo lo que se ve ahora en el mapa
      </label>
      <p class="linea">
        Descargar lo que muestra la lista:
        {(['csv', 'xlsx', 'geojson'] as const).map((kind) => (
          <button key={kind} type="button" disabled={busy.value.has(`bajar-/tareas.${kind}`)} onClick={() => void descargar(`/tareas.${kind}`, `tareas.${kind}`, operation.consulta())}>
            {FORMATO[kind]}
          </button>
        ))}
      </p>
    </div>
  );
}

function Alguien({ label, elegido, quitar, children }: { label: string; elegido: Elegido | undefined; quitar: () => void; children: ComponentChildren }) {
  if (!elegido) return <>{children}</>;
  return <p class="linea">{label}: <b>{elegido.nombre}</b> <button type="button" onClick={quitar}>Quitar</button></p>;
}

function Elegir({ id, label, value, options, onChange }: { id: string; label: string; value: string; options: readonly (readonly [string, string])[]; onChange: (value: string) => void }) {
  return (
    <div class="campo">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([v, text]) => <option key={v} value={v}>{text}</option>)}
      </select>
    </div>
  );
}

function Dia({ id, label, value, invalid, onChange }: { id: string; label: string; value: string | undefined; invalid: boolean; onChange: (value: string | undefined) => void }) {
  return (
    <div class="campo">
      <label for={id}>{label}</label>
      <input id={id} type="date" value={value ?? ''} {...(invalid ? { 'aria-invalid': true, 'aria-describedby': 'f-periodo' } : {})} onChange={(event) => onChange(event.currentTarget.value || undefined)} />
    </div>
  );
}
