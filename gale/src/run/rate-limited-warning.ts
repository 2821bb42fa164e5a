/**
 * A warning about what may happen thousands of times a second: logged at once the first time, and after that once per minute, with how
 * often it happened in between.
 */
import type { Logger } from './log.ts';

const intervalMs = 60_000;

/** One kind of warning. */
export class RateLimitedWarning {
  readonly #log: Logger;
  readonly #message: string;
  #count = 0;
  #fields: Readonly<Record<string, unknown>> = {};
  #timer: NodeJS.Timeout | undefined;

  /** @param message - What happened, in the plural. */
  constructor(log: Logger, message: string) {
    this.#log = log;
    this.#message = message;
  }

  /**
   * Notes that it happened.
   *
   * @param fields - Logged with the warning if this is the last time before it.
   */
  note(fields: Readonly<Record<string, unknown>>): void {
    this.#count++;
    this.#fields = fields;
    if (this.#timer !== undefined) return;
    this.#write();
    // It must not keep the process alive.
    this.#timer = setTimeout(() => this.#onInterval(), intervalMs).unref();
  }

  /** Logs what was not logged yet, and nothing after that until {@link note}. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#count > 0) this.#write();
  }

  #onInterval(): void {
    this.#timer = undefined;
    if (this.#count === 0) return;
    this.#write();
    this.#timer = setTimeout(() => this.#onInterval(), intervalMs).unref();
  }

  #write(): void {
    this.#log.warn({ ...this.#fields, count: this.#count }, this.#message);
    this.#count = 0;
  }
}
