import { signal } from '@preact/signals';
import { noAnswer, Problem, problemFrom } from './net/problem';

/** What the server gave at login; times in ms of this machine's clock. */
interface Sesion {
  accessToken: string;
  expiresAt: number;
}

interface LoginAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  segundo_factor_pendiente?: boolean;
}

/** Says that this browser has been let in, and nothing else: no token, no name. */
const MARK = 'gad.ingreso';

/** Renewed this long before its end, so that no request meets an expired token. */
const MARGIN_MS = 60_000;

/** How long a request may take, and the turn of another tab that renews. */
const REQUEST_MS = 15_000;
const TURN_MS = REQUEST_MS + 5_000;

/** The lock under which the tabs renew. */
const TURN = 'gad.renovacion';

/**
 * `fuera`: nobody is in. `volviendo`: the cookie of an earlier login is being
 * tried. `pendiente`: in, but only to set up the second factor that the rol needs.
 */
export type Estado = 'fuera' | 'volviendo' | 'pendiente' | 'dentro';

/**
 * Who is logged in. The access token lives in memory only; what renews it is a
 * cookie that no script can read. Logging out in one tab ends the others too.
 */
export class Session {
  readonly estado = signal<Estado>('fuera');
  /** The session ended but the page's data is still on screen. */
  readonly expired = signal(false);
  /** What was typed to come in, to fill the field again; forgotten with the tab. */
  email = '';

  #current: Sesion | undefined;
  #renewing: Promise<boolean> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onToken: (token: string) => void = () => {};

  constructor(private readonly base = '/api/v1/auth') {}

  /** Calls back with every newer token, for the open socket. */
  onToken(callback: (token: string) => void): void {
    this.#onToken = callback;
  }

  /** Takes up the session of this browser after a reload. */
  async restore(): Promise<void> {
    // Without the mark there is no cookie either: asking would only earn an error.
    if (localStorage.getItem(MARK) === null) return;
    this.estado.value = 'volviendo';
    for (let pause = 1_000; this.estado.peek() === 'volviendo'; pause = Math.min(2 * pause, 10_000)) {
      try {
        this.#take(await inTurn(() => this.#post<LoginAnswer>('/refresh', {})));
      } catch (cause) {
        if (!(cause instanceof Problem && cause.transient)) this.#out();
        else await new Promise((resolve) => { setTimeout(resolve, pause); });
      }
    }
  }

  /** `totp` is the second factor, when the server asked for it. */
  async login(email: string, password: string, totp = ''): Promise<void> {
    const answer = await this.#post<LoginAnswer>('/login', { email, password, cookie: true, ...(totp ? { totp } : {}) });
    this.email = email;
    localStorage.setItem(MARK, 'si');
    this.#take(answer);
  }

  /** Trades a one-time link for a password of one's own; logging in comes after. */
  async activate(codigo: string, password: string): Promise<void> {
    await this.#post('/activacion', { codigo, password });
  }

  logout(): void {
    const token = this.#current?.accessToken;
    this.#out();
    // The page has forgotten the token already; the server is told if it hears.
    if (token) {
      void fetch(`${this.base}/logout`, {
        method: 'POST',
        keepalive: true,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: '{}',
      }).catch(() => undefined);
    }
  }

  token(): string | undefined {
    return this.#current?.accessToken;
  }

  /** The id of the one who is logged in, as the token says; for display only. */
  me(): string | undefined {
    const payload = this.#current?.accessToken.split('.')[1];
    if (!payload) return undefined;
    try {
      const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { sub?: string };
      return claims.sub;
    } catch {
      return undefined;
    }
  }

  /** A token good now, for the live layer; rejects when the person must log in. */
  async fresh(renew: boolean): Promise<string> {
    const current = this.#current;
    const ending = !current || current.expiresAt - Date.now() < MARGIN_MS / 4;
    if ((renew || ending) && !(await this.renew())) throw new Error('session over');
    const token = this.token();
    if (!token) throw new Error('session over');
    return token;
  }

  /** One renewal at a time: what renews works once. */
  renew(): Promise<boolean> {
    this.#renewing ??= this.#renew().finally(() => { this.#renewing = undefined; });
    return this.#renewing;
  }

  async #renew(): Promise<boolean> {
    const current = this.#current;
    if (!current) return false;
    try {
      const answer = await inTurn(async () => (this.#current === current ? this.#post<LoginAnswer>('/refresh', {}) : undefined));
      // Whoever left while the tab waited for its turn stays out.
      if (answer && this.#current === current) this.#take(answer);
      return this.#current !== undefined;
    } catch (cause) {
      if (cause instanceof Problem && cause.transient) {
        // Not a refusal: the old token may still be good; try again soon.
        this.#schedule(5_000);
        return current.expiresAt > Date.now();
      }
      this.#forget();
      this.expired.value = true;
      return false;
    }
  }

  #take(answer: LoginAnswer): void {
    const expiresAt = Date.now() + answer.expires_in * 1000;
    this.#current = { accessToken: answer.access_token, expiresAt };
    this.expired.value = false;
    this.estado.value = answer.segundo_factor_pendiente ? 'pendiente' : 'dentro';
    const left = expiresAt - Date.now();
    this.#schedule(Math.max(left - MARGIN_MS, left / 2, 1_000));
    this.#onToken(answer.access_token);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.renew(), Math.max(0, ms));
  }

  #out(): void {
    this.#forget();
    this.expired.value = false;
    this.estado.value = 'fuera';
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#current = undefined;
    localStorage.removeItem(MARK);
  }

  async #post<T>(path: string, body: unknown): Promise<T> {
    let response: Response;
    try {
      response = await fetch(this.base + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify(body),
        cache: 'no-store',
        credentials: 'same-origin',
        signal: AbortSignal.timeout(REQUEST_MS),
      });
    } catch (cause) {
      throw noAnswer(cause);
    }
    if (!response.ok) throw await problemFrom(response);
    return (response.status === 204 ? {} : await response.json()) as T;
  }
}

/**
 * Does a renewal when no other tab is at one: they share the cookie, and of two who show it at
 * once the server takes one for a thief if it is slow to answer the other. A browser without
 * locks (or a page that came without https) renews at once, and so does who waited too long:
 * a tab that hangs keeps nobody out.
 */
async function inTurn<T>(renew: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
  if (!locks) return renew();
  let begun = false;
  try {
    return await locks.request(TURN, { signal: AbortSignal.timeout(TURN_MS) }, () => { begun = true; return renew(); });
  } catch (cause) {
    if (begun) throw cause;
    return renew();
  }
}
