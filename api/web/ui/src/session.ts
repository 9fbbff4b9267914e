import { signal } from '@preact/signals';
import { noAnswer, Problem, problemFrom } from './net/problem';

/** What the server gave at login; times in ms of this machine's clock. */
interface Sesion {
  email: string;
  accessToken: string;
  refreshToken?: string | undefined;
  expiresAt: number;
}

interface LoginAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token?: string;
}

/** Of this tab only: closing it ends the session, a reload does not. */
const STORAGE_KEY = 'gad.sesion';

/** Renewed this long before its end, so that no request meets an expired token. */
const MARGIN_MS = 60_000;

/**
 * Who is logged in. Tokens live in memory and in the tab's sessionStorage, never
 * in localStorage, never in an address. Without a refresh token the session ends
 * with its access token and the page asks for the password over what it shows.
 */
export class Session {
  /** The person's e-mail, or undefined before login. */
  readonly email = signal<string | undefined>(undefined);
  /** The token ended but the page's data is still on screen. */
  readonly expired = signal(false);

  #current: Sesion | undefined;
  #renewing: Promise<boolean> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onToken: (token: string) => void = () => {};

  constructor(private readonly base = '/api/v1/auth') {}

  /** Calls back with every newer token, for the open socket. */
  onToken(callback: (token: string) => void): void {
    this.#onToken = callback;
  }

  /** Takes up the session of this tab after a reload. */
  restore(): void {
    const text = sessionStorage.getItem(STORAGE_KEY);
    if (!text) return;
    try {
      const sesion = JSON.parse(text) as Sesion;
      if (sesion.expiresAt > Date.now() || sesion.refreshToken) this.#keep(sesion);
    } catch {
      sessionStorage.removeItem(STORAGE_KEY);
    }
  }

  async login(email: string, password: string): Promise<void> {
    const answer = await this.#post<LoginAnswer>('/login', { email, password });
    this.#take(email, answer);
  }

  logout(): void {
    const token = this.#current?.accessToken;
    const refresh = this.#current?.refreshToken;
    this.#forget();
    this.expired.value = false;
    this.email.value = undefined;
    // The tab has forgotten the tokens already; the server is told if it hears.
    if (token) {
      void fetch(`${this.base}/logout`, {
        method: 'POST',
        keepalive: true,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(refresh ? { refresh_token: refresh } : {}),
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

  /** One renewal at a time: a refresh token works once. */
  renew(): Promise<boolean> {
    this.#renewing ??= this.#renew().finally(() => { this.#renewing = undefined; });
    return this.#renewing;
  }

  async #renew(): Promise<boolean> {
    const current = this.#current;
    if (!current?.refreshToken) {
      this.#expire();
      return false;
    }
    try {
      const answer = await this.#post<LoginAnswer>('/refresh', { refresh_token: current.refreshToken });
      this.#take(current.email, answer);
      return true;
    } catch (cause) {
      if (cause instanceof Problem && cause.transient) {
        // Not a refusal: the old token may still be good; try again soon.
        this.#schedule(5_000);
        return current.expiresAt > Date.now();
      }
      this.#expire();
      return false;
    }
  }

  #take(email: string, answer: LoginAnswer): void {
    this.#keep({
      email,
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? undefined,
      expiresAt: Date.now() + answer.expires_in * 1000,
    });
    this.#onToken(answer.access_token);
  }

  #keep(sesion: Sesion): void {
    this.#current = sesion;
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(sesion));
    this.expired.value = false;
    this.email.value = sesion.email;
    const left = sesion.expiresAt - Date.now();
    // With nothing to renew by, the timer only shows the end when it comes.
    this.#schedule(sesion.refreshToken ? Math.max(left - MARGIN_MS, left / 2, 1_000) : left);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.renew(), Math.max(0, ms));
  }

  #expire(): void {
    if (!this.#current) return;
    this.#forget();
    this.expired.value = true;
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#current = undefined;
    sessionStorage.removeItem(STORAGE_KEY);
  }

  async #post<T>(path: string, body: unknown): Promise<T> {
    let response: Response;
    try {
      response = await fetch(this.base + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify(body),
        cache: 'no-store',
        signal: AbortSignal.timeout(15_000),
      });
    } catch (cause) {
      throw noAnswer(cause);
    }
    if (!response.ok) throw await problemFrom(response);
    return await response.json() as T;
  }
}
