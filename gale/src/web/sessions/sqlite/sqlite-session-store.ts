/**
 * Sessions in an SQLite file, in a thread of their own. Processes of one machine can share the file. What was stored is on disk, so that a
 * logout survives a power failure.
 */
import { assertLog, assertNames, wrongValue } from '../../../run/given-options.ts';
import { createLogger, type Logger } from '../../../run/log.ts';
import { OpenedFile } from '../../../stores/opened-file.ts';
import { SqliteThread } from '../../../stores/sqlite-thread.ts';
import type { ListedSession, SaveResult, SessionChange, SessionStore, StoredSession } from '../session-store.ts';
import type { SessionCalls } from './sqlite-session-worker.ts';

/** Options of {@link SqliteSessionStore.open}. */
export interface SqliteSessionStoreOptions {
  /** Path of the file. It is created if missing; its folder must exist, on a local disk. Files that end in `-wal` and `-shm` are next to it. */
  readonly path: string;
  /** Log for faults. @defaultValue `createLogger()` */
  readonly log?: Logger;
}

/** Keeps sessions in an SQLite file. */
export class SqliteSessionStore implements SessionStore {
  readonly #thread: SqliteThread<SessionCalls>;
  readonly #file: OpenedFile;

  private constructor(thread: SqliteThread<SessionCalls>, file: OpenedFile) {
    this.#thread = thread;
    this.#file = file;
  }

  /**
   * Opens the file.
   *
   * @throws {@link GaleError} `ROOM_STORE_UNWRITABLE` if it cannot be written, `ROOM_STORE_UNREADABLE` if it is not a store of sessions,
   *   damaged, or from a newer Gale; `OPTION_UNKNOWN` or `OPTION_VALUE`.
   */
  static async open(options: SqliteSessionStoreOptions): Promise<SqliteSessionStore> {
    assertNames('SqliteSessionStore', options, ['path', 'log']);
    const { path, log = createLogger() } = options;
    if (typeof path !== 'string' || path === '') throw wrongValue('path', 'the path of a file', path);
    assertLog(log);
    const thread = await SqliteThread.open<SessionCalls>({
      path,
      log,
      now: Date.now,
      name: 'gale-sessions',
      program: new URL(`./sqlite-session-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
      maxAtOnce: 1_000,
      maxWaiting: 100_000,
      advice: 'Retry the request.',
      onRestart: () => {},
    });
    return new SqliteSessionStore(thread, await OpenedFile.at(path));
  }

  load(id: string, now: number): Promise<StoredSession | undefined> {
    return this.#thread.call('load', id, now);
  }

  save(change: SessionChange, now: number): Promise<SaveResult> {
    return this.#thread.call('save', change, now);
  }

  list(person: string, now: number): Promise<readonly ListedSession[]> {
    return this.#thread.call('list', person, now);
  }

  end(ids: readonly string[], now: number): Promise<readonly string[]> {
    return this.#thread.call('end', ids, now);
  }

  async check(): Promise<void> {
    await this.#file.assertInPlace();
    await this.#thread.call('check', Date.now());
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
