import { effect, signal } from '@preact/signals';
import { heard } from './clock';
import { asunto, deFicha, pendientes, sinTerminadas } from './enpie';
import type { FiltrosTareas } from './filtros';
import { ORDENES, parametros } from './filtros';
import type { AlertFrame, EventFrame, LiveState, PositionItem, SnapshotItem, View } from './live';
import { LiveClient } from './live';
import { Http } from './net/http';
import type { Problem } from './net/problem';
import { problemOf } from './net/problem';
import { readMapa } from './net/mapa';
import { mueve } from './recordatorios';
import { Session } from './session';
import { sonar } from './sonido';
import { coalesced, Rereader } from './store/rereader';
import { alDia, idOf, Store } from './store/store';
import type { Disponibilidad, Efectivo, Estado, Lista, Marca, Recordatorio, Resumen, Tarea, Yo } from './types';
import { sonido } from './tema';
import { ABIERTAS } from './types';

/** Rows read at once; the server's own limit. */
const PAGE = 200;

/** More markers than this are no help to anybody on one map. */
const MOST_MARCAS = 1000;

/**
 * One person's view of the running operation: reads it once, then keeps it so by
 * the live layer. Facts change rows at once; lists and figures, whose order and
 * totals only the server knows, are read again at a calm pace.
 */
export class Operation {
  readonly session = new Session();
  readonly http = new Http({
    token: () => this.session.token(),
    renew: () => this.session.renew(),
  });
  readonly store = new Store();
  /** Who is logged in; undefined until the server has said. */
  readonly yo = signal<Yo | undefined>(undefined);

  readonly live = signal<LiveState>({ name: 'connecting', attempt: 0 });
  /** The server is up and cannot read its own log: nothing new can come. */
  readonly stale = signal(false);
  readonly alerts = signal<AlertFrame[]>([]);
  /** The last reading of the lists failed; they show what was known before. */
  readonly readProblem = signal<Problem | undefined>(undefined);

  /** This person's reminders, newest first; undefined until they were read. */
  readonly recordatorios = signal<readonly Recordatorio[] | undefined>(undefined);
  /** Why they could not be read last. */
  readonly recordatoriosProblem = signal<Problem | undefined>(undefined);

  readonly estados = signal<readonly Estado[]>(ABIERTAS);
  readonly buscaTareas = signal('');
  readonly filtros = signal<FiltrosTareas>({});
  readonly ordenTareas = signal<string>(ORDENES[0].value);
  readonly disponibilidades = signal<readonly Disponibilidad[]>([]);
  readonly buscaEfectivos = signal('');

  #client: LiveClient | undefined;
  /** Reads must include the log up to here: never older than what was shown. */
  #seen = 0;
  #stops: (() => void)[] = [];

  readonly #rows = new Rereader({
    read: (id, position) => this.readTarea(id, position),
    crowd: () => this.refreshTareas(),
    rate: 1.5,
    burst: 10,
  });
  readonly #people = new Rereader({
    read: (id, position) => this.readEfectivo(id, position),
    crowd: () => this.refreshEfectivos(),
    rate: 1,
    burst: 6,
  });

  /** What no list holds and something on screen names: at leisure, and each asked for once. */
  readonly #named = new Rereader({
    read: (id, position) => this.readTarea(id, position),
    crowd: () => undefined,
    most: Infinity,
    rate: 1,
    burst: 10,
  });
  readonly #asked = new Set<string>();

  /** What this person has seen an alert about, and how far in the log. */
  readonly #acknowledged = new Map<string, number>();

  /** Where the live layer was told to look; what lies there is known. */
  #covered: View | undefined;

  readonly refreshTareas = coalesced(() => this.#guard(this.#listTareas()), 2_000);
  readonly refreshEfectivos = coalesced(() => this.#guard(this.#listEfectivos()), 4_000);
  readonly refreshMarcas = coalesced(() => this.#guard(this.readMarcas()), 1_000);
  readonly refreshRecordatorios = coalesced(() => this.readRecordatorios(), 2_000);
  readonly #refreshFigures = coalesced(() => this.#figures(), 2_000);
  readonly #refreshAll = coalesced(() => this.#guard(this.readAll()), 3_000);
  readonly #refreshMap = coalesced(() => this.#guard(this.readMap(this.#covered?.bbox)), 1_000);

  start(): void {
    this.stop();
    const client = new LiveClient({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
      token: (renew) => this.session.fresh(renew),
      topics: ['tareas', 'efectivos', 'alertas', 'marcas'],
      on: {
        state: (state) => {
          this.live.value = state;
          if (state.name !== 'live') this.stale.value = false;
        },
        heard,
        welcome: (frame) => {
          if (frame.resumed === 'snapshot') {
            // Another log may be behind this epoch: its positions start afresh.
            this.#seen = frame.position;
            // Whether a call for help that was seen is still the same one, no fact will say.
            for (const seen of this.#acknowledged.keys()) if (seen.startsWith('sos ')) this.#acknowledged.delete(seen);
            this.#refreshAll();
          }
        },
        stale: (stale) => { this.stale.value = stale; },
        snapshot: (frame) => this.#snapshot(frame.items),
        event: (frame) => this.#fact(frame),
        positions: (frame) => this.#positions(frame.items),
        alert: (frame) => this.#alert(frame),
      },
    });
    this.#client = client;
    if (this.#covered) client.view(this.#covered);
    this.session.onToken((token) => {
      client.refresh(token);
      void this.readYo().catch(() => undefined);
    });
    client.start();
    void this.readYo().catch(() => undefined);

    const poke = () => client.poke();
    window.addEventListener('online', poke);
    document.addEventListener('visibilitychange', poke);
    this.#stops.push(
      () => window.removeEventListener('online', poke),
      () => document.removeEventListener('visibilitychange', poke),
      this.#onFilter(() => JSON.stringify(this.consulta()), this.#listTareas),
      this.#onFilter(() => [this.disponibilidades.value, this.buscaEfectivos.value], this.#listEfectivos),
    );
  }

  stop(): void {
    this.#client?.stop();
    this.#client = undefined;
    for (const stop of this.#stops.splice(0)) stop();
    this.#rows.stop();
    this.#people.stop();
    this.#named.stop();
    this.#asked.clear();
  }

  logout(): void {
    this.stop();
    this.session.logout();
    this.store.clear();
    this.yo.value = undefined;
    this.alerts.value = [];
    this.recordatorios.value = undefined;
    this.#acknowledged.clear();
    this.#seen = 0;
  }

  /** What the list of Tareas asks for now, page aside; exports ask the same. */
  consulta(): Record<string, unknown> {
    return {
      estado: this.estados.value, q: this.buscaTareas.value, orden: this.ordenTareas.value, ...parametros(this.filtros.value),
    };
  }

  /** Everything on screen, again, as of what was last heard. */
  async readAll(): Promise<void> {
    this.refreshRecordatorios();
    await Promise.all([this.#listTareas(), this.#listEfectivos(), this.readMap(), this.readMarcas(), this.#figures()]);
  }

  async readMap(bbox: View['bbox'] = [-180, -90, 180, 90]): Promise<void> {
    const mapa = readMapa(await this.http.read('/geo/mapa', { bbox: bbox.join(',') }, { minPosition: this.#seen }));
    for (const efectivo of mapa.efectivos) {
      // The map knows where he is, the list who he is.
      this.store.putPositions([efectivo.fix]);
      const known = this.store.efectivos.get(efectivo.fix.efectivo);
      if (known && known.version < 0 && efectivo.codigo) {
        this.store.putEfectivo({ ...known, codigo_interno: efectivo.codigo });
      }
    }
    for (const tarea of mapa.tareas) {
      // The map's rows say little: they fill gaps and replace nothing of their age.
      const known = this.store.tareas.get(tarea.id);
      if (!known || alDia(known) < tarea.version) this.store.putTarea(tarea);
    }
    this.store.zonas.value = mapa.zonas;
  }

  /** Every marker that is shown now: the facts say whose and where, this also says what. */
  async readMarcas(): Promise<void> {
    const all: Marca[] = [];
    let cursor: string | null | undefined;
    do {
      const page: Lista<Marca> = await this.http.read('/marcas', { limite: PAGE, cursor: cursor ?? undefined }, { minPosition: this.#seen });
      all.push(...page.datos);
      cursor = page.siguiente;
    } while (cursor && all.length < MOST_MARCAS);
    this.store.marcas.value = all;
  }

  async readYo(): Promise<void> {
    const before = this.yo.peek();
    const yo = await this.http.read<Yo>('/auth/yo', {}, { minPosition: this.#seen });
    this.yo.value = yo;
    if (!before) {
      this.#refreshFigures();
      this.refreshRecordatorios();
    }
    // With another rol or jurisdiction, what is out of reach must not stay on the screen.
    if (before && JSON.stringify([before.rol, before.jurisdiccion]) !== JSON.stringify([yo.rol, yo.jurisdiccion])) {
      this.store.clear();
      this.#asked.clear();
      this.#refreshAll();
    }
  }

  /** Position of the newest thing that this page showed or ordered. */
  seen(): number {
    return this.#seen;
  }

  async readTarea(id: string, position = this.#seen): Promise<void> {
    this.store.putTarea(await this.#one<Tarea>('tareas', id, position));
  }

  async readEfectivo(id: string, position = this.#seen): Promise<void> {
    this.store.putEfectivo(await this.#one<Efectivo>('efectivos', id, position));
  }

  /** Which alert a call for help is that only his record tells of; none once it has been attended. */
  async alertaDeSos(id: string): Promise<string | undefined> {
    const { sos_alerta: alerta, ...efectivo } = await this.#one<Efectivo & { sos_alerta?: string }>('efectivos', id, this.#seen);
    this.store.putEfectivo(efectivo);
    return alerta;
  }

  async #one<T>(clase: 'tareas' | 'efectivos', id: string, minPosition: number): Promise<T> {
    try {
      return await this.http.read<T>(`/${clase}/${id}`, {}, { minPosition });
    } catch (cause) {
      // Known until now, and not there for this person any more.
      if (problemOf(cause).status === 404) this.store.quitar(clase, id);
      throw cause;
    }
  }

  /** Called with the position that an order's answer carried. */
  sent(position: number): void {
    this.#seen = Math.max(this.#seen, position);
    this.refreshTareas();
    this.#refreshFigures();
  }

  /**
   * Says which part of the map is on screen. The live layer is asked for half a
   * screen more on every side, and asked again only when that is left behind.
   */
  view(view: View): void {
    const before = this.#covered;
    if (before && within(view.bbox, before.bbox) && Math.abs(view.zoom - before.zoom) < 1) return;
    this.#covered = { bbox: padded(view.bbox), zoom: view.zoom };
    this.#client?.view(this.#covered);
    // Markers out of the old view may have moved unseen.
    if (before && this.live.value.name === 'live') this.#refreshMap();
  }

  /** Alerts that still wait for somebody, calls for help first; what ended, or was put off, meanwhile does not. */
  pendingAlerts(): AlertFrame[] {
    return pendientes(this.alerts.value, this.store.tareas, this.store.efectivos, (what) => this.#acknowledged.has(what));
  }

  /** The server counts alerts as seen up to a position: no further than the first that is not. */
  acknowledge(alerts: readonly AlertFrame[]): void {
    for (const alert of alerts) this.#acknowledged.set(asunto(alert), alert.position);
    const seen = Math.max(...alerts.map((alert) => alert.position));
    this.alerts.value = this.pendingAlerts().filter((other) => !alerts.includes(other) && !deFicha(other));
    const first = Math.min(...this.alerts.value.map((alert) => alert.position));
    // What only a record told of has no place among what was heard.
    if (seen > 0) this.#client?.ack(Math.min(seen, first - 1));
  }

  /** Puts an alert back: that somebody saw it could not be recorded. */
  alertAgain(alert: AlertFrame): void {
    this.#acknowledged.delete(asunto(alert));
    // Its record tells of it by itself.
    if (deFicha(alert)) this.alerts.value = [...this.alerts.value];
    else this.alerts.value = [alert, ...this.alerts.value.filter((known) => known.id !== alert.id)];
  }

  async moreTareas(): Promise<void> {
    const { siguiente, ids } = this.store.paginaTareas.value;
    if (siguiente) await this.#guard(this.#listTareas(siguiente, ids));
  }

  async moreEfectivos(): Promise<void> {
    const { siguiente, ids } = this.store.paginaEfectivos.value;
    if (siguiente) await this.#guard(this.#listEfectivos(siguiente, ids));
  }

  #alert(frame: AlertFrame): void {
    // After a reconnection old ones are told again; an escalated one is news.
    if ((this.#acknowledged.get(asunto(frame)) ?? 0) >= frame.position) return;
    if (sonido.peek() === 'si' && !this.alerts.value.some((known) => known.id === frame.id)) sonar(frame.priority);
    // What is said again of one matter takes the place of what was said before.
    this.alerts.value = [frame, ...this.alerts.value.filter((known) => asunto(known) !== asunto(frame) || known.position > frame.position)];
    // Whether it is simulated, and whose it is, must be known to be said.
    if (frame.tarea && !this.store.tareas.has(frame.tarea)) this.#rows.mark(frame.tarea, frame.position);
    if (frame.efectivo && !this.store.efectivos.has(frame.efectivo)) this.#people.mark(frame.efectivo, frame.position);
  }

  #fact(fact: EventFrame): void {
    this.#seen = Math.max(this.#seen, fact.position);
    this.store.fold(fact);
    this.#over(fact);
    const id = idOf(fact.stream);
    if (fact.name.startsWith('tarea.')) {
      this.#rows.mark(id, fact.position);
      this.refreshTareas();
      this.#refreshFigures();
      if (mueve(fact, this.recordatorios.peek() ?? [], this.yo.peek(), this.store.tareas.get(id))) this.refreshRecordatorios();
    } else if (fact.name.startsWith('marca.')) {
      this.refreshMarcas();
    } else if (fact.name.startsWith('efectivo.')) {
      this.#people.mark(id, fact.position);
      this.refreshEfectivos();
      this.#refreshFigures();
    }
  }

  /** What a fact has ended rings no more; and a later one about the same is news. */
  #over(fact: EventFrame): void {
    const left = sinTerminadas(this.alerts.peek(), fact);
    if (left.length < this.alerts.peek().length) this.alerts.value = left;
    if (fact.name === 'efectivo.sos_atendido') this.#acknowledged.delete(`sos ${idOf(fact.stream)}`);
  }

  /** Keep-newer, like everything: what is older than the store does nothing. */
  #snapshot(items: readonly SnapshotItem[]): void {
    const positions: PositionItem[] = [];
    for (const item of items) {
      if ('ficha' in item) this.store.putEfectivo(item.ficha);
      else if ('tarea' in item) this.store.putTarea(item.tarea);
      else positions.push(item);
    }
    this.#positions(positions);
  }

  #positions(items: readonly PositionItem[]): void {
    for (const id of this.store.putPositions(items)) {
      this.#people.mark(id, this.#seen);
    }
  }

  readonly #listTareas = async (cursor?: string, before: string[] = []): Promise<void> => {
    const consulta = this.consulta();
    const lista = await this.http.read<Lista<Tarea>>('/tareas', { ...consulta, limite: PAGE, cursor }, { minPosition: this.#seen });
    // The person may have changed the filter while the answer travelled.
    if (JSON.stringify(consulta) !== JSON.stringify(this.consulta())) return;
    for (const tarea of lista.datos) this.store.putTarea(tarea);
    this.store.paginaTareas.value = page(lista, before);
  };

  readonly #listEfectivos = async (cursor?: string, before: string[] = []): Promise<void> => {
    const disponibilidad = this.disponibilidades.value;
    const q = this.buscaEfectivos.value;
    const lista = await this.http.read<Lista<Efectivo>>('/efectivos', {
      disponibilidad, q, orden: 'codigo_interno', limite: PAGE, cursor,
    }, { minPosition: this.#seen });
    if (disponibilidad !== this.disponibilidades.value || q !== this.buscaEfectivos.value) return;
    for (const efectivo of lista.datos) this.store.putEfectivo(efectivo);
    this.store.paginaEfectivos.value = page(lista, before);
  };

  async readRecordatorios(): Promise<void> {
    if (!this.yo.peek()) return;
    try {
      const datos: Recordatorio[] = [];
      for (let cursor: string | undefined, more = true; more;) {
        const lista = await this.http.read<Lista<Recordatorio>>('/avisos', { limite: 200, cursor }, { minPosition: this.#seen });
        datos.push(...lista.datos);
        cursor = lista.siguiente ?? undefined;
        more = cursor !== undefined;
      }
      // The person may have left while the answer travelled.
      if (this.yo.peek()) this.recordatorios.value = datos;
      this.recordatoriosProblem.value = undefined;
    } catch (cause) {
      const problem = problemOf(cause);
      this.recordatoriosProblem.value = problem;
      if (problem.transient && this.#client) setTimeout(this.refreshRecordatorios, (problem.retryAfter ?? 5) * 1_000);
    }
  }

  /** Called once the server has recorded that one was read. */
  leido(id: string): void {
    this.recordatorios.value = this.recordatorios.value?.map((one) => (one.id === id ? { ...one, leido: true } : one));
  }

  /** Has a Tarea read that something on screen speaks of, unless it is known. */
  conocer(tarea: string): void {
    if (this.store.tareas.has(tarea) || this.#asked.has(tarea)) return;
    this.#asked.add(tarea);
    this.#named.mark(tarea, this.#seen);
  }

  /** Counters may be away (they live apart) while all else works: then none are shown. */
  async #figures(): Promise<void> {
    // Who sees only his own work is refused the whole's; until it is known who asks, nothing is asked.
    if (!this.yo.peek() || this.yo.peek()?.rol === 'efectivo') return;
    try {
      this.store.resumen.value = await this.http.read<Resumen>('/estadisticas/resumen', {}, { minPosition: this.#seen });
    } catch (cause) {
      this.store.resumen.value = undefined;
      if (problemOf(cause).transient) setTimeout(this.#refreshFigures, 5_000);
    }
  }

  /** Reads again shortly after the person stops changing a filter. */
  #onFilter(watch: () => unknown, read: () => Promise<void>): () => void {
    let first = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    return effect(() => {
      watch();
      if (first) { first = false; return; }
      clearTimeout(timer);
      timer = setTimeout(() => void this.#guard(read()), 200);
    });
  }

  async #guard(reading: Promise<void>): Promise<void> {
    try {
      await reading;
      this.readProblem.value = undefined;
    } catch (cause) {
      const problem = problemOf(cause);
      // The login form is already asking; one message is enough.
      this.readProblem.value = problem.status === 401 ? undefined : problem;
      if (problem.transient && this.#client) setTimeout(this.#refreshAll, (problem.retryAfter ?? 3) * 1000);
    }
  }
}

function within(inner: View['bbox'], outer: View['bbox']): boolean {
  return inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3];
}

function padded([west, south, east, north]: View['bbox']): View['bbox'] {
  const x = (east - west) / 2;
  const y = (north - south) / 2;
  return [Math.max(-180, west - x), Math.max(-90, south - y), Math.min(180, east + x), Math.min(90, north + y)];
}

function page<T extends { id: string }>(lista: Lista<T>, before: string[]) {
  const ids = [...new Set([...before, ...lista.datos.map((row) => row.id)])];
  return { ids, total: lista.total, total_acotado: lista.total_acotado ?? false, siguiente: lista.siguiente, loaded: true };
}

export const operation = new Operation();
