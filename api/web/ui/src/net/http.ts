import { EN_CURSO, noAnswer, Problem, problemFrom } from './problem';
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

/** Who is asked to come again later does so by himself, once, when that is within this. */
const AGAIN_S = 3;

/** A line that failed is tried again after this; an order that is still under way is asked for this often, so many times. */
const MOMENT_S = 1;
const MOMENTS = 10;

/** Files take as long as the line is slow. */
const FILE_MS = 300_000;

/**
 * The REST face. Every failure is a `Problem`. A read is repeated once by itself, when
 * the server is behind what the page has ordered. So is an order that carries a key, when
 * the server is busy or nothing came back: with its key, so that it is the same order.
 * The caller keeps the key, and a person's own second try is that order too.
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
    return await again(() => this.#send<T>(path + search(query), { method: 'GET', headers }, options.signal), busyFor, options.signal);
  }

  order<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: unknown, options: OrderOptions = {}): Promise<T> {
    const headers: Record<string, string> = { 'Content-Type': 'application/json' };
    if (options.ifMatch !== undefined) headers['If-Match'] = `"${options.ifMatch}"`;
    const send = () => this.#send<T>(path, { method, headers, body: JSON.stringify(body) });
    // Without a key nobody knows whether the first one was done.
    if (!options.key) return send();
    headers['Idempotency-Key'] = options.key;
    return again(send, sameOrder);
  }

  /** Sends a whole file, telling how far it is. */
  upload<T>(path: string, file: File, options: UploadOptions): Promise<T> {
    return again(() => upload<T>(this.#bearer, this.#base + path, file, options), sameOrder, options.signal);
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

/** Seconds to wait before the same is sent again, if it may be, after so many tries. */
type Patience = (problem: Problem, tries: number) => number | undefined;

function busyFor({ status, retryAfter }: Problem, tries: number): number | undefined {
  return tries === 1 && status === 503 && retryAfter !== undefined && retryAfter <= AGAIN_S ? retryAfter : undefined;
}

/** The first may have arrived and be under way: it is waited for, its answer is the same. */
function sameOrder(problem: Problem, tries: number): number | undefined {
  if (problem.codigo === EN_CURSO) return tries <= MOMENTS ? MOMENT_S : undefined;
  return tries === 1 && problem.status === 0 ? MOMENT_S : busyFor(problem, tries);
}

async function again<T>(send: () => Promise<T>, patience: Patience, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (cause) {
      const wait = cause instanceof Problem && !signal?.aborted ? patience(cause, tries) : undefined;
      if (wait === undefined) throw cause;
      await new Promise((over) => { setTimeout(over, wait * 1000); });
      signal?.throwIfAborted();
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
