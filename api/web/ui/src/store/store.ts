import { batch, signal } from '@preact/signals';
import type { EventFrame, PositionItem } from '../live-frames';
import type {
  Disponibilidad, Efectivo, Estado, Marca, Prioridad, Resumen, Tarea, Zona,
} from '../types';
import { DISPONIBILIDADES } from '../types';

/** What a list shows now: the order is the server's. */
export interface Pagina {
  ids: string[];
  total: number;
  total_acotado: boolean;
  siguiente: string | null;
  loaded: boolean;
}

const EMPTY: Pagina = { ids: [], total: 0, total_acotado: false, siguiente: null, loaded: false };

/** What the row of an Efectivo leaves out when there is nothing to say of it. */
const LO_QUE_FALTA = { sos: null, senal_perdida: null, de_baja: null, rango: null, unidad: null, especialidad: null };

/**
 * What is known of the operation. One copy of each object, shared by lists, map
 * and panel; an older answer never replaces a newer one, whichever came first.
 *
 * Maps are changed in place and announced by a revision, at most once per frame
 * on screen: a burst of a thousand facts is one drawing.
 */
export class Store {
  readonly tareas = new Map<string, Tarea>();
  readonly efectivos = new Map<string, Efectivo>();
  readonly zonas = signal<Zona[]>([]);
  readonly marcas = signal<readonly Marca[]>([]);
  readonly paginaTareas = signal<Pagina>(EMPTY);
  readonly paginaEfectivos = signal<Pagina>(EMPTY);
  readonly resumen = signal<Resumen | undefined>(undefined);

  /** Grow when anything in the map of that name changed. */
  readonly tareasRev = signal(0);
  readonly efectivosRev = signal(0);

  /** Newest log position that touched each object since the page was opened. */
  readonly touched = new Map<string, number>();

  #dirtyTareas = false;
  #dirtyEfectivos = false;
  #scheduled = false;
  readonly #frame: (callback: () => void) => void;

  constructor(frame: (callback: () => void) => void = nextFrame) {
    this.#frame = frame;
  }

  putTarea(tarea: Tarea): void {
    const known = this.tareas.get(tarea.id);
    if (known && alDia(known) > tarea.version) return;
    // A row of a list says less than the object itself; keep what it leaves out.
    this.tareas.set(tarea.id, known ? { ...known, ...tarea, visto: undefined } : tarea);
    this.#announce('tareas');
  }

  putEfectivo(efectivo: Efectivo): void {
    const known = this.efectivos.get(efectivo.id);
    if (known && alDia(known) > efectivo.version) return;
    // A row leaves out what is not so: a call for help that was attended must not stay for that.
    const merged = known ? { ...known, ...LO_QUE_FALTA, ...efectivo, visto: undefined } : efectivo;
    const fix = newer(known?.posicion_actual, efectivo.posicion_actual);
    this.efectivos.set(efectivo.id, { ...merged, posicion_actual: fix });
    this.#announce('efectivos');
  }

  /**
   * Moves dots. Returns the ids of Efectivos nobody has told us about yet, whose
   * names must be read.
   */
  putPositions(items: readonly PositionItem[]): string[] {
    const unknown: string[] = [];
    for (const item of items) {
      if (!Number.isFinite(item.lat) || !Number.isFinite(item.lon)) continue;
      const known = this.efectivos.get(item.efectivo);
      if (!known || known.version < 0) unknown.push(item.efectivo);
      const before = known ?? stranger(item.efectivo);
      const fix = { lat: item.lat, lon: item.lon, en: item.en, precision_m: item.precision_m ?? null };
      this.efectivos.set(item.efectivo, {
        ...before,
        posicion_actual: newer(before.posicion_actual, fix),
        disponibilidad: disponibilidadOf(item.disponibilidad) ?? before.disponibilidad,
        simulado: item.simulado ?? before.simulado ?? false,
      });
    }
    if (items.length > 0) this.#announce('efectivos');
    return unknown;
  }

  /**
   * Applies what a fact says by itself, so that the screen changes at once; the
   * object is read again afterwards and has the last word.
   */
  fold(fact: EventFrame): void {
    const id = idOf(fact.stream);
    this.touched.set(id, fact.position);
    if (fact.name.startsWith('tarea.')) this.#foldTarea(id, fact);
    else if (fact.name.startsWith('efectivo.')) this.#foldEfectivo(id, fact);
  }

  #foldTarea(id: string, fact: EventFrame): void {
    const tarea = this.tareas.get(id);
    if (!tarea || alDia(tarea) >= fact.version) return;
    const estado = ESTADO_AFTER[fact.name];
    const prioridad = fact.name === 'tarea.prioridad_cambiada' ? fact.data['prioridad'] : undefined;
    const asignaciones = asignacionesAfter(tarea.asignaciones, fact);
    const told = estado !== undefined || typeof prioridad === 'number' || asignaciones !== tarea.asignaciones;
    this.tareas.set(id, {
      ...tarea,
      estado: estado ?? tarea.estado,
      prioridad: typeof prioridad === 'number' ? prioridad as Prioridad : tarea.prioridad,
      asignaciones: asignaciones ?? [],
      // Not the version: the fact alone is not the whole object.
      visto: told ? next(tarea, fact) : tarea.visto,
    });
    this.#announce('tareas');
  }

  #foldEfectivo(id: string, fact: EventFrame): void {
    const efectivo = this.efectivos.get(id);
    if (!efectivo || alDia(efectivo) >= fact.version) return;
    const disponibilidad = fact.name === 'efectivo.disponibilidad_cambiada'
      ? disponibilidadOf(fact.data['disponibilidad'])
      : DISPONIBILIDAD_AFTER[fact.name];
    const signos = SIGNOS_AFTER[fact.name];
    this.efectivos.set(id, {
      ...efectivo,
      ...signos,
      disponibilidad: disponibilidad ?? efectivo.disponibilidad,
      visto: disponibilidad || signos ? next(efectivo, fact) : efectivo.visto,
    });
    this.#announce('efectivos');
  }

  /** Forgets one object: it ended, or it is out of this person's reach now. */
  quitar(clase: 'tareas' | 'efectivos', id: string): void {
    if (this[clase].delete(id)) this.#announce(clase);
  }

  /** Forgets the operation; the person logged out, or reaches another part of it. */
  clear(): void {
    this.tareas.clear();
    this.efectivos.clear();
    this.touched.clear();
    batch(() => {
      this.zonas.value = [];
      this.marcas.value = [];
      this.paginaTareas.value = EMPTY;
      this.paginaEfectivos.value = EMPTY;
      this.resumen.value = undefined;
      this.tareasRev.value++;
      this.efectivosRev.value++;
    });
  }

  #announce(which: 'tareas' | 'efectivos'): void {
    if (which === 'tareas') this.#dirtyTareas = true;
    else this.#dirtyEfectivos = true;
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#frame(() => {
      this.#scheduled = false;
      batch(() => {
        if (this.#dirtyTareas) this.tareasRev.value++;
        if (this.#dirtyEfectivos) this.efectivosRev.value++;
      });
      this.#dirtyTareas = false;
      this.#dirtyEfectivos = false;
    });
  }
}

const ESTADO_AFTER: Record<string, Estado> = {
  'tarea.iniciada': 'en_curso',
  'tarea.pausada': 'pausada',
  'tarea.reanudada': 'en_curso',
  'tarea.finalizada': 'finalizada',
  'tarea.cancelada': 'cancelada',
  'tarea.reabierta': 'en_curso',
};

const DISPONIBILIDAD_AFTER: Record<string, Disponibilidad> = {
  'efectivo.turno_iniciado': 'disponible',
  'efectivo.turno_finalizado': 'fuera_servicio',
};

const SIGNOS_AFTER: Record<string, Pick<Efectivo, 'sos' | 'senal_perdida'>> = {
  'efectivo.turno_iniciado': { senal_perdida: false },
  'efectivo.turno_finalizado': { senal_perdida: false },
  'efectivo.senal_perdida': { senal_perdida: true },
  'efectivo.senal_recuperada': { senal_perdida: false },
  'efectivo.sos_activado': { sos: true },
  'efectivo.sos_atendido': { sos: false },
};

const ASIGNACION_AFTER: Record<string, string> = {
  'tarea.efectivo_ofrecido': 'ofrecida',
  'tarea.efectivo_asignado': 'asignada',
  'tarea.asignacion_aceptada': 'aceptada',
  'tarea.asignacion_rechazada': 'rechazada',
  'tarea.efectivo_en_camino': 'en_camino',
  'tarea.efectivo_en_lugar': 'en_lugar',
  'tarea.efectivo_liberado': 'liberada',
};

interface Versionado {
  version: number;
  visto?: number | undefined;
}

/**
 * The version of what the person looks at: what was read, and the facts heard since
 * that say all they changed. An order given at once must not be refused for being
 * about what the page already shows.
 */
export function alDia({ version, visto }: Versionado): number {
  return visto ?? version;
}

/** What `visto` is after a fact whose whole change is shown; one that was missed stops it. */
function next(known: Versionado, fact: EventFrame): number | undefined {
  return alDia(known) === fact.version - 1 ? fact.version : known.visto;
}

function asignacionesAfter(before: Tarea['asignaciones'], fact: EventFrame): Tarea['asignaciones'] {
  const estado = ASIGNACION_AFTER[fact.name];
  const efectivo = fact.data['efectivo'];
  if (!estado || typeof efectivo !== 'string') return before;
  const rest = (before ?? []).filter((asignacion) => asignacion.efectivo !== efectivo);
  return [...rest, { efectivo, estado, en: fact.en }];
}

/** `tarea-<uuid>` -> `<uuid>`. */
export function idOf(stream: string): string {
  return stream.slice(stream.indexOf('-') + 1);
}

function disponibilidadOf(value: unknown): Disponibilidad | undefined {
  return DISPONIBILIDADES.find((known) => known === value);
}

/** The later fix by the device's own clock: the marker never moves back. */
function newer<F extends { en: string }>(a: F | null | undefined, b: F | null | undefined): F | null {
  if (!a || !b) return a ?? b ?? null;
  return Date.parse(b.en) >= Date.parse(a.en) ? b : a;
}

/** Somebody seen moving before his record was read. */
function stranger(id: string): Efectivo {
  return { id, codigo_interno: '…', disponibilidad: 'disponible', version: -1 };
}

function nextFrame(callback: () => void): void {
  // A hidden tab draws no frames, yet its data must not wait for somebody to look.
  if (document.hidden) setTimeout(callback, 250);
  else requestAnimationFrame(callback);
}
