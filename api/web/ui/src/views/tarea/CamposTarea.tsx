import { PRIORIDAD, TIPO } from '../../texto';
import { TIPOS } from '../../types';
import type { Tarea } from '../../types';
import { operation } from '../../operation';
import { toField } from '../../zone';
import type { Envio } from '../formulario';
import { Campo } from '../formulario';
import { Delegado } from './Delegado';

/** The fields whose errors the form of a Tarea shows beside them. */
export const CAMPOS_TAREA = [
  'titulo', 'tipo', 'prioridad', 'descripcion', 'ubicacion.descripcion', 'codigo',
  'inicio_programado', 'fin_programado', 'zona', 'lista',
] as const;

/** What a Tarea is made of: the same fields to write one and to change it. */
export function CamposTarea({ envio, tarea }: { envio: Envio; tarea?: Tarea }) {
  // A new one may wait half-written beside the one that is changed.
  const form = tarea ? 'edicion' : 'nueva';
  const tipo = tarea?.tipo ?? 'intervencion';
  const prioridad = tarea?.prioridad ?? 3;
  const zonas = operation.store.zonas.value;
  return (
    <>
      <Campo id={`${form}-titulo`} label="Título" envio={envio} campo="titulo">
        {(a) => <input {...a} name="titulo" required minLength={5} maxLength={200} autocomplete="off" defaultValue={tarea?.titulo ?? ''} />}
      </Campo>
      <div class="dos">
        <Campo id={`${form}-tipo`} label="Tipo" envio={envio} campo="tipo">
          {(a) => (
            <select {...a} name="tipo">
              {TIPOS.map((one) => <option key={one} value={one} selected={one === tipo}>{TIPO[one]}</option>)}
            </select>
          )}
        </Campo>
        <Campo id={`${form}-prioridad`} label="Prioridad" envio={envio} campo="prioridad">
          {(a) => (
            <select {...a} name="prioridad">
              {[5, 4, 3, 2, 1].map((one) => <option key={one} value={one} selected={one === prioridad}>{one} {PRIORIDAD[one]}</option>)}
            </select>
          )}
        </Campo>
      </div>
      <Campo id={`${form}-lugar`} label="Referencia del lugar (puede faltar)" envio={envio} campo="ubicacion.descripcion">
        {(a) => <input {...a} name="lugar" maxLength={200} autocomplete="off" defaultValue={tarea?.ubicacion?.descripcion ?? ''} />}
      </Campo>
      <Campo id={`${form}-descripcion`} label="Descripción (puede faltar)" envio={envio} campo="descripcion">
        {(a) => <textarea {...a} name="descripcion" rows={3} maxLength={4000} defaultValue={tarea?.descripcion ?? ''} />}
      </Campo>
      <details class="mas" open={tarea !== undefined || envio.problem?.campos.some((c) => c.campo.endsWith('programado')) === true}>
        <summary>Horario, zona y lo demás</summary>
        <Campo id={`${form}-inicio`} label="Empieza" envio={envio} campo="inicio_programado" ayuda={tarea ? 'Hora de Buenos Aires.' : 'Hora de Buenos Aires. Vacío: ahora.'}>
          {(a) => <input {...a} type="datetime-local" name="inicio_programado" defaultValue={toField(tarea?.inicio_programado)} />}
        </Campo>
        <Campo id={`${form}-fin`} label="Termina (puede faltar)" envio={envio} campo="fin_programado">
          {(a) => <input {...a} type="datetime-local" name="fin_programado" defaultValue={toField(tarea?.fin_programado)} />}
        </Campo>
        <label class="linea">
          <input type="checkbox" name="permitir_solape" value="si" /> Permitir que se superponga con otra tarea del responsable
        </label>
        <Delegado key={tarea?.delegado} tarea={tarea} />
        <Campo id={`${form}-zona`} label="Zona (puede faltar)" envio={envio} campo="zona">
          {(a) => (
            <select {...a} name="zona">
              <option value="">Ninguna</option>
              {tarea?.zona && !zonas.some((zona) => zona.id === tarea.zona) && <option value={tarea.zona} selected>La que tiene</option>}
              {zonas.map((zona) => <option key={zona.id} value={zona.id} selected={zona.id === tarea?.zona}>{zona.nombre}</option>)}
            </select>
          )}
        </Campo>
        <Campo id={`${form}-lista`} label="Lista de control, un punto por renglón" envio={envio} campo="lista">
          {(a) => <textarea {...a} name="lista" rows={3} defaultValue={tarea?.lista?.map((punto) => punto.texto).join('\n') ?? ''} />}
        </Campo>
        {!tarea && (
          <Campo id={`${form}-codigo`} label="Código (vacío: se genera uno)" envio={envio} campo="codigo">
            {(a) => <input {...a} name="codigo" minLength={3} maxLength={20} autocomplete="off" pattern="[A-Za-z0-9_\-]+" />}
          </Campo>
        )}
      </details>
    </>
  );
}
