/**
 * The store for one server: chat.sqlite in the data folder, beside the file of the broker.
 * Every write is on the disk before its promise settles. Reads and writes are few and short, so they run on the event loop.
 * Messages are not stored here.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { GaleError } from 'gale';
import { StartError } from '../start-error.ts';
import { MemoryAttempts } from './memory-attempts.ts';
import { OpenedFile } from './opened-file.ts';
import { SqliteAccounts } from './sqlite-accounts.ts';
import { SqliteDatabase, type RowStatement } from './sqlite-database.ts';
import { lockDatabase } from './sqlite-lock.ts';
import { SqliteRooms } from './sqlite-rooms.ts';
import { upgradeSchema } from './sqlite-schema.ts';
import { SqliteFormerSessions } from './sqlite-former-sessions.ts';
import type { ChatStore } from './store.ts';

/** SQLITE_BUSY: another process holds the file. */
const busy = 5;
/** How long the server waits for a program that reads or writes the file, such as a backup, in milliseconds. */
const busyMs = 1000;

export class SqliteStore implements ChatStore {
  readonly accounts: SqliteAccounts;
  readonly formerSessions: SqliteFormerSessions;
  readonly rooms: SqliteRooms;
  readonly attempts: MemoryAttempts;
  readonly #database: SqliteDatabase;
  readonly #lock: DatabaseSync | undefined;
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
    this.#lock = lock(path);
    this.#database = open(path, this.#lock);
    this.accounts = new SqliteAccounts(this.#database);
    this.formerSessions = new SqliteFormerSessions(this.#database);
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
    if (this.#lock?.isOpen === true) this.#lock.close();
    return Promise.resolve();
  }
}

function lock(path: string): DatabaseSync | undefined {
  if (path === ':memory:') return undefined;
  try {
    return lockDatabase(path);
  } catch (error) {
    throw cannotUse(path, error as SqliteError);
  }
}

function open(path: string, held: DatabaseSync | undefined): SqliteDatabase {
  let database: SqliteDatabase | undefined;
  try {
    database = new SqliteDatabase(path, { timeout: busyMs, enableForeignKeyConstraints: true });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    upgradeSchema(database);
    database.exec('BEGIN IMMEDIATE; COMMIT;');
    return database;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    held?.close();
    const { cause } = error as { cause?: SqliteError };
    throw cannotUse(path, cause ?? (error as SqliteError));
  }
}

interface SqliteError extends Error {
  readonly errcode?: number;
}

function cannotUse(path: string, error: SqliteError): StartError {
  if (error.errcode === busy)
    return new StartError(`${path} is in use by another server; stop it or choose another --data.`, { cause: error });
  return new StartError(`${path} cannot be used: ${error.message}.`, { cause: error });
}
