/**
 * Sessions in Redis, for all servers together. Each operation is one round trip. Redis removes expired sessions; the times to live are
 * durations, so that the clocks of servers and Redis need not agree.
 */
import { assertFilledString, assertLog, assertNames, readIntegers, wrongValue } from '../../../run/given-options.ts';
import { createLogger, type Logger } from '../../../run/log.ts';
import { RedisAddress } from '../../../stores/redis-address.ts';
import { RedisConnection } from '../../../stores/redis-connection.ts';
import type { ListedSession, SaveResult, SessionChange, SessionStore, StoredSession } from '../session-store.ts';
import { endScript, listScript, saveScript } from './redis-session-scripts.ts';

/** Options of {@link RedisSessionStore.open}. */
export interface RedisSessionStoreOptions {
  /** URL of Redis, such as `redis://127.0.0.1:6379`. */
  readonly url: string;
  /** Begins all keys. @defaultValue 'gale-session' */
  readonly prefix?: string;
  /** Longest wait for Redis, in milliseconds. After it the request is 503. @defaultValue 1 000 */
  readonly timeoutMs?: number;
  /** Log of the connection. @defaultValue JSON lines on standard output, from `warn` on */
  readonly log?: Logger;
}

/**
 * Keeps sessions in Redis.
 *
 * @example
 * const store = await RedisSessionStore.open({ url: 'redis://127.0.0.1:6379' });
 * new Application(routes, { sessions: sessions({ store }) });
 */
export class RedisSessionStore implements SessionStore {
  readonly #connection: RedisConnection;
  readonly #sessions: string;
  readonly #lists: string;

  private constructor(connection: RedisConnection, prefix: string) {
    this.#connection = connection;
    this.#sessions = `${prefix}:`;
    this.#lists = `${prefix}:of:`;
  }

  /**
   * Connects to Redis.
   *
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; `ROOM_UNAVAILABLE` if Redis does not respond, `ROOM_STORE_REFUSED` if
   *   it refuses the connection.
   */
  static async open(options: RedisSessionStoreOptions): Promise<RedisSessionStore> {
    assertNames('RedisSessionStore', options, ['url', 'prefix', 'timeoutMs', 'log']);
    const { url, prefix = 'gale-session', log = createLogger() } = options;
    assertFilledString('prefix', prefix);
    if (!/^[^\s{}]{1,100}$/.test(prefix)) {
      throw wrongValue('prefix', 'a string of 1 to 100 characters without braces and spaces', prefix);
    }
    const { timeoutMs } = readIntegers(options, { timeoutMs: [1_000, 10, 60_000] });
    assertLog(log);
    const connection = new RedisConnection({
      address: new RedisAddress(url),
      name: 'sessions',
      timeoutMs,
      log,
      prepareConnection: async (client) => {
        await Promise.all([saveScript, listScript, endScript].map((script) => script.load(client)));
      },
    });
    await connection.open();
    return new RedisSessionStore(connection, prefix);
  }

  async load(id: string, now: number): Promise<StoredSession | undefined> {
    const fields = await this.#connection.run((client) => client.hGetAll(this.#sessions + id));
    return readSession(Object.entries(fields), now);
  }

  async save(change: SessionChange, now: number): Promise<SaveResult> {
    const { id, from, expected, limits } = change;
    const before = typeof from === 'object' ? from.id : id;
    const kind = from === 'new' ? 'new' : from === undefined ? 'same' : 'renamed';
    const expectation = expected === undefined ? 'none' : expected.text === undefined ? 'missing' : 'text';
    const session = [id, kind, before, now, change.person ?? '', change.createdAt, change.seenAt, change.expiresAt];
    const lifeMs = Math.max(1, Math.ceil(change.expiresAt - now));
    const login = [lifeMs, Number(change.isLogin), Number(change.clears)];
    const bounds = [limits.maxBytes, limits.maxKeys, limits.maxPerPerson];
    const condition = [expectation, expected?.key ?? '', expected?.text ?? ''];
    const values = [...change.values].flatMap(([key, text]) => [
      key,
      text === undefined ? 'delete' : 'set',
      text ?? '',
    ]);
    const args = [this.#lists, this.#sessions, ...session, ...login, ...bounds, ...condition, ...values].map(String);
    const keys = [this.#sessions + id, this.#sessions + before];
    const reply = await this.#connection.run((client) => saveScript.run(client, keys, args));
    const [state, ...rest] = reply as [SaveResult['state'], ...(string | null)[]];
    switch (state) {
      case 'saved':
        return { state, ended: rest as string[] };
      case 'conflict':
        return { state, text: rest[0] ?? undefined };
      case 'full':
        return { state, bytes: Number(rest[0]), keys: Number(rest[1]) };
      default:
        return { state: 'gone' };
    }
  }

  async list(person: string, now: number): Promise<readonly ListedSession[]> {
    const reply = await this.#connection.run((client) =>
      listScript.run(client, [this.#lists + person], [this.#sessions]),
    );
    return (reply as [id: string, fields: string[]][]).flatMap(([id, flat]) => {
      const pairs = flat.flatMap((name, index): [string, string][] =>
        index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [],
      );
      const stored = readSession(pairs, now);
      return stored === undefined ? [] : [{ ...stored, id }];
    });
  }

  async end(ids: readonly string[], now: number): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const keys = ids.map((id) => this.#sessions + id);
    const reply = await this.#connection.run((client) =>
      endScript.run(client, keys, [this.#lists, String(now), ...ids]),
    );
    return reply as string[];
  }

  async check(): Promise<void> {
    await this.#connection.run((client) =>
      client.set(`${this.#sessions}check`, String(Date.now()), { expiration: { type: 'PX', value: 60_000 } }),
    );
  }

  /** Disconnects. */
  async close(): Promise<void> {
    await this.#connection.close();
  }
}

function readSession(
  fields: readonly (readonly [name: string, text: string])[],
  now: number,
): StoredSession | undefined {
  const values = new Map<string, string>();
  const meta = new Map<string, string>();
  for (const [name, text] of fields) {
    if (name.startsWith('=')) values.set(name.slice(1), text);
    else meta.set(name, text);
  }
  const expiresAt = Number(meta.get('e') ?? 0);
  if (expiresAt <= now) return undefined;
  const person = meta.get('p') ?? '';
  return {
    person: person === '' ? undefined : person,
    createdAt: Number(meta.get('c')),
    seenAt: Number(meta.get('s')),
    expiresAt,
    values,
  };
}
