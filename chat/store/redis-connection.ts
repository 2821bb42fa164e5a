/**
 * The chat's own connection to Redis: connects once or says in one line why not, comes back by itself later,
 * and turns every fault into the one error that means "try again".
 */
import { createClient, ErrorReply } from '@redis/client';
import { GaleError, type Logger } from 'gale';
import { RedisAddress } from 'gale/redis';
import { StartError } from '../start-error.ts';

/** The client, as `createClient` makes it without modules. */
export type RedisClient = ReturnType<typeof createClient>;

/** How long Redis has to answer at the start, in milliseconds. */
const connectMs = 5000;

export class RedisConnection {
  readonly #client: RedisClient;
  readonly #address: RedisAddress;

  private constructor(client: RedisClient, address: RedisAddress) {
    this.#client = client;
    this.#address = address;
  }

  /**
   * @throws {@link StartError} if nothing answers at `url`, or not as Redis does; {@link GaleError} `OPTION_VALUE` if it is no URL of
   *   Redis. No error holds the password, nor one of the client as its cause, which may.
   */
  static async open(url: string, log: Logger): Promise<RedisConnection> {
    const address = new RedisAddress(url);
    let connected = false;
    let client: RedisClient;
    try {
      client = createClient({
        url: address.url,
        // Without a line commands are refused at once instead of waiting for an hour in a queue.
        disableOfflineQueue: true,
        // A line that is up but silent is noticed by the ping that has no answer.
        pingInterval: 4000,
        socket: {
          connectTimeout: connectMs,
          socketTimeout: 10_000,
          reconnectStrategy: (tries) => (connected ? Math.min(2000, 50 * 2 ** Math.min(tries, 6)) : false),
        },
      });
    } catch (error) {
      throw new StartError(`Redis at ${address.shown} cannot be used: ${address.reasonOf(error)}.`);
    }
    client.on('error', (error: unknown) => {
      if (connected) log.warn({ err: address.reasonOf(error) }, 'chat store: the connection to Redis is broken');
    });
    const late = AbortSignal.timeout(connectMs);
    try {
      await Promise.race([
        client.connect(),
        new Promise((_, reject) => {
          late.addEventListener('abort', () => reject(new Error(`no answer in ${connectMs / 1000} seconds`)));
        }),
      ]);
    } catch (error) {
      client.destroy();
      throw new StartError(`Redis at ${address.shown} does not answer: ${address.reasonOf(error)}.`);
    }
    connected = true;
    return new RedisConnection(client, address);
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` if Redis does not answer, or with an error; whether it acted is then unknown. */
  async run<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result> {
    try {
      return await command(this.#client);
    } catch (error) {
      const what = error instanceof ErrorReply ? 'refuses' : 'does not answer';
      throw new GaleError('ROOM_UNAVAILABLE', `Redis ${what}: ${this.#address.reasonOf(error)}`);
    }
  }

  async close(): Promise<void> {
    // Without a line there is nobody to say goodbye to.
    if (this.#client.isReady) await this.#client.close().catch(() => this.#client.destroy());
    else if (this.#client.isOpen) this.#client.destroy();
  }
}
