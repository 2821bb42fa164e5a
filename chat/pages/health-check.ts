/**
 * Finds out whether what the server keeps things in can be written and read. Any number of questions share one check:
 * each costs a write to the disk, and anybody may ask.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'gale';

/** What is checked, by the name that the answer gives it. */
export type HealthParts = Readonly<Record<string, () => Promise<void>>>;

export interface HealthCheckOptions {
  readonly log: Logger;
  /** How long a result counts, in milliseconds. @defaultValue 1000 */
  readonly reuseMs?: number;
  /** A part without an answer for so long has failed, in milliseconds. @defaultValue 3000 */
  readonly patienceMs?: number;
  /** Clock in milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
}

export class HealthCheck {
  readonly #parts: HealthParts;
  readonly #log: Logger;
  readonly #reuseMs: number;
  readonly #patienceMs: number;
  readonly #now: () => number;
  #running: Promise<readonly string[]> | undefined;
  #last: { readonly failed: readonly string[]; readonly at: number } | undefined;

  constructor(parts: HealthParts, options: HealthCheckOptions) {
    this.#parts = parts;
    this.#log = options.log;
    this.#reuseMs = options.reuseMs ?? 1000;
    this.#patienceMs = options.patienceMs ?? 3000;
    this.#now = options.now ?? (() => performance.now());
  }

  /** @returns Names of the parts that failed; none if all is well. Never rejects. */
  run(): Promise<readonly string[]> {
    if (this.#last && this.#now() - this.#last.at < this.#reuseMs) return Promise.resolve(this.#last.failed);
    this.#running ??= this.#check().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #check(): Promise<readonly string[]> {
    const before = this.#last?.failed ?? [];
    const results = await Promise.all(
      Object.entries(this.#parts).map(async ([name, check]) => ({ name, error: await this.#faultOf(check) })),
    );
    const failed = results.filter(({ error }) => error !== undefined);
    for (const { name, error } of failed) {
      if (!before.includes(name)) this.#log.warn({ part: name, err: String(error) }, 'a check of health failed');
    }
    const names = failed.map(({ name }) => name);
    if (names.length === 0 && before.length > 0) this.#log.info({ parts: before }, 'checks of health pass again');
    this.#last = { failed: names, at: this.#now() };
    return names;
  }

  async #faultOf(check: () => Promise<void>): Promise<unknown> {
    const over = new AbortController();
    const late = delay(this.#patienceMs, undefined, { signal: over.signal }).then(() => {
      throw new Error(`no answer in ${this.#patienceMs} ms`);
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
