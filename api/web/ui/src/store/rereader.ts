import { problemOf } from '../net/problem';

/** Most that may wait one by one unless said otherwise; past it, reading the lists again is cheaper. */
const CROWD = 24;

export interface RereaderOptions {
  /** Reads one object as of at least a log position and shows it. */
  read: (id: string, minPosition: number) => Promise<void>;
  /** Called instead when too many wait; the waiting ones are forgotten. */
  crowd: () => void;
  /** How many may wait. */
  most?: number;
  /** Reads per second that may be spent for long, and at once. */
  rate: number;
  burst: number;
}

/**
 * Reads again what facts have touched: each object once however many facts came,
 * as of the newest of them, and no faster than the server's limits allow.
 */
export class Rereader {
  readonly #options: RereaderOptions;
  /** Newest position per waiting object; the last touched is read first. */
  readonly #waiting = new Map<string, number>();
  readonly #reading = new Set<string>();
  #tokens: number;
  #filledAt = Date.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #notBefore = 0;

  constructor(options: RereaderOptions) {
    this.#options = options;
    this.#tokens = options.burst;
  }

  mark(id: string, position: number): void {
    const newest = Math.max(position, this.#waiting.get(id) ?? 0);
    this.#waiting.delete(id);
    this.#waiting.set(id, newest);
    if (this.#waiting.size > (this.#options.most ?? CROWD)) {
      this.#waiting.clear();
      this.#options.crowd();
      return;
    }
    this.#schedule(0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #schedule(ms: number): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(ms, this.#notBefore - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#run();
    }, wait);
  }

  #run(): void {
    const { rate, burst } = this.#options;
    const at = Date.now();
    this.#tokens = Math.min(burst, this.#tokens + ((at - this.#filledAt) / 1000) * rate);
    this.#filledAt = at;

    for (const [id, position] of [...this.#waiting].reverse()) {
      // Two answers for one object could arrive in the wrong order.
      if (this.#reading.has(id)) continue;
      if (this.#tokens < 1) {
        this.#schedule(1000 / rate);
        return;
      }
      this.#tokens--;
      this.#waiting.delete(id);
      this.#reading.add(id);
      void this.#read(id, position);
    }
  }

  async #read(id: string, position: number): Promise<void> {
    try {
      await this.#options.read(id, position);
    } catch (cause) {
      const problem = problemOf(cause);
      // The projection is behind, or the server asks for calm: later, again.
      if (problem.transient) {
        this.#notBefore = Date.now() + (problem.retryAfter ?? 1) * 1000;
        if (!this.#waiting.has(id)) this.#waiting.set(id, position);
      }
    } finally {
      this.#reading.delete(id);
      if (this.#waiting.size > 0) this.#schedule(0);
    }
  }
}

/**
 * Runs `task` at once when idle, and once more after `gap` ms when asked again
 * meanwhile: a burst of facts costs two reads, not one each.
 */
export function coalesced(task: () => Promise<void>, gap: number): () => void {
  let busy = false;
  let again = false;
  const run = async () => {
    busy = true;
    again = false;
    try {
      await task();
    } finally {
      setTimeout(() => {
        busy = false;
        if (again) void run();
      }, gap);
    }
  };
  return () => {
    if (busy) again = true;
    else void run();
  };
}
