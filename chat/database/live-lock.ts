/**
 * Keeps servers with different live data away from one PostgreSQL: their messages would be in two streams of one room. A server with a data
 * folder is alone; servers with one Redis are together. The locks end with the connection, so also with a killed server.
 */
import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type { Logger } from 'gale';
import { StartError } from '../start-error.ts';
import { shownDatabase, readDatabaseUrl } from './database-address.ts';

/** First number of the locks; random. The second one is that of the live data. */
const lockSpace = 1_634_201_977;
/** How long it may take to connect and to respond, in milliseconds. */
const waitMs = 5000;
/** Time between attempts to take the lock again after the connection was lost, in milliseconds. */
const retryMs = 2000;

/** A lock that is held as long as its connection lives. */
export class LiveLock {
  readonly #url: string;
  readonly #key: number;
  readonly #log: Logger;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(url: string, liveId: string, log: Logger) {
    this.#url = url;
    this.#key = createHash('sha256').update(liveId).digest().readInt32BE();
    this.#log = log;
  }

  /**
   * @param liveId - The same for servers that share their live data.
   * @throws {@link StartError} if a server with other live data uses the database.
   */
  static async take(url: string, liveId: string, log: Logger): Promise<LiveLock> {
    const lock = new LiveLock(url, liveId, log);
    const shown = shownDatabase(readDatabaseUrl(url));
    try {
      if (await lock.#take()) return lock;
    } catch (error) {
      await lock.close();
      throw new StartError(`The database ${shown} cannot be used: ${(error as Error).message}.`);
    }
    await lock.close();
    throw new StartError(
      `${shown} is in use by a server with another Redis or data folder; give all servers the same --redis, or stop the other one.`,
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }

  /** @returns Whether no server has other live data. Two that start at the same moment may both be refused. */
  async #take(): Promise<boolean> {
    const client = new Client({
      connectionString: this.#url,
      connectionTimeoutMillis: waitMs,
      query_timeout: waitMs,
      keepAlive: true,
      application_name: 'gale-chat-lock',
    });
    client.on('error', () => undefined);
    client.on('end', () => this.#retry());
    this.#client = client;
    await client.connect();
    // PostgreSQL notices within half a minute that the machine of a server is gone.
    await client.query('SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3');
    await client.query('SELECT pg_advisory_lock_shared($1, $2)', [lockSpace, this.#key]);
    const { rows } = await client.query<{ key: string }>(
      `SELECT objid::text AS key FROM pg_locks
       WHERE locktype = 'advisory' AND classid = $1 AND objsubid = 2 AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [lockSpace],
    );
    // The catalog shows numbers without a sign.
    return rows.every(({ key }) => (Number(key) | 0) === this.#key);
  }

  #retry(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#takeAgain(), retryMs).unref();
  }

  async #takeAgain(): Promise<void> {
    try {
      if (await this.#take()) return;
      this.#log.error(
        { database: shownDatabase(readDatabaseUrl(this.#url)) },
        'A server with another Redis or data folder uses the same database; stop one of them',
      );
    } catch {
      // The pool reports a database that is gone. A failed connection may not have ended yet.
      await this.#client?.end().catch(() => undefined);
      this.#retry();
    }
  }
}
