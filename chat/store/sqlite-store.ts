/**
 * The store of one server: chat.sqlite in the data folder, beside the broker's own file.
 * Every write is on the disk before it is answered. Reads and writes are few and short, so they run on the event loop;
 * messages do not come here.
 */
import type { StatementSync } from 'node:sqlite';
import { GaleError } from 'gale';
import { StartError } from '../start-error.ts';
import { MemoryTries } from './memory-tries.ts';
import { OpenedFile } from './opened-file.ts';
import { SqliteAccounts } from './sqlite-accounts.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { SqliteRooms } from './sqlite-rooms.ts';
import { upgradeSchema } from './sqlite-schema.ts';
import { SqliteSessions } from './sqlite-sessions.ts';
import type { ChatStore } from './store.ts';

/** SQLITE_BUSY: another process holds the file. */
const busy = 5;

export class SqliteStore implements ChatStore {
  readonly accounts: SqliteAccounts;
  readonly sessions: SqliteSessions;
  readonly rooms: SqliteRooms;
  readonly tries: MemoryTries;
  readonly #database: SqliteDatabase;
  readonly #setHealth: StatementSync;
  readonly #health: StatementSync;
  /** Undefined in memory. */
  readonly #file: OpenedFile | undefined;

  /**
   * Opens the file and holds it alone until {@link close}.
   *
   * @param path - Made if it is not there; its folder has to be.
   * @throws {@link StartError} if the file is held by another server or cannot be used.
   */
  constructor(path: string, now: () => number = Date.now) {
    this.#database = open(path);
    this.accounts = new SqliteAccounts(this.#database);
    this.sessions = new SqliteSessions(this.#database, now);
    this.rooms = new SqliteRooms(this.#database);
    this.tries = new MemoryTries(now);
    this.#setHealth = this.#database.prepare('INSERT OR REPLACE INTO health VALUES (1, ?)');
    this.#health = this.#database.prepare('SELECT checked FROM health');
    this.#file = path === ':memory:' ? undefined : new OpenedFile(path);
  }

  async check(): Promise<void> {
    await this.#file?.assertInPlace();
    const now = Date.now();
    this.#setHealth.run(now);
    const { checked } = this.#health.get() as { checked: number };
    if (checked !== now) throw new GaleError('ROOM_UNAVAILABLE', `The store gave ${checked} for ${now}.`);
  }

  close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
    return Promise.resolve();
  }
}

function open(path: string): SqliteDatabase {
  let database: SqliteDatabase | undefined;
  try {
    database = new SqliteDatabase(path, { timeout: 0, enableForeignKeyConstraints: true });
    // Exclusive before WAL: then no shared memory file is used, and the first write takes the lock for good.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    upgradeSchema(database);
    database.exec('BEGIN IMMEDIATE; COMMIT;');
    return database;
  } catch (error) {
    if (database?.isOpen) database.close();
    const { cause } = error as { cause?: { errcode?: number; message: string } };
    const code = cause?.errcode;
    if (code === busy) throw new StartError(`${path} is in use by another server; stop it or choose another --data.`);
    throw new StartError(`${path} cannot be used: ${(cause ?? (error as Error)).message}.`, { cause: error });
  }
}
