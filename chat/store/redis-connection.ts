/**
 * The chat's own connection to Redis: connects once or says in one line why not, comes back by itself later,
 * and turns every fault into the one error that means "try again".
 */
import { createClient } from '@redis/client';
import { GaleError, type Logger } from 'gale';
import { StartError } from '../start-error.ts';

/** The client, as `createClient` makes it without modules. */
export type RedisClient = ReturnType<typeof createClient>;

/** How long Redis has to answer at the start, in milliseconds. */
const connectMs = 5000;

export class RedisConnection {
  readonly #client: RedisClient;

  private constructor(client: RedisClient) {
    this.#client = client;
  }

  /** @throws {@link StartError} if nothing answers at `url`, or not as Redis does. */
  static async open(url: string, log: Logger): Promise<RedisConnection> {
    let connected = false;
    let client: RedisClient;
    try {
      client = createClient({
        url,
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
      throw new StartError(`--redis=${shownUrl(url)} is not an address of Redis: ${(error as Error).message}.`);
    }
    client.on('error', (error: Error) => {
      if (connected) log.warn({ err: error.message }, 'chat store: the connection to Redis is broken');
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
      const reason = (error as Error).message || ((error as { code?: string }).code ?? 'no connection');
      throw new StartError(`Redis at ${shownUrl(url)} does not answer: ${reason}.`, { cause: error });
    }
    connected = true;
    return new RedisConnection(client);
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` if Redis does not answer; whether it acted is then unknown. */
  async run<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result> {
    try {
      return await command(this.#client);
    } catch (error) {
      throw new GaleError('ROOM_UNAVAILABLE', `Redis does not answer: ${(error as Error).message}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    // Without a line there is nobody to say goodbye to.
    if (this.#client.isReady) await this.#client.close().catch(() => this.#client.destroy());
    else if (this.#client.isOpen) this.#client.destroy();
  }
}

/** An address of Redis without its password, for people to read. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
