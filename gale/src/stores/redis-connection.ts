/**
 * One connection to Redis that comes back by itself for as long as it takes. Without it commands are refused at once,
 * and one that is not answered in time breaks the connection: it may lead nowhere without anybody having been told.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createClient, ErrorReply } from '@redis/client';
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { fullJitter } from '../run/backoff.ts';
import type { RedisAddress } from './redis-address.ts';

/** The client, as `createClient` makes it without modules. */
export type RedisClient = ReturnType<typeof createClient>;

/** Options of a connection. */
export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  /** What the connection is for, for logs and Redis' list of clients. */
  readonly name: string;
  /** How long a command may go without an answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly log: Logger;
  /** Prepares each new connection before it is used. */
  readonly greet: (client: RedisClient) => Promise<void>;
  /** The connection was broken and is back. */
  readonly onReturn?: () => void;
}

/** How long a connection may take until it is ready, in milliseconds. */
const connectMs = 2500;
/** Time between two looks for a primary, in milliseconds. */
const betweenLooksMs = 1000;

/** A connection to Redis. */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  /** Undefined while there is no connection that can be used. */
  #client: RedisClient | undefined;
  /** Oldest first; since when. */
  readonly #waiting = new Set<{ readonly since: number }>();
  /** Why there is no connection. */
  #fault = 'it was never connected';
  readonly #closing = new AbortController();
  #returning: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
  }

  /** Whether commands can be sent. */
  get isOpen(): boolean {
    return this.#client !== undefined && !this.#closing.signal.aborted;
  }

  /**
   * Connects for the first time; within 3 seconds or not at all.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if nothing answers, `ROOM_STORE_REFUSED` if Redis does not let us in.
   */
  async open(): Promise<void> {
    const { address, timeoutMs } = this.#options;
    try {
      this.#client = await this.#connect();
    } catch (error) {
      if (error instanceof GaleError) throw error;
      const reason = address.reasonOf(error);
      // While it loads its data it will soon let us in.
      if (error instanceof ErrorReply && !reason.startsWith('LOADING')) {
        throw new GaleError('ROOM_STORE_REFUSED', `Redis at ${address.shown} refuses: ${toRefusal(reason)}`);
      }
      throw new GaleError('ROOM_UNAVAILABLE', `Redis at ${address.shown} does not answer: ${reason}.`);
    }
    this.#watch = setInterval(() => this.#lookForOverdue(), Math.max(5, Math.min(250, timeoutMs / 4))).unref();
  }

  /**
   * Sends a command.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` at once without a connection, and when Redis does not answer in time
   * or answers with an error. Whether Redis acted is then unknown.
   */
  async run<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result> {
    const client = this.#client;
    if (!client || this.#closing.signal.aborted) throw this.#unavailable();
    const waiting = { since: performance.now() };
    this.#waiting.add(waiting);
    try {
      return await command(client);
    } catch (error) {
      if (this.#client !== client) throw this.#unavailable();
      const reason = this.#options.address.reasonOf(error);
      if (reason.startsWith('READONLY')) void this.#lookForPrimary(reason);
      throw this.#unavailable(reason);
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  /** Gives the connection up and makes another. */
  break(reason: string): void {
    const client = this.#client;
    if (!client) return;
    this.#client = undefined;
    this.#fault = reason;
    client.destroy();
    if (this.#closing.signal.aborted) return;
    const { address, name, log } = this.#options;
    log.warn({ redis: address.shown, line: name, reason }, 'a connection to Redis broke; making another');
    this.#returning = this.#return();
  }

  /** Waits for what was begun, as long as a command may take, and disconnects for good. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#fault = 'the broker is closed';
    const client = this.#client;
    if (client) {
      // The look for what is overdue ends the wait if there is no answer.
      await client.close().catch(() => client.destroy());
      this.#client = undefined;
    }
    clearInterval(this.#watch);
    await this.#returning;
  }

  async #return(): Promise<void> {
    const { address, name, log, onReturn } = this.#options;
    const { signal } = this.#closing;
    const since = performance.now();
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await delay(fullJitter(attempt, 100, 2000), undefined, { signal });
        this.#client = await this.#connect();
      } catch (error) {
        this.#fault = address.reasonOf(error);
        log.debug({ redis: address.shown, line: name, reason: this.#fault, attempt }, 'Redis does not answer yet');
        continue;
      }
      const brokenMs = Math.round(performance.now() - since);
      log.info({ redis: address.shown, line: name, brokenMs }, 'the connection to Redis is back');
      onReturn?.();
      return;
    }
  }

  async #connect(): Promise<RedisClient> {
    const { address, name, greet } = this.#options;
    const client: RedisClient = createClient({
      url: address.url,
      name: `gale-${name}`,
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      // The client's own limit ends when a command is written; ours when it is answered.
      commandOptions: { timeout: 0 },
      socket: { connectTimeout: connectMs, reconnectStrategy: false },
    });
    // Without a listener an error would end the process.
    client.on('error', (error: unknown) => {
      if (this.#client === client) this.break(address.reasonOf(error));
    });
    const ready = client.connect().then(() => greet(client));
    const late = new AbortController();
    try {
      await Promise.race([ready, failAfter(connectMs, late.signal)]);
      if (!client.isReady || this.#closing.signal.aborted) throw new Error('the connection was lost again');
      return client;
    } catch (error) {
      client.destroy();
      // A socket that was still connecting comes out of it later.
      ready.then(
        () => client.destroy(),
        () => client.destroy(),
      );
      throw error;
    } finally {
      late.abort();
    }
  }

  /**
   * This server was made a replica. If a new connection leads to a primary, it takes the place of this one; otherwise this
   * one stays, so that reads go on.
   */
  async #lookForPrimary(reason: string): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { signal } = this.#closing;
    try {
      const client = await this.#connect();
      const info = await client.info('replication').finally(() => client.destroy());
      if (/^role:master\r?$/m.test(info)) this.break(reason);
      await delay(betweenLooksMs, undefined, { signal, ref: false });
    } catch {
      // The connection in use shows by itself whether it is broken.
    } finally {
      this.#isLooking = false;
    }
  }

  #lookForOverdue(): void {
    if (!this.#hasOverdue()) return;
    // If this process was busy for so long, the answers have come and only wait to be read.
    setImmediate(() => {
      if (this.#hasOverdue()) this.break(`no answer in ${this.#options.timeoutMs} ms`);
    });
  }

  #hasOverdue(): boolean {
    for (const { since } of this.#waiting) return performance.now() - since > this.#options.timeoutMs;
    return false;
  }

  #unavailable(reason: string = this.#fault): GaleError {
    return new GaleError('ROOM_UNAVAILABLE', `Redis at ${this.#options.address.shown} cannot be used: ${reason}.`);
  }
}

async function failAfter(ms: number, signal: AbortSignal): Promise<never> {
  await delay(ms, undefined, { signal });
  throw new Error(`no answer in ${ms} ms`);
}

/** What Redis says when it does not let us in, as the end of a sentence. Without a password it only names commands of its own. */
function toRefusal(reason: string): string {
  if (reason.startsWith('NOAUTH'))
    return 'NOAUTH, it needs a password. Put it in the URL: redis://:password@host:port.';
  return `${reason.replace(/\.+$/, '')}.`;
}
