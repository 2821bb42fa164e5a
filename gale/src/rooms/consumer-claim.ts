/** The claim of a server to a consumer: it is renewed until it ends or is lost. */
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import type { Holds } from './broker.ts';

/** What a claim needs. */
export interface ConsumerClaimOptions {
  readonly holds: Holds;
  readonly leaseMs: number;
  readonly log: Logger;
  /** Ends the renewals: a server that closes must not keep a consumer because a loop hangs. */
  readonly closing: AbortSignal;
}

/** A claim that was made. */
export class ConsumerClaim {
  /** Grows with each claim. */
  readonly number: number;
  readonly #consumer: string;
  readonly #options: ConsumerClaimOptions;
  readonly #timer: NodeJS.Timeout;
  #isLost = false;

  constructor(consumer: string, number: number, options: ConsumerClaimOptions) {
    this.#consumer = consumer;
    this.number = number;
    this.#options = options;
    this.#timer = setInterval(() => void this.#renew(), Math.max(1, options.leaseMs / 3)).unref();
    options.closing.addEventListener('abort', () => clearInterval(this.#timer), { once: true });
  }

  /** Whether there is a newer claim. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** @throws {@link GaleError} `ROOM_CONSUMER_LOST`. */
  assertNewest(): void {
    if (this.#isLost) throw this.lose();
  }

  /** Notes that there is a newer claim. @returns The error. */
  lose(): GaleError {
    this.#isLost = true;
    clearInterval(this.#timer);
    return new GaleError(
      'ROOM_CONSUMER_LOST',
      `Another server has the consumer ${this.#consumer}, since this one did not renew its claim in time; read it again to wait for its turn.`,
    );
  }

  /** Ends the claim, so that another server need not wait for its end. Never throws. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#isLost) return;
    try {
      await this.#options.holds.release(this.#consumer, this.number);
    } catch (error) {
      this.#options.log.warn(
        { err: error, consumer: this.#consumer },
        'Could not release a consumer; its claim will expire',
      );
    }
  }

  /** A claim that expired is renewed too, unless there is a newer one. The broker refuses what an older claim saves. */
  async #renew(): Promise<void> {
    try {
      if (!(await this.#options.holds.renew(this.#consumer, this.number, this.#options.leaseMs))) this.lose();
    } catch (error) {
      this.#options.log.warn(
        { err: error, consumer: this.#consumer },
        'Could not renew the claim of a consumer; retrying',
      );
    }
  }
}
