/**
 * Client of gad's live layer (`GET /ws`, sub-protocol `gad.v1.json`).
 *
 * Promise: `event` is called once per fact, in order, without a hole; when that
 * cannot be kept, `welcome` is called with `resumed: 'snapshot'`, and whoever
 * shows data must read it again, asking for at least `welcome.position`.
 *
 * The client finds holes by itself: every event names the position sent before
 * it to this session (`prev`). It reconnects with jittered backoff, resumes by
 * epoch and position, and never puts the token in an address.
 *
 * It knows nothing of pages: it runs wherever there is a `WebSocket`.
 */

import type {
  AlertFrame, ErrorFrame, EventFrame, KpiFrame, PositionsFrame, ServerFrame,
  SnapshotFrame, View, WelcomeFrame,
} from './live-frames';
import { CLOSE, isServerFrame, PROTOCOL } from './live-frames';

export * from './live-frames';

/**
 * `connecting` until the server's welcome (`attempt` 0: nothing failed yet), `live` after it, `waiting` between
 * attempts, `stopped` when nothing more will be tried.
 */
export type LiveState =
  | { name: 'connecting'; attempt: number }
  | { name: 'live' }
  | { name: 'waiting'; retryAt: number; reason: string }
  | { name: 'stopped'; reason: 'closed' | 'auth' };

export interface LiveHandlers {
  state: (state: LiveState) => void;
  welcome: (frame: WelcomeFrame) => void;
  snapshot: (frame: SnapshotFrame) => void;
  event: (frame: EventFrame) => void;
  positions: (frame: PositionsFrame) => void;
  alert: (frame: AlertFrame) => void;
  kpi: (frame: KpiFrame) => void;
  error: (frame: ErrorFrame) => void;
  /** Any frame came; `time` is the server's clock when the frame carried it. */
  heard: (time: string | undefined) => void;
  /** With every ping: whether the server itself is cut off from the log. */
  stale: (stale: boolean) => void;
  /** A fact was missing; the client is already fetching it again. */
  hole: (expected: number, got: number) => void;
}

export interface LiveOptions {
  /** `ws:` or `wss:` address of the socket. */
  url: string;
  /**
   * An access token good for the next minutes; `renew` after the server refused
   * the last one. A rejection ends the client: the person must log in again.
   */
  token: (renew: boolean) => Promise<string>;
  topics: string[];
  on: Partial<LiveHandlers>;
  /** First and largest pause between attempts, ms. */
  backoff?: { first: number; most: number };
  /** How long the server may take to welcome, ms. */
  patience?: number;
  random?: () => number;
}

/** A session this old proved the server healthy: the backoff starts over. */
const HEALTHY_MS = 5_000;

/** Assumed until the welcome says otherwise, seconds. */
const HEARTBEAT_S = 25;

export class LiveClient {
  readonly #options: LiveOptions;
  readonly #on: Partial<LiveHandlers>;
  readonly #random: () => number;

  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  /** Counts connections, so that what an old socket says late is not heard. */
  #generation = 0;
  #attempts = 0;
  #welcomedAt: number | undefined;
  #heartbeat = HEARTBEAT_S;
  #renewToken = false;
  #stopped = true;

  #epoch: string | undefined;
  #position: number | undefined;
  /** Between a snapshot's welcome and its last page there is nothing to resume. */
  #snapshotOpen = false;
  /** Where the last hole was seen: twice at one place needs a snapshot. */
  #holeAt: number | undefined;
  #view: View | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#on = options.on;
    this.#random = options.random ?? Math.random;
  }

  /** Log position up to which every subscribed fact was delivered. */
  get position(): number | undefined {
    return this.#position;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    void this.#connect();
  }

  stop(): void {
    this.#end('closed');
  }

  /** Tries now, for instance because the network came back. */
  poke(): void {
    if (this.#stopped || this.#socket) return;
    this.#attempts = 0;
    void this.#connect();
  }

  /** Says which part of the map is looked at; sent again on every connection. */
  view(view: View): void {
    this.#view = view;
    if (this.#welcomedAt !== undefined) this.#send({ type: 'view', ...view });
  }

  /** Hands over a newer token before the old one ends the session. */
  refresh(token: string): void {
    if (this.#welcomedAt !== undefined) this.#send({ type: 'refresh', token });
  }

  /** Acknowledges alerts up to a position. */
  ack(position: number): void {
    this.#send({ type: 'ack', position });
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#timer);
    const generation = ++this.#generation;
    this.#setState({ name: 'connecting', attempt: this.#attempts });

    let token: string;
    try {
      token = await this.#options.token(this.#renewToken);
    } catch {
      if (generation === this.#generation) this.#end('auth');
      return;
    }
    if (this.#stopped || generation !== this.#generation) return;
    this.#renewToken = false;

    const socket = new WebSocket(this.#options.url, [PROTOCOL]);
    this.#socket = socket;
    this.#watch(this.#options.patience ?? 10_000);
    socket.onopen = () => {
      const resume = !this.#snapshotOpen && this.#position !== undefined;
      this.#send({
        type: 'hello',
        token,
        topics: this.#options.topics,
        ...(resume ? { epoch: this.#epoch, position: this.#position } : {}),
        ...(this.#view ? { view: this.#view } : {}),
      });
    };
    socket.onmessage = (message) => {
      if (generation === this.#generation) this.#receive(message.data);
    };
    // An error is always followed by the close, which is the one that decides.
    socket.onerror = () => undefined;
    socket.onclose = (close) => {
      if (generation === this.#generation) this.#closed(close.code, close.reason);
    };
  }

  #receive(data: unknown): void {
    const frame = parse(data);
    // Words added by a newer server are for newer clients.
    if (!frame) return;
    this.#watch((this.#heartbeat * 2 + 5) * 1000);
    this.#on.heard?.('time' in frame ? frame.time : undefined);

    switch (frame.type) {
      case 'welcome':
        this.#welcomedAt = Date.now();
        this.#heartbeat = frame.heartbeat_s || HEARTBEAT_S;
        this.#epoch = frame.epoch;
        this.#position = frame.position;
        this.#snapshotOpen = frame.resumed === 'snapshot';
        this.#setState({ name: 'live' });
        this.#on.welcome?.(frame);
        return;
      case 'snapshot':
        this.#on.snapshot?.(frame);
        if (frame.last) this.#snapshotOpen = false;
        return;
      case 'event':
        this.#event(frame);
        return;
      case 'positions':
        this.#on.positions?.(frame);
        return;
      case 'alert':
        this.#on.alert?.(frame);
        return;
      case 'kpi':
        this.#on.kpi?.(frame);
        return;
      case 'error':
        this.#on.error?.(frame);
        return;
      case 'ping':
        this.#send({ type: 'pong' });
        this.#on.stale?.(frame.stale === true);
        return;
      case 'resync':
        this.#forget();
        this.#drop(CLOSE.resync, frame.reason);
        return;
    }
  }

  #event(frame: EventFrame): void {
    const position = this.#position ?? frame.prev;
    // Resuming may send the last one again.
    if (frame.position <= position) return;
    if (frame.prev > position) {
      this.#on.hole?.(position, frame.prev);
      // The server is asked again from our place; if that place itself is
      // unknown to it, only a new snapshot helps.
      if (this.#holeAt === position) this.#forget();
      else this.#holeAt = position;
      this.#drop(CLOSE.resync, 'hole');
      return;
    }
    this.#position = frame.position;
    this.#holeAt = undefined;
    this.#on.event?.(frame);
  }

  #forget(): void {
    this.#epoch = undefined;
    this.#position = undefined;
    this.#holeAt = undefined;
  }

  /** Leaves the connection and comes back at once, without waiting for its close. */
  #drop(code: number, reason: string): void {
    const socket = this.#socket;
    this.#generation++;
    socket?.close(code, reason);
    this.#closed(code, reason);
  }

  #closed(code: number, reason: string): void {
    const lived = this.#welcomedAt !== undefined ? Date.now() - this.#welcomedAt : 0;
    this.#socket = undefined;
    this.#welcomedAt = undefined;
    clearTimeout(this.#watchdog);
    if (this.#stopped) return;
    if (lived > HEALTHY_MS) this.#attempts = 0;
    if (code === CLOSE.auth) this.#renewToken = true;
    if (code === CLOSE.resync && reason !== 'hole') this.#forget();

    const pause = this.#pause(code, reason);
    this.#attempts++;
    this.#setState({ name: 'waiting', retryAt: Date.now() + pause, reason: why(code) });
    this.#timer = setTimeout(() => void this.#connect(), pause);
  }

  #pause(code: number, reason: string): number {
    const { first, most } = this.#options.backoff ?? { first: 500, most: 15_000 };
    // A server that restarts spreads its clients itself.
    const told = code === CLOSE.restart ? /reconnect_ms\D{1,4}(\d+)/.exec(reason)?.[1] : undefined;
    if (told) return Math.min(Number(told), 60_000);
    const soon = code === CLOSE.slow || code === CLOSE.resync || code === CLOSE.auth;
    if (soon && this.#attempts === 0) return 0;
    const wide = code === CLOSE.flood || code === CLOSE.full || code === CLOSE.forbidden;
    const ceiling = Math.min(most, first * 2 ** Math.min(this.#attempts, 16) * (wide ? 8 : 1));
    return Math.round(ceiling / 2 + (this.#random() * ceiling) / 2);
  }

  /** A peer that says nothing for so long is gone, whatever TCP believes. */
  #watch(ms: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#drop(CLOSE.silent, 'silence'), ms);
  }

  #send(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #end(reason: 'closed' | 'auth'): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#generation++;
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    this.#socket?.close(1000);
    this.#socket = undefined;
    this.#welcomedAt = undefined;
    this.#setState({ name: 'stopped', reason });
  }

  #setState(state: LiveState): void {
    this.#on.state?.(state);
  }
}

function parse(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(data);
    return isServerFrame(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function why(code: number): string {
  switch (code) {
    case CLOSE.auth: return 'auth';
    case CLOSE.forbidden: return 'forbidden';
    case CLOSE.slow: return 'slow';
    case CLOSE.resync: return 'resync';
    case CLOSE.flood: return 'flood';
    case CLOSE.restart: return 'restart';
    case CLOSE.full: return 'full';
    case CLOSE.silent: return 'silence';
    default: return 'network';
  }
}
