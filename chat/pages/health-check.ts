/**
 * Finds out whether what the server keeps things in can be written and read. Any number of questions share one check:
 * each costs a write to the disk, and anybody may ask.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'gale';

/** What is checked, by the name that the answer gives it. */
export type HealthParts = Readonly<Record<string, () => Promise<void>>>;

/** How the last check went. */
export interface Health {
  /** Names of the parts that failed; none if all is well. */
  readonly failed: readonly string[];
  /** When the check began, in milliseconds since 1970. */
  readonly checkedAt: number;
}

export interface HealthCheckOptions {
  readonly log: Logger;
  /** How long a result counts, in milliseconds. @defaultValue 1000 */
  readonly reuseMs?: number;
  /** How long a check may take before it has failed, in milliseconds. @defaultValue 3000 */
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
  /** By the clock. */
  #lastAt = 0;

  constructor(parts: HealthParts, options: HealthCheckOptions) {
    this.#parts = parts;
    this.#log = options.log;
    this.#reuseMs = options.reuseMs ?? 1000;
    this.#timeoutMs = options.timeoutMs ?? 3000;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Checks, or gives the result of a check that is running or not older than `reuseMs`. Never rejects. */
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
      if (!before.includes(name)) this.#log.warn({ part: name, err: String(error) }, 'a check of health failed');
    }
    const names = failed.map(({ name }) => name);
    if (names.length === 0 && before.length > 0) this.#log.info({ parts: before }, 'checks of health pass again');
    this.#last = { failed: names, checkedAt };
    this.#lastAt = this.#now();
    return this.#last;
  }

  async #faultOf(check: () => Promise<void>): Promise<unknown> {
    const over = new AbortController();
    const late = delay(this.#timeoutMs, undefined, { signal: over.signal }).then(() => {
      throw new Error(`no response in ${this.#timeoutMs} ms`);
    });
    // Ended when the check was faster.
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
