/**
 * The store for one server: chat.sqlite in the data folder, beside the file of the broker.
 * Every write is on the disk before its promise settles. Reads and writes are few and short, so they run on the event loop.
 * Messages are not stored here.
 */
import type { StatementSync } from 'node:sqlite';
import { GaleError } from 'gale';
import { StartError } from '../start-error.ts';
import { MemoryAttempts } from './memory-attempts.ts';
import { OpenedFile } from './opened-file.ts';
import { SqliteAccounts } from './sqlite-accounts.ts';
import { SqliteDatabase, type RowStatement } from './sqlite-database.ts';
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
  readonly attempts: MemoryAttempts;
  readonly #database: SqliteDatabase;
  readonly #setHealth: StatementSync;
  readonly #health: RowStatement<{ readonly checked: number }>;
  /** Undefined for a database in memory. */
  readonly #file: OpenedFile | undefined;

  /**
   * Opens the file and locks it until {@link close}.
   *
   * @param path - Created if it is missing. Its folder must exist.
   * @throws {@link StartError} if another server uses the file, or if it cannot be used.
   */
  constructor(path: string, now: () => number = Date.now) {
    this.#database = open(path);
    this.accounts = new SqliteAccounts(this.#database);
    this.sessions = new SqliteSessions(this.#database, now);
    this.rooms = new SqliteRooms(this.#database);
    this.attempts = new MemoryAttempts(now);
    this.#setHealth = this.#database.prepare('INSERT OR REPLACE INTO health VALUES (1, ?)');
    this.#health = this.#database.prepareRows('SELECT checked FROM health');
    this.#file = path === ':memory:' ? undefined : new OpenedFile(path);
  }

  async check(): Promise<void> {
    await this.#file?.assertInPlace();
    const now = Date.now();
    this.#setHealth.run(now);
    const checked = this.#health.get()?.checked;
    if (checked !== now) throw new GaleError('ROOM_UNAVAILABLE', `The database returned ${checked} instead of ${now}.`);
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
    // Exclusive mode before WAL: SQLite then needs no shared memory file, and the first write takes a permanent lock.
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
