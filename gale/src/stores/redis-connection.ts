/**
 * One connection to Redis that reconnects without limit. While it is lost, commands are refused at once.
 * A command without a response in time breaks the connection, since a dead connection may report no error.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createClient, ErrorReply } from '@redis/client';
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { fullJitter } from '../run/backoff.ts';
import type { RedisAddress } from './redis-address.ts';

/** The type that `createClient` returns without modules. */
export type RedisClient = ReturnType<typeof createClient>;

/** Options of a connection. */
export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  /** Purpose of the connection, for logs and for the client list of Redis. */
  readonly name: string;
  /** Longest wait for the response to a command, in milliseconds. */
  readonly timeoutMs: number;
  readonly log: Logger;
  /** Runs on each new connection before it is used. */
  readonly prepareConnection: (client: RedisClient) => Promise<void>;
  /** Called after each reconnect. */
  readonly onReconnect?: () => void;
}

/** Timeout of an attempt to connect, in milliseconds. */
const connectMs = 2500;
/** Longest wait for responses when a connection is closed, in milliseconds. A shutdown closes several things in its grace. */
const closeMs = 2000;
/** Time between two probes for a primary, in milliseconds. */
const betweenProbesMs = 1000;

/** A connection to Redis. */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  /** Undefined while disconnected. */
  #client: RedisClient | undefined;
  /** Commands without a response, oldest first, with the time they were sent. */
  readonly #waiting = new Set<{ readonly since: number }>();
  /** Why it is disconnected. */
  #fault = 'it was never connected';
  readonly #closing = new AbortController();
  #reconnecting: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;
  #isProbing = false;
  /** When overdue responses were last looked for. */
  #checkedAt = 0;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
  }

  /** Whether commands can be sent. */
  get isOpen(): boolean {
    return this.#client !== undefined && !this.#closing.signal.aborted;
  }

  /**
   * Connects for the first time. Fails after 3 seconds.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if Redis does not respond, `ROOM_STORE_REFUSED` if it refuses the connection.
   */
  async open(): Promise<void> {
    const { address, timeoutMs } = this.#options;
    try {
      this.#client = await this.#connect();
    } catch (error) {
      if (error instanceof GaleError) throw error;
      const reason = address.reasonOf(error);
      // A Redis that is loading its data accepts connections soon.
      if (error instanceof ErrorReply && !reason.startsWith('LOADING')) {
        throw new GaleError('ROOM_STORE_REFUSED', `Redis at ${address.shown} refuses: ${toRefusal(reason)}`);
      }
      throw new GaleError('ROOM_UNAVAILABLE', `Redis at ${address.shown} does not respond: ${reason}.`);
    }
    const period = Math.max(5, Math.min(250, timeoutMs / 4));
    this.#watch = setInterval(() => this.#breakIfOverdue(period), period).unref();
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` while disconnected. */
  assertOpen(): void {
    if (!this.isOpen) throw this.#unavailable();
  }

  /**
   * Sends a command.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` at once while disconnected, and if Redis does not respond in time or responds
   * with an error. It is then unknown whether Redis ran the command.
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
      if (reason.startsWith('READONLY')) void this.#probeForPrimary(reason);
      throw this.#unavailable(reason);
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  /** Closes the connection and reconnects. */
  break(reason: string): void {
    const client = this.#client;
    if (!client) return;
    this.#client = undefined;
    this.#fault = reason;
    client.destroy();
    if (this.#closing.signal.aborted) return;
    const { address, name, log } = this.#options;
    // Errors of the client may contain the password; this one does not.
    const err = this.#unavailable();
    log.warn({ redis: address.shown, connection: name, err }, 'Lost the connection to Redis; reconnecting');
    this.#reconnecting = this.#reconnect();
  }

  /** Waits for the responses to sent commands, at most 2 seconds, and disconnects. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#fault = 'the broker is closed';
    const client = this.#client;
    if (client) {
      const late = setTimeout(() => client.destroy(), Math.min(closeMs, this.#options.timeoutMs));
      await client.close().catch(() => client.destroy());
      clearTimeout(late);
      this.#client = undefined;
    }
    clearInterval(this.#watch);
    await this.#reconnecting;
  }

  async #reconnect(): Promise<void> {
    const { address, name, log, onReconnect } = this.#options;
    const { signal } = this.#closing;
    const since = performance.now();
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await delay(fullJitter(attempt, 100, 2000), undefined, { signal });
        this.#client = await this.#connect();
      } catch (error) {
        this.#fault = address.reasonOf(error);
        log.debug(
          { redis: address.shown, connection: name, err: this.#unavailable(), attempt },
          'Could not reconnect to Redis; retrying',
        );
        continue;
      }
      const disconnectedMs = Math.round(performance.now() - since);
      log.info({ redis: address.shown, connection: name, disconnectedMs }, 'Reconnected to Redis');
      onReconnect?.();
      return;
    }
  }

  async #connect(): Promise<RedisClient> {
    const { address, name, prepareConnection } = this.#options;
    const client: RedisClient = createClient({
      url: address.url,
      name: `gale-${name}`,
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      // The timeout of the client ends when a command is written, ours when the response arrives.
      commandOptions: { timeout: 0 },
      socket: { connectTimeout: connectMs, reconnectStrategy: false },
    });
    // Without a listener an error would end the process.
    client.on('error', (error: unknown) => {
      if (this.#client === client) this.break(address.reasonOf(error));
    });
    const ready = client.connect().then(() => prepareConnection(client));
    const late = new AbortController();
    // A close ends an attempt under way.
    const signal = AbortSignal.any([late.signal, this.#closing.signal]);
    try {
      await Promise.race([ready, failAfter(connectMs, signal)]);
      if (!client.isReady || this.#closing.signal.aborted) throw new Error('the connection was lost again');
      return client;
    } catch (error) {
      client.destroy();
      // A socket that is still connecting can become ready later.
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
   * Redis reports that it is a replica now. If a new connection reaches a primary, this one is replaced.
   * Otherwise this one stays, so that reads continue.
   */
  async #probeForPrimary(reason: string): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    const { signal } = this.#closing;
    try {
      const client = await this.#connect();
      const info = await client.info('replication').finally(() => client.destroy());
      if (/^role:master\r?$/m.test(info)) this.break(reason);
      await delay(betweenProbesMs, undefined, { signal, ref: false });
    } catch {
      // A broken connection in use is detected on its own.
    } finally {
      this.#isProbing = false;
    }
  }

  #breakIfOverdue(period: number): void {
    const now = performance.now();
    const wasBusy = now - this.#checkedAt > 2 * period;
    this.#checkedAt = now;
    // After this process was busy, commands may wait to be written; the next check decides.
    if (wasBusy || !this.#hasOverdue()) return;
    // Responses may have arrived that only wait to be read.
    setImmediate(() => {
      if (this.#hasOverdue()) this.break(`no response in ${this.#options.timeoutMs} ms`);
    });
  }

  #hasOverdue(): boolean {
    for (const { since } of this.#waiting) return performance.now() - since > this.#options.timeoutMs;
    return false;
  }

  #unavailable(reason: string = this.#fault): GaleError {
    return new GaleError('ROOM_UNAVAILABLE', `Redis at ${this.#options.address.shown} is unavailable: ${reason}.`);
  }
}

async function failAfter(ms: number, signal: AbortSignal): Promise<never> {
  await delay(ms, undefined, { signal });
  throw new Error(`no response in ${ms} ms`);
}

/** The reason of a refusal as the end of a sentence. Without a password, Redis only names commands of its own. */
function toRefusal(reason: string): string {
  if (reason.startsWith('NOAUTH'))
    return 'NOAUTH, it needs a password. Put it in the URL: redis://:password@host:port.';
  return `${reason.replace(/\.+$/, '')}.`;
}
