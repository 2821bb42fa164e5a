/**
 * Runs the checks of `/readyz`. Anyone may request it, so a check never runs twice at once, and its result is reused for a short time: many
 * requests cannot load a database.
 */
import type { Logger } from '../../run/log.ts';

/**
 * Checks one part of a program. It fails if it throws, resolves to `false`, or takes longer than `timeoutMs`.
 *
 * @param signal - Aborts after `timeoutMs`.
 */
export type HealthCheck = (signal: AbortSignal) => unknown;

/** The result of all checks. */
export interface Health {
  /** Names of the checks that failed; empty if there are none. */
  readonly failed: readonly string[];
  /** When the checks began, in milliseconds since 1970. */
  readonly checkedAt: number;
}

/** Times of {@link HealthChecks}. */
export interface HealthTimes {
  readonly timeoutMs: number;
  readonly reuseMs: number;
  /** Clock in milliseconds. */
  readonly now: () => number;
}

/** The checks of an application. */
export class HealthChecks {
  readonly #checks: readonly OneCheck[];
  readonly #times: HealthTimes;
  #running: Promise<Health> | undefined;
  #last: Health | undefined;
  /** Time of the last result on the clock of the options. */
  #lastAt = 0;

  constructor(checks: Readonly<Record<string, HealthCheck>>, times: HealthTimes) {
    this.#checks = Object.entries(checks).map(([name, check]) => new OneCheck(name, check, times.timeoutMs));
    this.#times = times;
  }

  /** Runs the checks, or returns the result of running ones or of the last ones within `reuseMs`. Never rejects. */
  run(log: Logger): Promise<Health> {
    const { now, reuseMs } = this.#times;
    if (this.#last !== undefined && now() - this.#lastAt < reuseMs) return Promise.resolve(this.#last);
    this.#running ??= this.#runAll(log).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #runAll(log: Logger): Promise<Health> {
    const before = this.#last?.failed ?? [];
    const checkedAt = Date.now();
    const results = await Promise.all(
      this.#checks.map(async (check) => ({ name: check.name, fault: await check.run() })),
    );
    const failed = results.filter(({ fault }) => fault !== undefined);
    for (const { name, fault } of failed) {
      if (!before.includes(name)) log.warn({ check: name, err: fault }, 'A health check failed');
    }
    const names = failed.map(({ name }) => name);
    if (names.length === 0 && before.length > 0) log.info({ checks: before }, 'Health checks pass again');
    this.#last = { failed: names, checkedAt };
    this.#lastAt = this.#times.now();
    return this.#last;
  }
}

class OneCheck {
  readonly name: string;
  readonly #check: HealthCheck;
  readonly #timeoutMs: number;
  /** A call that has not settled, also after its timeout: a part that hangs is not called again. */
  #call: Promise<Error | undefined> | undefined;

  constructor(name: string, check: HealthCheck, timeoutMs: number) {
    this.name = name;
    this.#check = check;
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves to what is wrong; undefined if nothing is. */
  async run(): Promise<Error | undefined> {
    const end = new AbortController();
    const late = Promise.withResolvers<Error>();
    const timer = setTimeout(() => {
      const error = new Error(`The check did not settle within ${this.#timeoutMs} ms`);
      end.abort(error);
      late.resolve(error);
    }, this.#timeoutMs);
    this.#call ??= this.#callCheck(end.signal).finally(() => {
      this.#call = undefined;
    });
    const fault = await Promise.race([this.#call, late.promise]);
    clearTimeout(timer);
    return fault;
  }

  async #callCheck(signal: AbortSignal): Promise<Error | undefined> {
    try {
      return (await this.#check(signal)) === false ? new Error('The check returned false') : undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error('The check failed', { cause: error });
    }
  }
}
