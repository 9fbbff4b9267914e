import { useSignal } from '@preact/signals';
import { number, span } from '../../format';
import { useLectura } from '../../lectura';
import { Atraso, Espera } from '../Pagina';
import type { Percentiles } from './cifras';

interface Cifras {
  efectivo: string | null;
  creadas: number;
  /** Those he answers for, by how they stand. */
  delegadas: Record<string, number>;
  ofrecidas: number;
  aceptadas: number;
  rechazadas: number;
  finalizadas: number;
  aceptacion: Percentiles;
  llegada: Percentiles;
  duracion: Percentiles;
  turnos: number;
  en_turno_s: number;
}

/** How one person's work went lately: counts, and times by their median. */
export function CifrasDePersona({ usuario }: { usuario: string }) {
  const dias = useSignal(30);
  const lectura = useLectura<Cifras>(`/estadisticas/usuarios/${usuario}`, { dias: dias.value });
  const { datos, problem, releer } = lectura;
  return (
    <>
      <label class="linea">
        Últimos
        <select value={String(dias.value)} onChange={(event) => { dias.value = Number(event.currentTarget.value); }}>
          {[7, 30, 90, 365].map((one) => <option key={one} value={one}>{one} días</option>)}
        </select>
      </label>
      <Atraso de={lectura} />
      {!datos ? <Espera problem={problem} releer={releer} /> : <Tabla datos={datos} />}
    </>
  );
}

function Tabla({ datos }: { datos: Cifras }) {
  const a_cargo = Object.values(datos.delegadas).reduce((sum, one) => sum + one, 0);
  const rows: [string, string][] = [
    ['Creó', tareas(datos.creadas)],
    ['A cargo', tareas(a_cargo)],
    // Whoever never goes out has nothing below.
    ...(datos.efectivo === null ? [] : [
      ['Le ofrecieron', `${number(datos.ofrecidas)}: aceptó ${number(datos.aceptadas)}, rechazó ${number(datos.rechazadas)}`],
      ['Terminó', tareas(datos.finalizadas)],
      ['Turnos', datos.turnos === 0 ? 'ninguno' : `${number(datos.turnos)}, ${span(datos.en_turno_s)} en total`],
      ['Aceptar', mediana(datos.aceptacion)], ['Llegar', mediana(datos.llegada)], ['En la tarea', mediana(datos.duracion)],
    ] as [string, string][]),
  ];
  return <dl class="ficha">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function tareas(count: number): string {
  return count === 0 ? 'ninguna tarea' : count === 1 ? 'una tarea' : `${number(count)} tareas`;
}

function mediana({ n, p50_s: mitad, p90_s: lentas }: Percentiles): string {
  return n === 0 ? 'sin medir' : `${span(mitad)} la mitad de las veces; ${span(lentas)} nueve de diez`;
}

/** The same behind a line that opens it: it is read only when it is wanted. */
export function CifrasPlegadas({ usuario, titulo }: { usuario: string; titulo: string }) {
  const open = useSignal(false);
  return (
    <details class="mas" onToggle={(event) => { open.value = event.currentTarget.open; }}>
      <summary>{titulo}</summary>
      {open.value && <CifrasDePersona usuario={usuario} />}
    </details>
  );
}
