/**
 * The writing thread of the SQLite broker: runs all waiting batches of calls in one transaction,
 * and sends the results after the commit. During a commit, the next batches collect.
 */
import { workerData } from 'node:worker_threads';
import { GaleError } from '../../../errors.ts';
import { openDatabase } from './sqlite-schema.ts';
import type { HeldDatabase } from './sqlite-schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Call, Fault, FromWorker, ToWorker } from '../../../stores/sqlite-thread-messages.ts';
import { parentPort, receiveMessageOnPort } from '../../../stores/worker-port.ts';
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

/** Most batches in one transaction. Bounds how long the first of them waits. */
const maxBatches = 64;

if (parentPort) serve(parentPort, workerData as { readonly path: string });

function serve(port: NonNullable<typeof parentPort>, { path }: { readonly path: string }): void {
  const send = (message: FromWorker): void => port.postMessage(message);
  let held: HeldDatabase;
  try {
    held = openDatabase(path);
  } catch (error) {
    const { code, message } = error as GaleError;
    send({ state: 'refused', code, message });
    port.close();
    return;
  }
  const { database: open, life, close } = held;
  const store = new SqliteStore(open, life);
  const log = new WriteAheadLog(open, path);
  send({ state: 'open' });

  port.on('message', (first: ToWorker) => {
    const waiting = [first];
    while (waiting.length < maxBatches) {
      const next = receiveMessageOnPort(port);
      if (!next) break;
      waiting.push(next.message);
    }
    const jobs = waiting.flatMap((message) =>
      'calls' in message ? message.calls.map((call) => ({ now: message.now, call })) : [],
    );
    if (jobs.length > 0) send(run(jobs));
    if (waiting.some((message) => 'close' in message)) {
      close();
      port.close();
    }
  });

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
