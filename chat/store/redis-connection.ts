/**
 * The chat's own connection to Redis. The first connection must succeed; a lost one is restored in the background.
 * Every error of a command becomes `ROOM_UNAVAILABLE`, which means "try again".
 */
import { createClient, ErrorReply } from '@redis/client';
import { GaleError, RateLimitedWarning, type Logger } from 'gale';
import { RedisAddress } from 'gale/redis';
import { StartError } from '../start-error.ts';

/** The client that `createClient` returns without modules. */
export type RedisClient = ReturnType<typeof createClient>;

/** Timeout of the first connection, in milliseconds. */
const connectMs = 5000;
/** Longest wait for responses when the connection is closed, in milliseconds. */
const closeMs = 2000;

export class RedisConnection {
  readonly #client: RedisClient;
  readonly #address: RedisAddress;

  private constructor(client: RedisClient, address: RedisAddress) {
    this.#client = client;
    this.#address = address;
  }

  /**
   * @throws {@link StartError} if no Redis responds at `url`; {@link GaleError} `OPTION_VALUE` if `url` is not a URL of Redis.
   *   No error contains the password. Errors of the client may contain it, so they are not the `cause`.
   */
  static async open(url: string, log: Logger): Promise<RedisConnection> {
    const address = new RedisAddress(url);
    let connected = false;
    let client: RedisClient;
    try {
      client = createClient({
        url: address.url,
        // Without a connection, commands fail at once instead of waiting in a queue.
        disableOfflineQueue: true,
        // The ping detects a connection that is open but silent.
        pingInterval: 4000,
        socket: {
          connectTimeout: connectMs,
          socketTimeout: 10_000,
          reconnectStrategy: (attempts) => (connected ? Math.min(2000, 50 * 2 ** Math.min(attempts, 6)) : false),
        },
      });
    } catch (error) {
      throw new StartError(`Redis at ${address.shown} cannot be used: ${address.reasonOf(error)}.`);
    }
    // Each attempt to connect again fails, too.
    const failures = new RateLimitedWarning(log, 'The connection of the chat store to Redis failed');
    client.on('error', (error: unknown) => {
      // Errors of the client may contain the password; this one does not.
      if (connected) failures.note({ err: new Error(address.reasonOf(error)) });
    });
    const late = AbortSignal.timeout(connectMs);
    try {
      await Promise.race([
        client.connect(),
        new Promise((_, reject) => {
          late.addEventListener('abort', () => reject(new Error(`no response in ${connectMs / 1000} seconds`)));
        }),
      ]);
    } catch (error) {
      client.destroy();
      throw new StartError(`Redis at ${address.shown} does not respond: ${address.reasonOf(error)}.`);
    }
    connected = true;
    return new RedisConnection(client, address);
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` if Redis does not respond or responds with an error. The command may have been executed. */
  async run<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result> {
    try {
      return await command(this.#client);
    } catch (error) {
      const what = error instanceof ErrorReply ? 'refuses' : 'does not respond';
      throw new GaleError('ROOM_UNAVAILABLE', `Redis ${what}: ${this.#address.reasonOf(error)}`);
    }
  }

  async close(): Promise<void> {
    // Only an open connection can be closed in order.
    if (this.#client.isReady) {
      const late = setTimeout(() => this.#client.destroy(), closeMs);
      await this.#client.close().catch(() => this.#client.destroy());
      clearTimeout(late);
    } else if (this.#client.isOpen) this.#client.destroy();
  }
}
