/**
 * Checks whether the store and the broker can write and read. Concurrent requests share one check, since a check costs
 * a write to the disk and everybody may request one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'gale';

/** The checks, by the name of the part in the response. */
export type HealthParts = Readonly<Record<string, () => Promise<void>>>;

/** The result of a check. */
export interface Health {
  /** Names of the parts that failed; empty if there are none. */
  readonly failed: readonly string[];
  /** When the check began, in milliseconds since 1970. */
  readonly checkedAt: number;
}

export interface HealthCheckOptions {
  readonly log: Logger;
  /** How long a result is reused, in milliseconds. @defaultValue 1000 */
  readonly reuseMs?: number;
  /** Timeout of a check, in milliseconds. @defaultValue 3000 */
  readonly timeoutMs?: number;
  /** Clock in milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
}

export class HealthCheck {
  readonly #parts: HealthParts;
  readonly #log: Logger;
  readonly #reuseMs: number;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  #running: Promise<Health> | undefined;
  #last: Health | undefined;
  /** Time of the last result on the clock of the options. */
  #lastAt = 0;

  constructor(parts: HealthParts, options: HealthCheckOptions) {
    this.#parts = parts;
    this.#log = options.log;
    this.#reuseMs = options.reuseMs ?? 1000;
    this.#timeoutMs = options.timeoutMs ?? 3000;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Runs the checks, or returns the result of a running check or of one not older than `reuseMs`. Never rejects. */
  run(): Promise<Health> {
    if (this.#last && this.#now() - this.#lastAt < this.#reuseMs) return Promise.resolve(this.#last);
    this.#running ??= this.#check().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #check(): Promise<Health> {
    const before = this.#last?.failed ?? [];
    const checkedAt = Date.now();
    const results = await Promise.all(
      Object.entries(this.#parts).map(async ([name, check]) => ({ name, error: await this.#faultOf(check) })),
    );
    const failed = results.filter(({ error }) => error !== undefined);
    for (const { name, error } of failed) {
      if (!before.includes(name)) this.#log.warn({ part: name, err: error }, 'A health check failed');
    }
    const names = failed.map(({ name }) => name);
    if (names.length === 0 && before.length > 0) this.#log.info({ parts: before }, 'Health checks pass again');
    this.#last = { failed: names, checkedAt };
    this.#lastAt = this.#now();
    return this.#last;
  }

  async #faultOf(check: () => Promise<void>): Promise<unknown> {
    const over = new AbortController();
    const late = delay(this.#timeoutMs, undefined, { signal: over.signal }).then(() => {
      throw new Error(`no response in ${this.#timeoutMs} ms`);
    });
    // Rejects when the check was faster and aborted the timer.
    late.catch(() => {});
    try {
      await Promise.race([check(), late]);
      return undefined;
    } catch (error) {
      return error ?? 'unknown';
    } finally {
      over.abort();
    }
  }
}
