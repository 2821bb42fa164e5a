/**
 * The writing thread of the SQLite broker: takes batches of calls, carries out all that wait in one transaction,
 * and answers after the commit. While one commit is on its way to the disk, the next batch gathers.
 */
import { workerData } from 'node:worker_threads';
import { GaleError } from '../../../errors.ts';
import { openDatabase } from './sqlite-schema.ts';
import type { HeldDatabase } from './sqlite-schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Call, Fault, FromWorker, ToWorker } from '../../../stores/sqlite-thread-messages.ts';
import { parentPort, receiveMessageOnPort } from '../../../stores/worker-port.ts';
import { WriteAheadLog } from '../../../stores/write-ahead-log.ts';

/** The methods of {@link SqliteStore} that are called from the main thread. */
export type StoreCalls = Pick<
  SqliteStore,
  'publish' | 'heads' | 'renewEpoch' | 'removeEmpty' | 'getCursors' | 'advanceCursor' | 'deleteCursor' | 'check'
>;

interface Job {
  readonly now: number;
  readonly call: Call;
}

/** Batches carried out in one transaction; bounds how long the first of them waits. */
const mostBatches = 64;

if (parentPort) serve(parentPort, workerData as { readonly path: string });

function serve(port: NonNullable<typeof parentPort>, { path }: { readonly path: string }): void {
  const tell = (word: FromWorker): void => port.postMessage(word);
  let held: HeldDatabase;
  try {
    held = openDatabase(path);
  } catch (error) {
    const { code, message } = error as GaleError;
    tell({ state: 'refused', code, message });
    port.close();
    return;
  }
  const { database: open, close } = held;
  const store = new SqliteStore(open);
  const log = new WriteAheadLog(open, path);
  tell({ state: 'open' });

  port.on('message', (first: ToWorker) => {
    const waiting = [first];
    while (waiting.length < mostBatches) {
      const next = receiveMessageOnPort(port);
      if (!next) break;
      waiting.push(next.message);
    }
    const jobs = waiting.flatMap((word) =>
      'calls' in word ? word.calls.map((call) => ({ now: word.now, call })) : [],
    );
    if (jobs.length > 0) tell(carryOut(jobs));
    if (waiting.some((word) => 'close' in word)) {
      close();
      port.close();
    }
  });

  function carryOut(jobs: readonly Job[]): FromWorker {
    try {
      return { state: 'done', results: transact(jobs), faults: [] };
    } catch {
      // One of them may be at fault, and the others shall not suffer for it.
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

  /** A file that takes no writes can still be read. @returns Undefined if the job is no read, or fails again. */
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

  /** Does all of them, or none and throws. */
  function transact(jobs: readonly Job[]): unknown[] {
    try {
      open.exec('BEGIN');
      const results = jobs.map(({ now, call: [name, ...args] }) => {
        store.now = now;
        return (store[name as keyof StoreCalls] as (...args: unknown[]) => unknown).apply(store, args);
      });
      const published = jobs.filter(({ call: [name] }) => name === 'publish').length;
      if (published > 0) store.prune(2 * published);
      open.exec('COMMIT');
      log.onCommit();
      return results;
    } catch (error) {
      // Some faults have rolled back by themselves.
      if (open.isTransaction) open.exec('ROLLBACK');
      throw error;
    }
  }
}
