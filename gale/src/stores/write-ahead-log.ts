/**
 * Keeps the write-ahead log of an SQLite file small. SQLite truncates the log by itself when no reader needs it.
 * Under constant reads that never happens, so the writer sometimes waits for the readers.
 *
 * @see https://sqlite.org/wal.html#avoiding_excessively_large_wal_files
 */
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** Size from which the log is truncated, in bytes. */
const usualBytes = 64 * 1024 * 1024;
/** Commits between two checks of the size. */
const commitsBetween = 64;

/** The write-ahead log of one database. */
export class WriteAheadLog {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #usualBytes: number;
  #maxBytes: number;
  #commits = 0;

  constructor(database: DatabaseSync, path: string, maxBytes: number = usualBytes) {
    this.#database = database;
    this.#path = `${path}-wal`;
    this.#usualBytes = maxBytes;
    this.#maxBytes = maxBytes;
  }

  /** Call this after each commit. Never throws, since the commit is done. */
  onCommit(): void {
    if (++this.#commits % commitsBetween !== 0) return;
    try {
      const { size } = statSync(this.#path);
      if (size <= this.#maxBytes) return;
      const isBusy = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] !== 0;
      // A tool that reads the whole file may need the log for long, so the next attempt comes later.
      this.#maxBytes = isBusy ? 2 * size : this.#usualBytes;
    } catch {
      // The disk is full or the file is gone; the next commit reports it.
    }
  }
}
