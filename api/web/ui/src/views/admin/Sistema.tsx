import { number, span } from '../../format';
import { useLectura } from '../../lectura';
import { puede } from '../../permisos';
import { Atraso, Espera, Pagina } from '../Pagina';
import type { Proyeccion } from './Reconstrucciones';
import { Reconstrucciones } from './Reconstrucciones';

interface Proyecciones {
  datos: Proyeccion[];
  apartadas: { proyeccion: string; clave: string; posicion: number; motivo: string; intentos: number }[];
}

interface Cache {
  redis: string;
  aciertos: number;
  fallos: number;
  calculos: number;
  errores: number;
  bytes: number;
  claves: { clave: string; posicion: number; bytes: number; edad_s: number }[];
}

/** How far each read model is, and what Redis spares: plain figures for whoever runs it. */
export function Sistema() {
  const proyecciones = useLectura<Proyecciones>('/admin/proyecciones');
  const cache = useLectura<Cache>('/admin/cache');
  return (
    <Pagina titulo="Sistema" ancha>
      <p><button type="button" onClick={() => { proyecciones.releer(); cache.releer(); }}>Leer de nuevo</button></p>
      <section class="tarjeta" aria-labelledby="s-proyecciones">
        <h3 id="s-proyecciones">Proyecciones</h3>
        <Atraso de={proyecciones} />
        {!proyecciones.datos ? <Espera problem={proyecciones.problem} releer={proyecciones.releer} /> : <TablaProyecciones datos={proyecciones.datos} />}
      </section>
      {proyecciones.datos && <Reconstrucciones proyecciones={proyecciones.datos.datos} onChange={proyecciones.releer} />}
      <section class="tarjeta" aria-labelledby="s-cache">
        <h3 id="s-cache">Respuestas guardadas</h3>
        <Atraso de={cache} />
        {!cache.datos ? <Espera problem={cache.problem} releer={cache.releer} /> : <TablaCache datos={cache.datos} />}
      </section>
      {puede('ajustes') && <Ajustes />}
    </Pagina>
  );
}

interface Ajuste {
  nombre: string;
  valor: string;
  por_defecto: string;
  significado: string;
  peligro?: string;
  secreto: boolean;
}

/** The settings that the process runs with; of secrets only that there are some. */
function Ajustes() {
  const ajustes = useLectura<{ datos: Ajuste[] }>('/admin/config');
  return (
    <section class="tarjeta" aria-labelledby="s-ajustes">
      <h3 id="s-ajustes">Ajustes</h3>
      {!ajustes.datos ? <Espera problem={ajustes.problem} releer={ajustes.releer} /> : (
        <div class="tabla-caja" tabIndex={0} role="region" aria-label="Tabla: Ajustes">
          <table class="tabla tabla-apilable">
            <thead><tr><th>Ajuste</th><th>Valor</th><th>Qué es</th></tr></thead>
            <tbody>
              {ajustes.datos.datos.map((one) => (
                <tr key={one.nombre}>
                  <td data-t="Ajuste"><code>{one.nombre}</code></td>
                  <td data-t="Valor">{one.valor || '—'}{one.valor !== one.por_defecto && one.por_defecto && <p class="tenue">por defecto {one.por_defecto}</p>}</td>
                  <td data-t="Qué es">{one.significado}{one.peligro && <p class="problema">Peligro: {one.peligro}</p>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function TablaProyecciones({ datos }: { datos: Proyecciones }) {
  return (
    <>
      <Tabla titulo="Proyecciones" cabezas={['Nombre', 'Estado', 'Posición', 'Atraso', 'Apartadas']} rows={datos.datos.map((one) => [
        one.nombre, one.error ? `${one.estado}: ${one.error}` : one.estado, number(one.posicion),
        one.atraso === 0 ? 'al día' : `${number(one.atraso)} (${span(one.atraso_s)})`, number(one.apartadas),
      ])} />
      {datos.apartadas.length > 0 && (
        <Tabla titulo="Eventos apartados" cabezas={['Proyección', 'Clave', 'Motivo', 'Posición', 'Intentos']}
          rows={datos.apartadas.map((one) => [one.proyeccion, one.clave, one.motivo, number(one.posicion), number(one.intentos)])} />
      )}
    </>
  );
}

function TablaCache({ datos }: { datos: Cache }) {
  const asked = datos.aciertos + datos.fallos;
  return (
    <>
      <dl class="ficha">
        <div><dt>Redis</dt><dd>{datos.redis.replaceAll('_', ' ')}</dd></div>
        <div><dt>Aciertos</dt><dd>{number(datos.aciertos)} de {number(asked)}{asked > 0 && ` (${Math.round((100 * datos.aciertos) / asked)} %)`}</dd></div>
        <div><dt>Calculadas</dt><dd>{number(datos.calculos)}, con {number(datos.errores)} errores</dd></div>
        <div><dt>Ocupan</dt><dd>{number(Math.round(datos.bytes / 1024))} KiB</dd></div>
      </dl>
      {datos.claves.length > 0 && (
        <Tabla titulo="Respuestas guardadas" cabezas={['Pregunta', 'Edad', 'Posición', 'Bytes']}
          rows={datos.claves.map((one) => [one.clave, span(one.edad_s), number(one.posicion), number(one.bytes)])} />
      )}
    </>
  );
}

/** The first two columns are words, the others figures. */
function Tabla({ titulo, cabezas, rows }: { titulo: string; cabezas: string[]; rows: string[][] }) {
  const tone = (i: number) => (i < 2 ? '' : 'numero');
  return (
    <div class="tabla-caja" tabIndex={0} role="region" aria-label={`Tabla: ${titulo}`}>
      <table class="tabla tabla-apilable">
        <thead><tr>{cabezas.map((text, i) => <th key={text} class={tone(i)}>{text}</th>)}</tr></thead>
        <tbody>{rows.map((row, n) => <tr key={n}>{row.map((cell, i) => <td key={i} class={tone(i)} data-t={cabezas[i]}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
