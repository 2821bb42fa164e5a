/**
 * A warning for an event that may happen thousands of times per second. The first event is logged immediately, later ones at most
 * once per minute, with their count.
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
   * Counts one event, and logs it unless a warning was logged within the last minute.
   *
   * @param fields - Logged with the next warning if this is the last event before it.
   */
  note(fields: Readonly<Record<string, unknown>>): void {
    this.#count++;
    this.#fields = fields;
    if (this.#timer !== undefined) return;
    this.#write();
    // The timer must not keep the process alive.
    this.#timer = setTimeout(() => this.#onInterval(), intervalMs).unref();
  }

  /** Logs the events that are not logged yet, and stops the timer until the next {@link note}. */
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
