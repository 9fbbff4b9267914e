import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { number } from '../../format';
import { puede } from '../../permisos';
import { RECONSTRUCCION } from '../../texto';
import { Espera } from '../Pagina';
import { Hora } from '../piezas';
import { ConMotivo } from './ConMotivo';

export interface Reconstruccion {
  id: string;
  clase: 'reconstruir' | 'volver';
  estado: string;
  hechos: number;
  total: number;
  distintas: string[];
  detalle?: string;
  pedida: string;
  terminada: string | null;
}

export interface Proyeccion {
  nombre: string;
  estado: string;
  posicion: number;
  cabeza: number;
  atraso: number;
  atraso_s: number;
  apartadas: number;
  version: number;
  error?: string;
  reconstruccion: Reconstruccion | null;
}

/** While one is under way. */
const EVERY_MS = 1_500;

type Paso = { nombre: string; path: 'reconstruccion' | 'vuelta'; aceptar?: boolean };

/** Read models made anew from the log, or put back: how far each is, and the steps there are. */
export function Reconstrucciones({ proyecciones, onChange }: { proyecciones: Proyeccion[]; onChange: () => void }) {
  const elegida = useSignal('');
  const paso = useSignal<Paso | null>(null);
  const busy = proyecciones.some(({ reconstruccion }) => reconstruccion && !reconstruccion.terminada);
  useEffect(() => {
    if (!busy) return undefined;
    const every = setInterval(onChange, EVERY_MS);
    return () => clearInterval(every);
  }, [busy]);
  const pedidas = proyecciones.filter(({ reconstruccion }) => reconstruccion);
  const open = paso.value;
  return (
    <section class="tarjeta" aria-labelledby="s-reconstruir">
      <h3 id="s-reconstruir">Reconstrucciones</h3>
      {pedidas.length === 0 ? <Espera vacia="No se pidió ninguna." /> : (
        <ul class="sesiones">{pedidas.map((one) => <Fila key={one.nombre} proyeccion={one} onPaso={(next) => { paso.value = next; }} />)}</ul>
      )}
      {puede('reconstruir') && !open && (
        <div class="linea">
          <label for="s-cual">Proyección</label>
          <select id="s-cual" value={elegida.value} onChange={(event) => { elegida.value = event.currentTarget.value; }}>
            <option value="">Elegir…</option>
            {proyecciones.filter(({ nombre }) => !SIN_REGISTRO.includes(nombre)).map(({ nombre }) => <option key={nombre} value={nombre}>{nombre}</option>)}
          </select>
          <button type="button" disabled={!elegida.value} onClick={() => { paso.value = { nombre: elegida.value, path: 'reconstruccion' }; }}>Reconstruir…</button>
        </div>
      )}
      {open && (
        <ConMotivo key={`${open.nombre}-${open.path}`} intention={`${open.path}-${open.nombre}`} path={`/admin/proyecciones/${encodeURIComponent(open.nombre)}/${open.path}`}
          body={open.aceptar ? { aceptar: true } : {}} boton={TITULO[open.path]} done="Pedida."
          nota={`${open.nombre}: ${open.path === 'vuelta' ? 'vuelven las tablas de antes de la última reconstrucción, puestas al día.' : open.aceptar ? 'lo que dice el registro ocupa el lugar de lo que hay, aunque sea distinto.' : 'se hace al costado; nadie se queda sin lecturas, y si da distinto no se toca nada.'}`}
          onDone={() => { if (paso.value === open) paso.value = null; onChange(); }} onCancel={() => { paso.value = null; }} />
      )}
    </section>
  );
}

/** What lives in Redis is no fold that can be put beside the living one. */
const SIN_REGISTRO = ['tablero', 'estadisticas.renovadas'];

const TITULO = { reconstruccion: 'Reconstruir', vuelta: 'Volver a la anterior' } as const;

function Fila({ proyeccion, onPaso }: { proyeccion: Proyeccion; onPaso: (paso: Paso) => void }) {
  const { nombre, reconstruccion: una } = proyeccion;
  if (!una) return null;
  const { clase, estado, hechos, total, distintas, detalle, pedida, terminada } = una;
  const may = puede('reconstruir') && terminada !== null;
  return (
    <li>
      <div>
        <b>{nombre}</b> <span class="chip">{clase === 'volver' ? 'Vuelta a la anterior' : 'Reconstrucción'}</span>
        <p role="status">{RECONSTRUCCION[estado] ?? estado}{estado === 'en_curso' && total > 0 && `: ${number(hechos)} de ${number(total)} hechos`}</p>
        {estado === 'en_curso' && <progress aria-label={`Reconstrucción de ${nombre}`} max={total || undefined} value={total ? hechos : undefined} />}
        {distintas.length > 0 && <p class="tenue">Tablas distintas: {distintas.join(', ')}</p>}
        {detalle && <p class="problema">{detalle}</p>}
        <p class="tenue">Pedida <Hora en={pedida} />{terminada && <> · terminada <Hora en={terminada} /></>}</p>
      </div>
      {may && (
        <span class="botones botones-chicos">
          {estado === 'distinta' && <button type="button" class="grave" onClick={() => onPaso({ nombre, path: 'reconstruccion', aceptar: true })}>Reemplazar igual…</button>}
          {estado === 'reemplazada' && clase === 'reconstruir' && <button type="button" onClick={() => onPaso({ nombre, path: 'vuelta' })}>Volver a la anterior…</button>}
        </span>
      )}
    </li>
  );
}
