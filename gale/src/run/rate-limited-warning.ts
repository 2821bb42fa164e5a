/**
 * A warning for an event that may happen thousands of times per second. The first event is logged immediately, later ones at most
 * once per minute, with their count.
 */
import { assertMethods, assertString } from './given-options.ts';
import type { Logger } from './log.ts';

const intervalMs = 60_000;

/** One kind of warning. */
export class RateLimitedWarning {
  readonly #log: Logger;
  readonly #message: string;
  #count = 0;
  #fields: Readonly<Record<string, unknown>> = {};
  #timer: NodeJS.Timeout | undefined;

  /**
   * The warning of a log and a message, the same one for each call.
   *
   * @param kind - Divides the events of one message into several warnings. From a fixed set: each is kept as long as the log.
   * @throws {@link GaleError} `OPTION_VALUE`.
   */
  static of(log: Logger, message: string, kind = ''): RateLimitedWarning {
    assertLogged(log, message);
    let ofLog = shared.get(log);
    if (ofLog === undefined) shared.set(log, (ofLog = new Map()));
    const key = `${message} ${kind}`;
    let warning = ofLog.get(key);
    if (warning === undefined) ofLog.set(key, (warning = new RateLimitedWarning(log, message)));
    return warning;
  }

  /**
   * @param message - What happened, in the plural.
   * @throws {@link GaleError} `OPTION_VALUE`.
   */
  constructor(log: Logger, message: string) {
    assertLogged(log, message);
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

function assertLogged(log: Logger, message: string): void {
  assertMethods('log', log, ['warn'], 'a Logger');
  assertString('message', message);
}

const shared = new WeakMap<Logger, Map<string, RateLimitedWarning>>();
