import { useSignal } from '@preact/signals';
import { number, span } from '../../format';
import { useLectura } from '../../lectura';
import { nombreDeUsuario } from '../../personas';
import { BANDA, ESTADO, PRIORIDAD, TIPO } from '../../texto';
import type { Estado, Tipo } from '../../types';
import { Atraso, Espera } from '../Pagina';
import { Barra } from './Barras';
import type { Grupo, PorGrupo } from './cifras';

const POR = {
  estado: 'Estado', tipo: 'Tipo', prioridad: 'Prioridad', zona: 'Zona', persona: 'Responsable', efectivo: 'Efectivo', hora: 'Hora del día', banda: 'Día o noche',
} as const;
type Por = keyof typeof POR;

/** The Tareas of the period, counted by whatever is asked. */
export function Grupos({ period }: { period: Record<string, unknown> }) {
  const por = useSignal<Por>('estado');
  const lectura = useLectura<PorGrupo>('/estadisticas/tareas', { ...period, por: por.value });
  const { datos, problem, releer } = lectura;
  const most = Math.max(0, ...(datos?.datos ?? []).map((grupo) => grupo.total));
  return (
    <section class="tarjeta" aria-labelledby="e-grupos">
      <div class="linea">
        <h3 id="e-grupos">Tareas{datos && ` · ${number(datos.total)}`}</h3>
        <label class="linea">por
          <select value={por.value} onChange={(event) => { por.value = event.currentTarget.value as Por; }}>
            {Object.entries(POR).map(([key, text]) => <option key={key} value={key}>{text}</option>)}
          </select>
        </label>
      </div>
      {datos?.por === por.value && <Atraso de={lectura} />}
      {!datos || datos.por !== por.value ? <Espera problem={problem} releer={releer} /> : datos.datos.length === 0 ? <Espera vacia="No hay tareas de ese período." /> : (
        <div class="tabla-caja" tabIndex={0} role="region" aria-label="Tabla: tareas del período">
          <table class="tabla tabla-apilable">
            <thead><tr><th>{POR[por.value]}</th><th class="solo-ojos"><span class="oculto">Dibujo</span></th><th class="numero">Total</th><th class="numero">Abiertas</th><th class="numero">Finalizadas</th><th class="numero">Canceladas</th><th class="numero">Duración mediana</th></tr></thead>
            <tbody>
              {datos.datos.map((grupo) => (
                <tr key={grupo.clave}>
                  <th scope="row">{nombre(por.value, grupo)}</th>
                  <td class="solo-ojos"><Barra grupo={grupo} most={most} /></td>
                  <td class="numero" data-t="Total">{number(grupo.total)}</td>
                  <td class="numero" data-t="Abiertas">{number(grupo.abiertas)}</td>
                  <td class="numero" data-t="Finalizadas">{number(grupo.finalizadas)}</td>
                  <td class="numero" data-t="Canceladas">{number(grupo.canceladas)}</td>
                  <td class="numero" data-t="Duración mediana">{grupo.duracion_p50_s > 0 ? span(grupo.duracion_p50_s) : '—'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {datos?.acotado && <p class="tenue" role="status">Hay más: se ven los {number(datos.datos.length)} con más tareas.</p>}
      <p class="tenue leyenda-barras" aria-hidden="true"><i class="abiertas" /> abiertas <i class="finalizadas" /> finalizadas <i class="canceladas" /> canceladas</p>
    </section>
  );
}

function nombre(por: Por, { clave, etiqueta }: Grupo): string {
  if (etiqueta) return etiqueta;
  if (!clave) return 'Sin dato';
  switch (por) {
    case 'estado': return ESTADO[clave as Estado] ?? clave;
    case 'tipo': return TIPO[clave as Tipo] ?? clave;
    case 'prioridad': return PRIORIDAD[Number(clave)] ?? clave;
    case 'persona': return nombreDeUsuario(clave);
    case 'banda': return BANDA[clave] ?? clave;
    case 'hora': return `${clave} h`;
    default: return clave;
  }
}
