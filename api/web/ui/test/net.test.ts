import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Http, newKey, search } from '../src/net/http';
import type { Problem } from '../src/net/problem';
import { problemOf } from '../src/net/problem';
import { Session } from '../src/session';

// The part of a browser's storage that the session uses.
const stored = new Map<string, string>();
globalThis.sessionStorage ??= {
  getItem: (name: string) => stored.get(name) ?? null,
  setItem: (name: string, value: string) => { stored.set(name, value); },
  removeItem: (name: string) => { stored.delete(name); },
} as Storage;

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

  test('logs in, survives a reload of the tab, and forgets at logout', async () => {
    answer = (one, response) => (one.url === '/login' ? json(response, 200, login) : json(response, 200, {}));
    const session = new Session(base);
    await session.login('ana@example.org', 'clave-larga');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ email: 'ana@example.org', password: 'clave-larga' });
    expect([session.email.value, session.token(), session.me()]).toEqual(['ana@example.org', login.access_token, 'u-1']);
    expect([...stored.values()].join()).not.toContain('clave-larga');

    const reloaded = new Session(base);
    reloaded.restore();
    expect(reloaded.token()).toBe(login.access_token);
    reloaded.logout();
    expect([reloaded.token(), reloaded.email.value, stored.size]).toEqual([undefined, undefined, 0]);
    session.logout();
  });

  test('a wrong password says what the server says', async () => {
    answer = (_, response) => json(response, 401, { codigo: 'credenciales', detail: 'Correo o contraseña incorrectos.' });
    const session = new Session(base);
    expect((await refused(session.login('a@b.c', 'x'))).message).toBe('Correo o contraseña incorrectos.');
    expect(session.email.value).toBeUndefined();
  });

  test('renews with the refresh token, once for all who ask', async () => {
    let generation = 1;
    answer = (one, response) => json(response, 200, {
      ...login, access_token: one.url === '/login' ? 't1' : `t${++generation}`, refresh_token: `r${generation}`,
    });
    const session = new Session(base);
    const tokens: string[] = [];
    session.onToken((token) => tokens.push(token));
    await session.login('a@b.c', 'x');
    const all = await Promise.all([session.fresh(true), session.fresh(true), session.renew()]);
    expect(all).toEqual(['t2', 't2', true]);
    expect(JSON.parse(seen[1]?.body ?? '')).toEqual({ refresh_token: 'r1' });
    expect(seen).toHaveLength(2);
    expect(tokens).toEqual(['t1', 't2']);
    session.logout();
  });

  test('without one it expires, and the page keeps its data', async () => {
    answer = (_, response) => json(response, 200, login);
    const session = new Session(base);
    await session.login('a@b.c', 'x');
    await expect(session.fresh(true)).rejects.toThrow();
    expect([session.expired.value, session.email.value, stored.size]).toEqual([true, 'a@b.c', 0]);
  });

  test('a server in trouble does not end the session; a refusal does', async () => {
    let status = 200;
    answer = (_, response) => json(response, status, status === 200 ? { ...login, refresh_token: 'r' } : { detail: '' });
    const session = new Session(base);
    await session.login('a@b.c', 'x');
    status = 503;
    expect(await session.renew()).toBe(true);
    expect(session.expired.value).toBe(false);
    status = 401;
    expect(await session.renew()).toBe(false);
    expect(session.expired.value).toBe(true);
  });

  test('a stored session that is nonsense or over is not taken up', () => {
    for (const text of ['{', JSON.stringify({ email: 'a', accessToken: 'b', expiresAt: 1 })]) {
      stored.set('gad.sesion', text);
      const session = new Session(base);
      session.restore();
      expect(session.email.value).toBeUndefined();
    }
  });
});
