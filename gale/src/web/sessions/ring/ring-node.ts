/** One node of a ring of stores: opens its store, notices that it fails, and probes it until it works again. */
import { GaleError } from '../../../errors.ts';
import type { Logger } from '../../../run/log.ts';
import type { SessionStore } from '../session-store.ts';

/** State of a node. */
export interface RingNodeHealth {
  readonly name: string;
  readonly weight: number;
  /** Whether it is used. If not, the next node has its keys. */
  readonly isUp: boolean;
  /** When it failed or came back last, in milliseconds since 1970; `undefined` if it always worked. */
  readonly since: number | undefined;
  /** Why it is not used. */
  readonly reason: string | undefined;
}

/** What a node needs. */
export interface RingNodeOptions {
  readonly name: string;
  readonly weight: number;
  readonly open: () => Promise<SessionStore>;
  readonly probeMs: number;
  readonly log: Logger;
}

/** Codes of errors that another attempt does not correct. */
const finalCodes: readonly string[] = ['OPTION_UNKNOWN', 'OPTION_VALUE', 'ROOM_STORE_REFUSED', 'ROOM_STORE_UNREADABLE'];

/** A store on the ring. */
export class RingNode {
  readonly #options: RingNodeOptions;
  /** Undefined until it was opened. */
  #store: SessionStore | undefined;
  #reason: string | undefined = 'it was never connected';
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #probing: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: RingNodeOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get isUp(): boolean {
    return this.#reason === undefined;
  }

  get health(): RingNodeHealth {
    const { name, weight } = this.#options;
    return { name, weight, isUp: this.isUp, since: this.#since, reason: this.#reason };
  }

  /** Opens the store. A store that is unavailable is opened later. @throws {@link GaleError} for a wrong configuration. */
  async open(): Promise<void> {
    try {
      this.#store = await this.#options.open();
      this.#reason = undefined;
    } catch (error) {
      if (!(error instanceof GaleError) || finalCodes.includes(error.code)) throw error;
      this.#fail(error);
    }
  }

  /**
   * Runs an operation.
   *
   * @throws {@link GaleError} `SESSION_STORE` while the node is down, or if the operation fails; the node is down then.
   */
  async run<Result>(operation: (store: SessionStore) => Result | Promise<Result>): Promise<Result> {
    const store = this.#store;
    if (store === undefined || !this.isUp) throw this.#unavailable();
    try {
      return await operation(store);
    } catch (error) {
      this.#fail(error);
      throw this.#unavailable(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#probing;
    await this.#store?.close();
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    const { name, log } = this.#options;
    // Once, not for each request that was waiting for it.
    const isNews = this.isUp || this.#since === undefined;
    this.#reason = error instanceof Error ? error.message : String(error);
    if (isNews) {
      this.#since = Date.now();
      log.warn({ node: name, err: error }, 'A node of the sessions is down; the next node has its keys');
    }
    this.#probeLater();
  }

  #probeLater(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    // Does not keep the process alive.
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#probing = this.#probe();
    }, this.#options.probeMs).unref();
  }

  async #probe(): Promise<void> {
    const { name, log, open } = this.#options;
    try {
      this.#store ??= await open();
      await this.#store.check();
      if (this.#isClosed) return;
      this.#reason = undefined;
      this.#since = Date.now();
      log.info({ node: name }, 'A node of the sessions is up again');
    } catch (error) {
      this.#reason = error instanceof Error ? error.message : String(error);
      this.#probeLater();
    }
  }

  #unavailable(cause?: unknown): GaleError {
    return new GaleError(
      'SESSION_STORE',
      `The node ${this.name} of the sessions is down: ${this.#reason ?? 'it failed'}`,
      {
        cause,
      },
    );
  }
}
