import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Http, newKey, search } from '../src/net/http';
import { Problem, problemOf } from '../src/net/problem';
import { Session } from '../src/session';

// The part of a browser's storage that the session uses.
const stored = new Map<string, string>();
const storage = {
  getItem: (name: string) => stored.get(name) ?? null,
  setItem: (name: string, value: string) => { stored.set(name, value); },
  removeItem: (name: string) => { stored.delete(name); },
} as Storage;
Object.defineProperty(globalThis, 'localStorage', { value: storage, configurable: true });

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Answer = (seen: Seen, response: ServerResponse) => void;

/** A real server that answers as each test says. */
let answer: Answer;
let seen: Seen[];
let base: string;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
  request.on('end', () => {
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    seen.push(one);
    answer(one, response);
  });
});

beforeEach(async () => {
  seen = [];
  stored.clear();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => { server.close(resolve); });
});

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function refused(promise: Promise<unknown>): Promise<Problem> {
  try {
    await promise;
  } catch (cause) {
    return problemOf(cause);
  }
  throw new Error('it was not refused');
}

describe('http', () => {
  const http = (renew = async () => false, token = 'abc') => new Http({ token: () => token, renew }, base);

  test('orders carry version, key and token; reads the least position', async () => {
    answer = (_, response) => json(response, 200, { ok: true });
    await http().order('POST', '/tareas/1/inicio', {}, { ifMatch: 7, key: 'k1' });
    await http().read('/tareas', { q: 'á b', estado: ['programada', 'en_curso'], vacio: '' }, { minPosition: 42 });
    expect(seen[0]?.headers).toMatchObject({ 'if-match': '"7"', 'idempotency-key': 'k1', authorization: 'Bearer abc' });
    expect(seen[1]?.headers['x-gad-min-position']).toBe('42');
    expect(seen[1]?.url).toBe('/tareas?q=%C3%A1+b&estado=programada%2Cen_curso');
  });

  test('problems keep detail, fields and patience', async () => {
    answer = (_, response) => json(response, 422, {
      title: 'Datos inválidos', detail: 'Hay datos inválidos.', codigo: 'datos_invalidos', request_id: 'r9',
      campos: [{ campo: 'titulo', mensaje: 'Entre 5 y 200.' }, 'ruido', null],
    }, { 'Retry-After': '3' });
    const problem = await refused(http().order('POST', '/tareas', {}));
    expect(problem).toMatchObject({
      status: 422, codigo: 'datos_invalidos', message: 'Hay datos inválidos.', requestId: 'r9', retryAfter: 3,
      campos: [{ campo: 'titulo', mensaje: 'Entre 5 y 200.' }], transient: false,
    });
  });

  test('a proxy that speaks no JSON still gets a sentence', async () => {
    answer = (_, response) => { response.writeHead(502); response.end('<html>Bad gateway'); };
    const problem = await refused(http().read('/tareas'));
    expect(problem).toMatchObject({ status: 502, transient: true });
    expect(problem.message).toContain('no está disponible');
  });

  test('a read is asked again once when the server says when; an order without a key never', async () => {
    const behind = (response: ServerResponse, after: string) => json(response, 503, { codigo: 'lectura_atrasada', detail: 'Atrasada.' }, { 'Retry-After': after });
    answer = (_, response) => (seen.length === 1 ? behind(response, '1') : json(response, 200, { id: 1 }));
    expect(await http().read('/tareas', {}, { minPosition: 9 })).toEqual({ id: 1 });
    expect(seen.map((one) => one.headers['x-gad-min-position'])).toEqual(['9', '9']);

    answer = (_, response) => behind(response, '1');
    expect(await refused(http().read('/tareas'))).toMatchObject({ status: 503, codigo: 'lectura_atrasada' });
    expect(await refused(http().order('POST', '/tareas', {}))).toMatchObject({ status: 503 });
    answer = (_, response) => behind(response, '60');
    expect(await refused(http().read('/tareas'))).toMatchObject({ retryAfter: 60 });
    expect(seen).toHaveLength(6);
  });

  test('an order is sent once more by itself when the server is busy or silent, as the same order', async () => {
    const same = () => seen.map((one) => [one.headers['idempotency-key'], one.headers['if-match'], one.body]);
    const send = () => http().order('POST', '/tareas/1/inicio', { a: 1 }, { ifMatch: 7, key: 'k' });
    const busy = (response: ServerResponse) => json(response, 503, { codigo: 'ocupado', detail: 'Ocupado.' }, { 'Retry-After': '1' });
    const twice = [['k', '"7"', '{"a":1}'], ['k', '"7"', '{"a":1}']];

    answer = (_, response) => (seen.length === 1 ? busy(response) : json(response, 200, { id: 1 }));
    expect(await send()).toEqual({ id: 1 });
    expect(same()).toEqual(twice);

    // Nothing came back: whether it was done is told by the answer to the second.
    seen = [];
    answer = (_, response) => { if (seen.length === 1) response.destroy(); else json(response, 200, { id: 2 }); };
    expect(await send()).toEqual({ id: 2 });
    expect(same()).toEqual(twice);

    // Once, and then the person is told; what says to come back late is not waited for; a refusal stays one.
    for (const [problem, times] of [[busy, 2], [(r: ServerResponse) => { r.destroy(); }, 2],
      [(r: ServerResponse) => json(r, 503, {}, { 'Retry-After': '60' }), 1], [(r: ServerResponse) => json(r, 503, {}), 1],
      [(r: ServerResponse) => json(r, 409, { codigo: 'tarea_terminada' }), 1]] as const) {
      seen = [];
      answer = (_, response) => problem(response);
      await refused(send());
      expect(seen).toHaveLength(times);
    }
  });

  test('an order that is still under way is waited for, and its key kept', async () => {
    const underWay = (response: ServerResponse) => json(response, 409, { codigo: 'orden_en_curso', detail: 'Se está ejecutando.' });
    answer = (_, response) => {
      if (seen.length === 1) response.destroy();
      else if (seen.length < 4) underWay(response);
      else json(response, 200, { id: 3 });
    };
    expect(await http().order('POST', '/tareas', {}, { key: 'k' })).toEqual({ id: 3 });
    expect(seen.map((one) => one.headers['idempotency-key'])).toEqual(['k', 'k', 'k', 'k']);
    // Given up, it may still have been done: only the same key may be sent again.
    expect(new Problem({ status: 409, codigo: 'orden_en_curso', detail: '' }).transient).toBe(true);
    expect(new Problem({ status: 409, codigo: 'tarea_terminada', detail: '' }).transient).toBe(false);
  });

  test('no server at all is a problem of its own, safe to repeat', async () => {
    const gone = new Http({ token: () => undefined, renew: async () => false }, 'http://127.0.0.1:1');
    expect(await refused(gone.read('/tareas'))).toMatchObject({ status: 0, codigo: 'sin_conexion', transient: true });
  });

  test('an expired token is renewed once and the same order sent again', async () => {
    let token = 'old';
    answer = (one, response) => (one.headers.authorization === 'Bearer new'
      ? json(response, 200, { id: 1 }) : json(response, 401, { codigo: 'vencido', detail: 'Venció.' }));
    const renewing = new Http({ token: () => token, renew: async () => { token = 'new'; return true; } }, base);
    await renewing.order('POST', '/tareas', { a: 1 }, { key: 'k' });
    expect(seen.map((one) => [one.headers.authorization, one.headers['idempotency-key'], one.body])).toEqual([
      ['Bearer old', 'k', '{"a":1}'], ['Bearer new', 'k', '{"a":1}'],
    ]);
  });

  test('unreadable good news is bad news', async () => {
    answer = (_, response) => { response.writeHead(200); response.end('{"id":'); };
    expect((await refused(http().read('/tareas'))).codigo).toBe('respuesta_ilegible');
  });

  test('keys fit what the server takes, and differ', () => {
    const keys = new Set(Array.from({ length: 100 }, newKey));
    expect(keys.size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(search({})).toBe('');
  });
});

describe('session', () => {
  const login = { access_token: 'a.eyJzdWIiOiJ1LTEifQ.c', token_type: 'Bearer', expires_in: 600 };

  test('logs in, is taken up again after a reload, and forgets at logout', async () => {
    answer = (one, response) => json(response, 200, one.url === '/logout' ? {} : login);
    const session = new Session(base);
    await session.login('ana@example.org', 'clave-larga');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ email: 'ana@example.org', password: 'clave-larga', cookie: true });
    expect([session.estado.value, session.token(), session.me()]).toEqual(['dentro', login.access_token, 'u-1']);
    // Nothing that a script could steal is kept: neither tokens nor names.
    expect([...stored.entries()]).toEqual([['gad.ingreso', 'si']]);

    const reloaded = new Session(base);
    const restoring = reloaded.restore();
    expect(reloaded.estado.value).toBe('volviendo');
    await restoring;
    expect([seen[1]?.url, seen[1]?.body, reloaded.token()]).toEqual(['/refresh', '{}', login.access_token]);
    reloaded.logout();
    expect([reloaded.token(), reloaded.estado.value, stored.size]).toEqual([undefined, 'fuera', 0]);
    session.logout();
  });

  test('nobody who never came in asks to be let in again', async () => {
    const session = new Session(base);
    await session.restore();
    expect([session.estado.value, seen.length]).toEqual(['fuera', 0]);
  });

  test('a wrong password says what the server says; a second factor goes along when asked', async () => {
    answer = (one, response) => (one.body.includes('totp') ? json(response, 200, login)
      : json(response, 401, { codigo: 'segundo_factor_requerido', detail: 'Falta el código de verificación.' }));
    const session = new Session(base);
    const problem = await refused(session.login('a@b.c', 'x'));
    expect([problem.codigo, problem.message, session.estado.value]).toEqual(['segundo_factor_requerido', 'Falta el código de verificación.', 'fuera']);
    await session.login('a@b.c', 'x', '123456');
    expect([JSON.parse(seen[1]?.body ?? '').totp, session.estado.value]).toEqual(['123456', 'dentro']);
    session.logout();
  });

  test('who has yet to set up the second factor gets no further than that', async () => {
    let pending = true;
    answer = (_, response) => json(response, 200, { ...login, ...(pending ? { segundo_factor_pendiente: true } : {}) });
    const session = new Session(base);
    await session.login('a@b.c', 'x');
    expect(session.estado.value).toBe('pendiente');
    pending = false;
    await session.renew();
    expect(session.estado.value).toBe('dentro');
    session.logout();
  });

  test('renews once for all who ask', async () => {
    let generation = 0;
    answer = (_, response) => json(response, 200, { ...login, access_token: `t${++generation}` });
    const session = new Session(base);
    const tokens: string[] = [];
    session.onToken((token) => tokens.push(token));
    await session.login('a@b.c', 'x');
    const all = await Promise.all([session.fresh(true), session.fresh(true), session.renew()]);
    expect(all).toEqual(['t2', 't2', true]);
    expect(seen).toHaveLength(2);
    expect(tokens).toEqual(['t1', 't2']);
    session.logout();
  });

  test('a server in trouble does not end the session; a refusal does, and the page keeps its data', async () => {
    let status = 200;
    answer = (_, response) => json(response, status, status === 200 ? login : { detail: '' });
    const session = new Session(base);
    await session.login('a@b.c', 'x');
    status = 503;
    expect(await session.renew()).toBe(true);
    expect(session.expired.value).toBe(false);
    status = 401;
    await expect(session.fresh(true)).rejects.toThrow();
    expect([session.expired.value, session.estado.value, session.email, stored.size]).toEqual([true, 'dentro', 'a@b.c', 0]);
  });

  test('a reload after the session is over leads to the door', async () => {
    stored.set('gad.ingreso', 'si');
    answer = (_, response) => json(response, 401, { codigo: 'sesion_terminada', detail: '' });
    const session = new Session(base);
    await session.restore();
    expect([session.estado.value, stored.size]).toEqual(['fuera', 0]);
  });

  /** The locks of a browser: one after the other, and who is told to stop waiting does. */
  function locks(): LockManager {
    let last: Promise<unknown> = Promise.resolve();
    const request = <T>(_: string, { signal }: LockOptions, work: () => Promise<T>): Promise<T> => {
      const before = last;
      const mine = new Promise<T>((resolve, reject) => {
        const stop = () => { reject(signal?.reason as Error); };
        signal?.addEventListener('abort', stop);
        void before.then(() => {
          signal?.removeEventListener('abort', stop);
          if (!signal?.aborted) work().then(resolve, reject);
        });
      });
      last = mine.catch(() => undefined);
      return mine;
    };
    return { request } as unknown as LockManager;
  }

  describe('of two tabs', () => {
    afterEach(() => { vi.unstubAllGlobals(); });

    /** Two tabs that are in, and a server that tells how many it renews at once. */
    async function tabs(): Promise<{ two: [Session, Session]; most: () => number }> {
      let now = 0;
      let most = 0;
      answer = (one, response) => {
        if (one.url !== '/refresh') return json(response, 200, login);
        most = Math.max(most, ++now);
        setTimeout(() => { now--; json(response, 200, { ...login, access_token: `t${seen.length}` }); }, 50);
      };
      const two: [Session, Session] = [new Session(base), new Session(base)];
      for (const tab of two) await tab.login('a@b.c', 'x');
      return { two, most: () => most };
    }

    test('one renews at a time, and one that is refused leaves its turn', async () => {
      vi.stubGlobal('navigator', { locks: locks() });
      const { two: [one, other], most } = await tabs();
      expect(await Promise.all([one.renew(), other.renew(), new Session(base).restore()])).toEqual([true, true, undefined]);
      expect([most(), seen.filter((s) => s.url === '/refresh').length]).toEqual([1, 3]);
      answer = (_, response) => json(response, 401, { detail: '' });
      expect(await Promise.all([one.renew(), other.renew()])).toEqual([false, false]);
    });

    test('who left while he waited for his turn asks for nothing', async () => {
      vi.stubGlobal('navigator', { locks: locks() });
      const { two: [one, other] } = await tabs();
      const first = one.renew();
      const second = other.renew();
      other.logout();
      expect(await Promise.all([first, second])).toEqual([true, false]);
      expect([other.estado.value, other.token(), seen.filter((s) => s.url === '/refresh').length]).toEqual(['fuera', undefined, 1]);
      one.logout();
    });

    test('both renew where there are no locks, and where the other one hangs', async () => {
      for (const navigator of [undefined, {}, { locks: { request: () => Promise.reject(new DOMException('', 'TimeoutError')) } }]) {
        vi.stubGlobal('navigator', navigator);
        const { two: [one, other] } = await tabs();
        expect(await Promise.all([one.renew(), other.renew()])).toEqual([true, true]);
        one.logout();
        other.logout();
      }
    });
  });
});
