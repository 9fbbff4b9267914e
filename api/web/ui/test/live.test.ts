import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AlertFrame, LiveOptions, LiveState, PositionsFrame, WelcomeFrame } from '../src/live';
import { LiveClient } from '../src/live';
import { LiveServer } from './live-server';

let server: LiveServer;
let client: Recorder;

beforeEach(async () => { server = await LiveServer.start(); });
afterEach(() => {
  client.live.stop();
  server.stop();
});

/** A client whose every word is kept, and can be waited for. */
class Recorder {
  readonly states: LiveState[] = [];
  readonly welcomes: WelcomeFrame[] = [];
  readonly events: number[] = [];
  readonly positions: PositionsFrame[] = [];
  readonly alerts: AlertFrame[] = [];
  readonly holes: [number, number][] = [];
  readonly times: (string | undefined)[] = [];
  readonly tokens: boolean[] = [];
  readonly stale: boolean[] = [];
  readonly live: LiveClient;
  #waiting: (() => void)[] = [];

  constructor(options: Partial<LiveOptions> = {}) {
    const keep = <T>(list: T[]) => (value: T) => { list.push(value); this.#wake(); };
    this.live = new LiveClient({
      url: server.url,
      token: async (renew) => { this.tokens.push(renew); return `token-${this.tokens.length}`; },
      topics: ['tareas', 'efectivos'],
      backoff: { first: 1, most: 20 },
      ...options,
      on: {
        state: keep(this.states),
        welcome: keep(this.welcomes),
        event: (frame) => keep(this.events)(frame.position),
        positions: keep(this.positions),
        alert: keep(this.alerts),
        heard: keep(this.times),
        stale: keep(this.stale),
        hole: (expected, got) => keep(this.holes)([expected, got]),
      },
    });
    this.live.start();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
  }
}

test('says hello with the token in the frame, and nothing of it in the address', async () => {
  client = new Recorder();
  const connection = await server.connection(0);
  const hello = await connection.hello();
  expect(hello).toEqual({ type: 'hello', token: 'token-1', topics: ['tareas', 'efectivos'] });
  expect(connection.peer.protocol).toBe('gad.v1.json');
  expect(connection.peer.url ?? '').not.toContain('token');
});

test('delivers facts in order and tells the position reached', async () => {
  client = new Recorder();
  const connection = await server.connection(0);
  await connection.welcome();
  server.happen(5);
  for (let position = 1; position <= 5; position++) connection.event(position);
  await client.until(() => client.events.length === 5);
  expect(client.events).toEqual([1, 2, 3, 4, 5]);
  expect(client.live.position).toBe(5);
  expect(client.welcomes.map((w) => w.resumed)).toEqual(['snapshot']);
});

test('resumes by epoch and position after a broken line, each fact once', async () => {
  client = new Recorder();
  const first = await server.connection(0);
  await first.welcome();
  server.happen(3);
  for (const position of [1, 2, 3]) first.event(position);
  await client.until(() => client.events.length === 3);
  server.happen(4);
  first.peer.terminate();

  const second = await server.connection(1);
  const hello = await second.welcome();
  expect(hello).toMatchObject({ epoch: 'e1', position: 3, token: 'token-2' });
  await client.until(() => client.events.length === 7);
  expect(client.events).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(client.welcomes.map((w) => w.resumed)).toEqual(['snapshot', 'log']);
});

test('notices a missing fact and fetches it again', async () => {
  client = new Recorder();
  const first = await server.connection(0);
  await first.welcome();
  server.happen(4);
  first.event(1);
  first.skipTo(3);
  first.event(4);
  const second = await server.connection(1);
  expect(await second.welcome()).toMatchObject({ position: 1 });
  await client.until(() => client.events.length === 4);
  expect(client.holes).toEqual([[1, 3]]);
  expect(client.events).toEqual([1, 2, 3, 4]);
});

test('takes a new snapshot when the same hole shows twice', async () => {
  client = new Recorder();
  server.happen(1);
  const first = await server.connection(0);
  await first.welcome();
  server.happen(3);
  first.skipTo(3);
  first.event(4);
  const second = await server.connection(1);
  await second.hello();
  second.send({ type: 'welcome', session: 's', epoch: 'e1', position: 1, resumed: 'log', heartbeat_s: 25 });
  second.skipTo(3);
  second.event(4);
  const third = await server.connection(2);
  const hello = await third.welcome();
  expect(hello.position).toBeUndefined();
  await client.until(() => client.welcomes.length === 3);
  expect(client.welcomes[2]?.resumed).toBe('snapshot');
  expect(client.events).toEqual([]);
});

test('does not deliver twice what a resume repeats', async () => {
  client = new Recorder();
  const connection = await server.connection(0);
  await connection.welcome();
  server.happen(3);
  connection.event(1);
  connection.event(2);
  connection.skipTo(1);
  connection.event(2);
  connection.event(3);
  await client.until(() => client.events.includes(3));
  expect(client.events).toEqual([1, 2, 3]);
  expect(server.connections).toBe(1);
});

test('starts over after resync, and when the server has another epoch', async () => {
  client = new Recorder();
  const first = await server.connection(0);
  await first.welcome();
  server.happen(2);
  first.event(1);
  await client.until(() => client.events.length === 1);
  server.epoch = 'e2';
  first.send({ type: 'resync', reason: 'restored' });
  const second = await server.connection(1);
  const hello = await second.welcome();
  expect(hello.epoch).toBeUndefined();
  expect(hello.position).toBeUndefined();
  await client.until(() => client.welcomes.length === 2);
  expect(client.welcomes[1]).toMatchObject({ resumed: 'snapshot', epoch: 'e2', position: 2 });
});

test('an interrupted snapshot is taken again, not resumed', async () => {
  client = new Recorder();
  const first = await server.connection(0);
  await first.hello();
  first.send({ type: 'welcome', session: 's', epoch: 'e1', position: 9, resumed: 'snapshot', heartbeat_s: 25 });
  first.send({ type: 'snapshot', position: 9, items: [], page: 1, last: false });
  await client.until(() => client.welcomes.length === 1);
  first.peer.terminate();
  const hello = await (await server.connection(1)).hello();
  expect(hello.position).toBeUndefined();
});

test('asks for a new token when the old one is refused, and stops without one', async () => {
  let over = false;
  client = new Recorder({
    token: async (renew) => {
      if (over) throw new Error('session over');
      over = renew;
      return renew ? 'renewed' : 'old';
    },
  });
  (await server.connection(0)).peer.close(4001, 'expired');
  const second = await server.connection(1);
  expect((await second.hello()).token).toBe('renewed');
  second.peer.close(4001, 'expired');
  await client.until(() => client.states.at(-1)?.name === 'stopped');
  expect(client.states.at(-1)).toEqual({ name: 'stopped', reason: 'auth' });
});

test('hands a newer token over on the open connection', async () => {
  client = new Recorder();
  const connection = await server.connection(0);
  await connection.welcome();
  await client.until(() => client.welcomes.length === 1);
  client.live.refresh('newer');
  expect(await connection.frame('refresh')).toEqual({ type: 'refresh', token: 'newer' });
});

test('answers pings, and passes on the time and the positions they came with', async () => {
  client = new Recorder();
  const connection = await server.connection(0);
  await connection.welcome();
  connection.send({ type: 'ping', position: 0, time: '2026-11-24T03:00:00Z' });
  await connection.frame('pong');
  connection.send({ type: 'ping', position: 0, time: '2026-11-24T03:00:00Z', stale: true });
  connection.send({ type: 'positions', position: 0, time: '2026-11-24T03:00:01Z', items: [{ efectivo: 'a', lat: -34.6, lon: -58.4, en: '2026-11-24T03:00:01Z' }] });
  await client.until(() => client.positions.length === 1);
  expect(client.stale).toEqual([false, true]);
  expect(client.times).toContain('2026-11-24T03:00:00Z');
  expect(client.times).toContain('2026-11-24T03:00:01Z');
});

test('shows alerts and acknowledges them', async () => {
  client = new Recorder();
  const connection = await server.connection(0);
  await connection.welcome();
  connection.send({ type: 'alert', id: 'a1', kind: 'sos', priority: 5, position: 7, en: '2026-11-24T03:00:00Z', text: 'SOS' });
  await client.until(() => client.alerts.length === 1);
  client.live.ack(7);
  expect(await connection.frame('ack')).toEqual({ type: 'ack', position: 7 });
});

test('repeats the view on every connection', async () => {
  client = new Recorder();
  const first = await server.connection(0);
  await first.welcome();
  await client.until(() => client.welcomes.length === 1);
  client.live.view({ bbox: [-59, -35, -58, -34], zoom: 12 });
  expect(await first.frame('view')).toMatchObject({ zoom: 12 });
  first.peer.terminate();
  expect((await (await server.connection(1)).hello()).view).toEqual({ bbox: [-59, -35, -58, -34], zoom: 12 });
});

test('waits as long as a restarting server says', async () => {
  client = new Recorder();
  const first = await server.connection(0);
  await first.welcome();
  await client.until(() => client.welcomes.length === 1);
  const before = Date.now();
  first.peer.close(1012, '{"reconnect_ms":40}');
  await client.until(() => client.states.at(-1)?.name === 'waiting');
  const waiting = client.states.at(-1) as { retryAt: number; reason: string };
  expect(waiting.reason).toBe('restart');
  expect(waiting.retryAt - before).toBeGreaterThanOrEqual(40);
  await server.connection(1);
});

test('backs off with jitter, and a poke tries at once', async () => {
  client = new Recorder({ backoff: { first: 60_000, most: 600_000 }, random: () => 0.5 });
  const first = await server.connection(0);
  const before = Date.now();
  first.peer.terminate();
  await client.until(() => client.states.at(-1)?.name === 'waiting');
  const waiting = client.states.at(-1) as { retryAt: number };
  expect(waiting.retryAt - before).toBeGreaterThanOrEqual(45_000);
  expect(waiting.retryAt - Date.now()).toBeLessThanOrEqual(45_000);
  client.live.poke();
  await (await server.connection(1)).welcome();
  await client.until(() => client.states.at(-1)?.name === 'live');
});

test('leaves a server that never welcomes', async () => {
  client = new Recorder({ patience: 20 });
  // How much of a connection came about in so short a time is chance: it may not even have said hello.
  await client.until(() => client.states.some((state) => state.name === 'waiting' && state.reason === 'silence'));
  await client.until(() => client.states.at(-1)?.name === 'connecting');
  expect(client.welcomes).toEqual([]);
});

test('ignores words it does not know and text that is no frame', async () => {
  client = new Recorder();
  const connection = await server.connection(0);
  await connection.welcome();
  connection.send({ type: 'novedad', position: 1 });
  connection.peer.send('no es json');
  connection.peer.send(JSON.stringify([1, 2]));
  connection.peer.send(JSON.stringify(null));
  server.happen(1);
  connection.event(1);
  await client.until(() => client.events.length === 1);
  expect(client.states.map((state) => state.name)).toEqual(['connecting', 'live']);
});

test('says nothing more once stopped', async () => {
  client = new Recorder();
  const connection = await server.connection(0);
  await connection.welcome();
  await client.until(() => client.welcomes.length === 1);
  client.live.stop();
  expect(client.states.at(-1)).toEqual({ name: 'stopped', reason: 'closed' });
  const closed = await new Promise<number>((resolve) => { connection.peer.on('close', resolve); });
  expect(closed).toBe(1000);
  expect(server.connections).toBe(1);
});
