import { useSignal } from '@preact/signals';
import { number } from '../../format';
import { deQue, hechoDetalle, hechoTitulo } from '../../hechos';
import { useCalma, useLectura } from '../../lectura';
import { operation } from '../../operation';
import { nombreDeUsuario, nombres as todos, nombreVisible } from '../../personas';
import type { Nombres } from '../../texto';
import { actorNombre, corto } from '../../texto';
import type { Hecho, Lista, Usuario } from '../../types';
import { guardar } from '../../descarga';
import { fromField } from '../../zone';
import { PedirExportacion } from '../admin/PedirExportacion';
import { Espera } from '../Pagina';
import { Hora } from '../piezas';
import type { Pregunta } from './preguntas';
import { csv, historiaDe, mirado, PREGUNTAS, preguntas } from './preguntas';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The log, newest first: by question, by person, by history, by time. */
export function Registro() {
  const pregunta = useSignal<Pregunta>('lecturas');
  const actor = useSignal('');
  const stream = useSignal('');
  const desde = useSignal('');
  const hasta = useSignal('');
  const cursores = useSignal<string[]>([]);
  const persona = useCalma(actor).trim();
  const historia = useCalma(stream).trim();
  const named = persona !== '' && !UUID.test(persona);
  const people = useLectura<Lista<Usuario>>(named ? '/usuarios' : null, { q: persona, limite: 6 });
  // Whoever types a name chooses among those who have it; until then nothing is narrowed.
  const { datos, problem, releer } = useLectura<Lista<Hecho>>('/eventos', {
    orden: '-posicion', limite: 50, cursor: cursores.value.at(-1),
    tipo: PREGUNTAS[pregunta.value].tipos.join(',') || undefined, actor: UUID.test(persona) ? persona : undefined, stream: historia || undefined,
    desde: desde.value ? fromField(desde.value) : undefined, hasta: hasta.value ? fromField(hasta.value) : undefined,
  });
  const narrow = (change: () => void) => { cursores.value = []; change(); };
  void [operation.store.tareasRev.value, operation.store.efectivosRev.value];
  const nombres = todos();
  return (
    <section class="tarjeta" aria-labelledby="au-registro">
      <h3 id="au-registro">El registro</h3>
      <div class="barra-filtros" role="search" aria-label="Buscar en el registro">
        <select aria-label="Qué hechos" value={pregunta.value} onChange={(event) => narrow(() => { pregunta.value = event.currentTarget.value as Pregunta; })}>
          {preguntas.map((one) => <option key={one} value={one}>{PREGUNTAS[one].texto}</option>)}
        </select>
        <input type="search" aria-label="De quién: nombre o identificador" placeholder="De quién" value={actor.value}
          onInput={(event) => narrow(() => { actor.value = event.currentTarget.value; })} />
        <input type="search" aria-label="Historia, por ejemplo tarea- y su identificador" placeholder="Historia (tarea-…)" value={stream.value}
          onInput={(event) => narrow(() => { stream.value = event.currentTarget.value; })} />
        <label>Desde <input type="datetime-local" value={desde.value} onChange={(event) => narrow(() => { desde.value = event.currentTarget.value; })} /></label>
        <label>Hasta <input type="datetime-local" value={hasta.value} onChange={(event) => narrow(() => { hasta.value = event.currentTarget.value; })} /></label>
        <p class="tenue">Hora de Buenos Aires.</p>
      </div>
      {named && (
        <div class="botones" role="group" aria-label="Personas con ese nombre">
          {people.datos?.datos.map((one) => <button key={one.id} type="button" onClick={() => narrow(() => { actor.value = one.id; })}>{nombreVisible(one)}</button>)}
          {people.datos?.datos.length === 0 && <p class="tenue">Nadie se llama así.</p>}
        </div>
      )}
      {UUID.test(persona) && <p class="tenue">De <b>{nombreDeUsuario(persona)}</b></p>}
      {!datos || problem ? <Espera problem={problem} releer={releer} /> : <Tabla lista={datos} nombres={nombres} onStream={(one) => narrow(() => { stream.value = one; pregunta.value = 'todo'; })} />}
      <div class="botones">
        {cursores.value.length > 0 && <button type="button" onClick={() => { cursores.value = cursores.value.slice(0, -1); }}>← Más nuevos</button>}
        {datos?.siguiente && <button type="button" onClick={() => { cursores.value = [...cursores.value, datos.siguiente as string]; }}>Más viejos →</button>}
        <button type="button" disabled={!datos?.datos.length} onClick={() => { if (datos) guardar(new Blob([tabla(datos.datos, nombres)], { type: 'text/csv' }), 'registro.csv'); }}>Guardar esta página (CSV)</button>
      </div>
      <PedirExportacion onDone={releer} />
    </section>
  );
}

function tabla(hechos: Hecho[], nombres: Nombres): string {
  return csv([
    ['posicion', 'registrado', 'hecho', 'actor', 'historia', 'version', 'datos'],
    ...hechos.map((one) => [one.posicion, one.registrado, one.tipo, actorNombre(one.actor, nombres), one.stream, one.version, JSON.stringify(one.datos)]),
  ]);
}

function Tabla({ lista, nombres, onStream }: { lista: Lista<Hecho>; nombres: Nombres; onStream: (stream: string) => void }) {
  if (lista.datos.length === 0) return <Espera vacia={lista.siguiente ? 'Nada en lo último del registro; más atrás puede haber.' : 'Nada coincide.'} />;
  return (
    <div class="tabla-caja" tabIndex={0} role="region" aria-label="Tabla del registro">
      <table class="tabla tabla-apilable">
        <thead><tr><th>Cuándo</th><th>Quién</th><th>Qué</th><th>De qué</th><th class="numero">Posición</th></tr></thead>
        <tbody>
          {lista.datos.map((hecho) => {
            const { clase, id } = historiaDe(hecho.stream);
            const { usuario, efectivo } = mirado(hecho);
            const deQuien = usuario ? nombreDeUsuario(usuario) : efectivo && (nombres.efectivo(efectivo) ?? corto(efectivo));
            return (
              <tr key={hecho.posicion}>
                <td><Hora en={hecho.en} /></td>
                <td data-t="Quién">{actorNombre(hecho.actor, nombres)}</td>
                <td data-t="Qué">
                  <div>
                    <b>{hechoTitulo(deQuien ? { ...hecho, datos: {} } : hecho, nombres)}</b>
                    {deQuien && <p>De {deQuien}</p>}
                    {hechoDetalle(hecho, nombres).map((line) => <p key={line} class="tenue">{line}</p>)}
                  </div>
                </td>
                <td data-t="De qué"><button type="button" class="enlace" title={`Toda la historia de ${hecho.stream}`} onClick={() => onStream(hecho.stream)}>{deQue(clase, id, nombres)}</button></td>
                <td data-t="Posición" class="numero">{number(hecho.posicion)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
