import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { WebSocket as Peer } from 'ws';
import { WebSocket, WebSocketServer } from 'ws';
import type { EventFrame } from '../src/live';

// Node 20 has no WebSocket of its own; ws speaks the browser's interface.
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;

export interface Hello {
  type: 'hello';
  token: string;
  epoch?: string;
  position?: number;
  topics: string[];
  view?: unknown;
}

/** One client's connection, seen from the server. */
export class Connection {
  readonly received: Record<string, unknown>[] = [];
  #prev = 0;
  #waiting: (() => void)[] = [];

  constructor(readonly peer: Peer, readonly server: LiveServer) {
    peer.on('message', (data) => {
      this.received.push(JSON.parse(String(data)) as Record<string, unknown>);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** The next frame of that type, or the one that came already. */
  async frame(type: string, nth = 0): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.received.filter((frame) => frame['type'] === type)[nth];
      if (found) return found;
      await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
    }
  }

  hello(): Promise<Hello> {
    return this.frame('hello') as unknown as Promise<Hello>;
  }

  send(frame: object): void {
    this.peer.send(JSON.stringify(frame));
  }

  /** Welcomes as the protocol says: resuming by position where there is one. */
  async welcome(heartbeat = 25): Promise<Hello> {
    const hello = await this.hello();
    const { log, epoch } = this.server;
    const resumes = hello.epoch === epoch && hello.position !== undefined;
    this.#prev = resumes ? hello.position as number : log.length;
    this.send({
      type: 'welcome', session: 's', epoch, position: this.#prev, heartbeat_s: heartbeat,
      resumed: resumes ? 'log' : 'snapshot', time: new Date().toISOString(),
    });
    if (resumes) for (const fact of log.slice(this.#prev)) this.event(fact.position);
    else this.send({ type: 'snapshot', position: this.#prev, items: [], page: 1, last: true });
    return hello;
  }

  /** Sends one fact of the log, chained to what this session got before. */
  event(position: number): void {
    const fact = this.server.log[position - 1];
    if (!fact) throw new Error(`no fact at ${position}`);
    this.send({ ...fact, prev: this.#prev });
    this.#prev = position;
  }

  /** Pretends to have sent up to there: a fact lost on the way. */
  skipTo(position: number): void {
    this.#prev = position;
  }
}

/** A server of the live protocol on a free port, with a log to resume from. */
export class LiveServer {
  epoch = 'e1';
  readonly log: EventFrame[] = [];
  readonly #connections: Connection[] = [];
  #waiting: (() => void)[] = [];
  #server!: WebSocketServer;

  static async start(): Promise<LiveServer> {
    const live = new LiveServer();
    live.#server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: (offered) => (offered.has('gad.v1.json') ? 'gad.v1.json' : false) });
    live.#server.on('connection', (peer) => {
      live.#connections.push(new Connection(peer, live));
      for (const wake of live.#waiting.splice(0)) wake();
    });
    await once(live.#server, 'listening');
    return live;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ws`;
  }

  get connections(): number {
    return this.#connections.length;
  }

  /** The nth connection ever made, waiting for it if need be. */
  async connection(nth: number): Promise<Connection> {
    for (;;) {
      const found = this.#connections[nth];
      if (found) return found;
      await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
    }
  }

  /** Adds facts to the log without telling anybody. */
  happen(count: number, name = 'tarea.iniciada'): void {
    for (let i = 0; i < count; i++) {
      const position = this.log.length + 1;
      this.log.push({
        type: 'event', position, prev: 0, name, stream: `tarea-${position}`, version: 1,
        en: new Date().toISOString(), data: {},
      });
    }
  }

  stop(): void {
    for (const { peer } of this.#connections) peer.terminate();
    this.#server.close();
  }
}
