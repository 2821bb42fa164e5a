/** The writing thread of the SQLite broker: runs all waiting batches of calls in one transaction, and sends the results after the commit. */
import { workerData } from 'node:worker_threads';
import { openDatabase } from './sqlite-schema.ts';
import type { HeldDatabase } from './sqlite-schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import { serveDatabase } from '../../../stores/sqlite-program.ts';
import type { Call, Fault, FromWorker } from '../../../stores/sqlite-thread-messages.ts';
import { parentPort } from '../../../stores/worker-port.ts';
import { WriteAheadLog } from '../../../stores/write-ahead-log.ts';

/** The methods of {@link SqliteStore} that the main thread calls. */
export type StoreCalls = Pick<
  SqliteStore,
  | 'publish'
  | 'amend'
  | 'heads'
  | 'renewEpoch'
  | 'removeEmpty'
  | 'remove'
  | 'getCursors'
  | 'advanceCursor'
  | 'deleteCursor'
  | 'savedHold'
  | 'saveHold'
  | 'forgetHold'
  | 'heldRooms'
  | 'check'
>;

interface Job {
  readonly now: number;
  readonly call: Call;
}

if (parentPort) {
  const { path } = workerData as { readonly path: string };
  serveDatabase(parentPort, (send) => {
    const held = openDatabase(path);
    const run = runnerOf(held, new WriteAheadLog(held.database, path));
    return {
      run: (batches) => send(run(batches.flatMap(({ now, calls }) => calls.map((call) => ({ now, call }))))),
      close: held.close,
    };
  });
}

/** Runs jobs in one transaction; the jobs of a failed transaction run again, each in its own. */
function runnerOf({ database: open, life }: HeldDatabase, log: WriteAheadLog): (jobs: readonly Job[]) => FromWorker {
  const store = new SqliteStore(open, life);
  return run;

  function run(jobs: readonly Job[]): FromWorker {
    try {
      return { state: 'done', results: transact(jobs), faults: [] };
    } catch {
      // One failed call must not fail the others.
      const faults: Fault[] = [];
      const results = jobs.map((job, index) => {
        try {
          return transact([job])[0];
        } catch (error) {
          const read = readOnly(job);
          if (read !== undefined) return read;
          faults.push({ index, message: (error as Error).message });
          return undefined;
        }
      });
      return { state: 'done', results, faults };
    }
  }

  /** Runs a read on a file that refuses writes. @returns Undefined if the job is no read, or fails again. */
  function readOnly(job: Job): unknown {
    const [name] = job.call;
    if (name !== 'heads') return undefined;
    store.makesStreams = false;
    try {
      return transact([job])[0];
    } catch {
      return undefined;
    } finally {
      store.makesStreams = true;
    }
  }

  /** Runs all jobs in one transaction, or none and throws. */
  function transact(jobs: readonly Job[]): unknown[] {
    try {
      open.exec('BEGIN');
      const results = jobs.map(({ now, call: [name, ...args] }) => {
        store.now = now;
        return (store[name as keyof StoreCalls] as (...args: unknown[]) => unknown).apply(store, args);
      });
      const published = jobs.filter(({ call: [name] }) => name === 'publish').length;
      if (published > 0) store.prune(2 * published);
      store.finish();
      open.exec('COMMIT');
      log.onCommit();
      return results;
    } catch (error) {
      store.discard();
      // Some errors roll back on their own.
      if (open.isTransaction) open.exec('ROLLBACK');
      throw error;
    }
  }
}
