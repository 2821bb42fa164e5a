/**
 * The program of an SQLite thread whose calls all are methods of one object: runs all waiting batches of calls in one transaction, and
 * sends the results after the commit.
 */
import type { DatabaseSync } from 'node:sqlite';
import { serveDatabase } from './sqlite-program.ts';
import type { Call, Fault, FromWorker } from './sqlite-thread-messages.ts';
import type { parentPort } from './worker-port.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** An open file and the object with its methods. */
export interface CalledDatabase {
  readonly database: DatabaseSync;
  /** Methods by name. */
  readonly methods: object;
  /** Names of the methods that only read. */
  readonly reads: readonly string[];
}

/** Runs calls until the thread is closed. @param open - Throws a `GaleError` if the file cannot be used. */
export function serveCalls(
  port: NonNullable<typeof parentPort>,
  path: string,
  open: (path: string) => CalledDatabase,
): void {
  serveDatabase(port, (send) => {
    const opened = open(path);
    const run = runnerOf(opened, new WriteAheadLog(opened.database, path));
    return {
      run: (batches) => send(run(batches.flatMap(({ calls }) => calls))),
      close: () => opened.database.close(),
    };
  });
}

/** Runs calls in one transaction; the calls of a failed transaction run again, each in its own. */
function runnerOf(opened: CalledDatabase, log: WriteAheadLog): (calls: readonly Call[]) => FromWorker {
  const { database } = opened;
  return run;

  function run(calls: readonly Call[]): FromWorker {
    try {
      return { state: 'done', results: transact(calls), faults: [] };
    } catch (failure) {
      // One failed call must not fail the others. A lock fails all writes: each would wait for it again, and the reads after them.
      const lock = isLock(failure) ? failure : undefined;
      const faults: Fault[] = [];
      const results = calls.map((call, index) => {
        try {
          if (lock !== undefined && !isRead(call)) throw lock;
          return transact([call])[0];
        } catch (error) {
          faults.push({ index, message: (error as Error).message });
          return undefined;
        }
      });
      return { state: 'done', results, faults };
    }
  }

  function isRead([name]: Call): boolean {
    return opened.reads.includes(name);
  }

  /** Runs all calls in one transaction, or none and throws. */
  function transact(calls: readonly Call[]): unknown[] {
    const writes = !calls.every(isRead);
    try {
      // A transaction that begins with a read cannot write after another process has written.
      database.exec(writes ? 'BEGIN IMMEDIATE' : 'BEGIN');
      const results = calls.map(([name, ...args]) =>
        (opened.methods as Readonly<Record<string, (...values: unknown[]) => unknown>>)[name]?.(...args),
      );
      database.exec('COMMIT');
      if (writes) log.onCommit();
      return results;
    } catch (error) {
      // Some errors roll back on their own.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Whether another process had the file locked for all of the busy timeout (SQLITE_BUSY with any detail). */
function isLock(error: unknown): boolean {
  const { errcode } = error as { readonly errcode?: unknown };
  return typeof errcode === 'number' && (errcode & 0xff) === 5;
}
