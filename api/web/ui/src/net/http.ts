import { noAnswer, Problem, problemFrom } from './problem';
import type { UploadOptions } from './upload';
import { upload } from './upload';

/** What an order may carry besides its body. */
export interface OrderOptions {
  /** Version that the person was looking at; the server refuses if it moved on. */
  ifMatch?: number | undefined;
  /** The same key for every attempt at one intention. */
  key?: string | undefined;
}

export interface ReadOptions {
  /** The answer must include the log up to here. */
  minPosition?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Who is asking; kept by the session. */
export interface Bearer {
  token(): string | undefined;
  /** Tries to obtain a new token after a 401; false when the person must log in. */
  renew(): Promise<boolean>;
}

/** A socket read past this would be slower than asking again. */
const TIMEOUT_MS = 12_000;

/** A read that is asked to come again later does so once, when that is within this. */
const AGAIN_S = 3;

/** Files take as long as the line is slow. */
const FILE_MS = 300_000;

/**
 * The REST face. Every failure is a `Problem`. An order is never repeated by
 * itself: the caller keeps its key, so a person's second try is the same order.
 * A read is, once, when the server is behind what the page has ordered.
 */
export class Http {
  readonly #bearer: Bearer;
  readonly #base: string;

  constructor(bearer: Bearer, base = '/api/v1') {
    this.#bearer = bearer;
    this.#base = base;
  }

  async read<T>(path: string, query: Record<string, unknown> = {}, options: ReadOptions = {}): Promise<T> {
    const headers: Record<string, string> = {};
    if (options.minPosition) headers['X-Gad-Min-Position'] = String(options.minPosition);
    const ask = () => this.#send<T>(path + search(query), { method: 'GET', headers }, options.signal);
    try {
      return await ask();
    } catch (cause) {
      const after = cause instanceof Problem && cause.status === 503 ? cause.retryAfter : undefined;
      if (after === undefined || after > AGAIN_S) throw cause;
      await new Promise((again) => { setTimeout(again, after * 1000); });
      options.signal?.throwIfAborted();
      return await ask();
    }
  }

  order<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: unknown, options: OrderOptions = {}): Promise<T> {
    const headers: Record<string, string> = { 'Content-Type': 'application/json' };
    if (options.ifMatch !== undefined) headers['If-Match'] = `"${options.ifMatch}"`;
    if (options.key) headers['Idempotency-Key'] = options.key;
    return this.#send<T>(path, { method, headers, body: JSON.stringify(body) });
  }

  /** Sends a whole file, telling how far it is. */
  upload<T>(path: string, file: File, options: UploadOptions): Promise<T> {
    return upload<T>(this.#bearer, this.#base + path, file, options);
  }

  /** Reads a whole file, however long it takes. */
  async file(path: string, query: Record<string, unknown> = {}): Promise<Blob> {
    return (await this.#asked(path + search(query), { method: 'GET', headers: { Accept: '*/*' } }, FILE_MS)).blob();
  }

  async #send<T>(path: string, init: RequestInit & { headers: Record<string, string> }, signal?: AbortSignal): Promise<T> {
    const response = await this.#asked(path, init, TIMEOUT_MS, signal);
    if (response.status === 204) return {} as T;
    return await response.json().catch(() => {
      throw new Problem({ status: response.status, codigo: 'respuesta_ilegible', detail: 'El servidor contestó algo ilegible.' });
    }) as T;
  }

  /** Once more with a new token when the old one is over; every other failure is thrown. */
  async #asked(path: string, init: RequestInit & { headers: Record<string, string> }, ms: number, signal?: AbortSignal): Promise<Response> {
    let response = await this.#once(path, init, ms, signal);
    if (response.status === 401 && await this.#bearer.renew()) {
      response = await this.#once(path, init, ms, signal);
    }
    if (!response.ok) throw await problemFrom(response);
    return response;
  }

  async #once(path: string, init: RequestInit & { headers: Record<string, string> }, ms: number, signal?: AbortSignal): Promise<Response> {
    const token = this.#bearer.token();
    const timeout = AbortSignal.timeout(ms);
    try {
      return await fetch(this.#base + path, {
        ...init,
        headers: { Accept: 'application/json', ...init.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
        cache: 'no-store',
        credentials: 'same-origin',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw noAnswer(cause);
    }
  }
}

/** Leaves out what is empty; repeats a name per value of a list. */
export function search(query: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    params.append(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

/**
 * A random key for one intention. `crypto.randomUUID` exists only on https and
 * localhost; an operations room may well serve plain http on its own network.
 */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
