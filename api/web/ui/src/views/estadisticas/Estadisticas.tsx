import { useSignal } from '@preact/signals';
import { now } from '../../clock';
import { useLectura } from '../../lectura';
import { fromField, siguienteDia, toDayField } from '../../zone';
import { Atraso, Espera, Pagina } from '../Pagina';
import type { Tiempos } from './cifras';
import { Dotacion } from './Dotacion';
import { Grafico } from './Grafico';
import { Grupos } from './Grupos';
import { TablaTiempos } from './TablaTiempos';

const DAY_MS = 86_400_000;

/** How the operation went: counts, durations and response times of a period. */
export function Estadisticas() {
  const desde = useSignal(toDayField(now.peek() - 30 * DAY_MS));
  const hasta = useSignal(toDayField(now.peek()));
  const period = { desde: fromField(desde.value), hasta: fromField(siguienteDia(hasta.value)) };
  const mal = !desde.value || !hasta.value ? 'Elija las dos fechas.' : desde.value > hasta.value ? 'Desde es posterior a Hasta.' : undefined;
  const lectura = useLectura<Tiempos>(mal ? null : '/estadisticas/tiempos', period);
  const { datos, problem, releer } = lectura;
  return (
    <Pagina titulo="Estadísticas" ancha>
      <div class="barra-filtros" role="group" aria-label="Período">
        <label class="linea">Desde <input type="date" value={desde.value} max={hasta.value} onChange={(event) => { desde.value = event.currentTarget.value; }} /></label>
        <label class="linea">Hasta <input type="date" value={hasta.value} min={desde.value} onChange={(event) => { hasta.value = event.currentTarget.value; }} /></label>
        <p class="tenue">Cuentan las tareas creadas en esos días, hora de Buenos Aires.</p>
      </div>
      {mal && (
        <p class="problema" role="alert">
          {mal} {desde.value > hasta.value && hasta.value && <button type="button" onClick={() => { [desde.value, hasta.value] = [hasta.value, desde.value]; }}>Cambiar una por otra</button>}
        </p>
      )}
      <Atraso de={lectura} />
      <div class="pagina-partes">
        {!mal && <Grupos period={period} />}
        <Dotacion />
        {datos ? <Cuerpo tiempos={datos} /> : !mal && <Espera problem={problem} releer={releer} />}
      </div>
    </Pagina>
  );
}

function Cuerpo({ tiempos }: { tiempos: Tiempos }) {
  const { serie } = tiempos;
  const days = serie.map(({ dia }) => Date.parse(`${dia}T12:00:00Z`) / 1000);
  return (
    <>
      <section class="tarjeta" aria-labelledby="e-serie">
        <h3 id="e-serie">Por día</h3>
        <Grafico label="Tareas por día" x={days} series={[
          { label: 'Creadas', color: 'acento', values: serie.map((d) => d.creadas) },
          { label: 'Finalizadas', color: 'bien', values: serie.map((d) => d.finalizadas) },
          { label: 'Canceladas', color: 'mal', values: serie.map((d) => d.canceladas) },
        ]} />
      </section>
      <section class="tarjeta" aria-labelledby="e-respuesta">
        <h3 id="e-respuesta">Tiempos por día, mediana en minutos</h3>
        <Grafico label="Mediana de respuesta y de duración por día, en minutos" x={days} series={[
          { label: 'Respuesta', color: 'prioridad-4', values: serie.map((d) => minutes(d.respuesta_p50_s)) },
          { label: 'Duración', color: 'en-licencia', values: serie.map((d) => minutes(d.duracion_p50_s)) },
        ]} />
      </section>
      <TablaTiempos tiempos={tiempos} />
    </>
  );
}

/** A day without a measure has no point, not a zero. */
function minutes(seconds: number): number | null {
  return seconds > 0 ? Math.round(seconds / 6) / 10 : null;
}
