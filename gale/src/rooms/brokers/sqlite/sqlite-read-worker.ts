/**
 * The reading thread of the SQLite broker: carries out one read after the other and answers each by itself,
 * so that no more than one page is in its memory. The writing thread is sqlite-worker.ts.
 */
import { workerData } from 'node:worker_threads';
import type { GaleError } from '../../../errors.ts';
import { SqliteReads } from './sqlite-reads.ts';
import { openForReading } from './sqlite-schema.ts';
import type { Call, FromWorker, ToWorker } from '../../../stores/sqlite-thread-messages.ts';
import { parentPort } from '../../../stores/worker-port.ts';

/** The methods of {@link SqliteReads} that are called from the main thread. */
export type ReadCalls = Pick<SqliteReads, 'read' | 'heads'>;

if (parentPort) serve(parentPort, workerData as { readonly path: string });

function serve(port: NonNullable<typeof parentPort>, { path }: { readonly path: string }): void {
  const tell = (word: FromWorker): void => port.postMessage(word);
  let database;
  try {
    database = openForReading(path);
  } catch (error) {
    const { code, message } = error as GaleError;
    tell({ state: 'refused', code, message });
    port.close();
    return;
  }
  const open = database;
  const reads = new SqliteReads(open);
  tell({ state: 'open' });

  port.on('message', (word: ToWorker) => {
    if ('calls' in word) {
      for (const call of word.calls) tell(carryOut(call));
    } else {
      open.close();
      port.close();
    }
  });

  function carryOut([name, ...args]: Call): FromWorker {
    try {
      const result = (reads[name as keyof ReadCalls] as (...args: unknown[]) => unknown).apply(reads, args);
      return { state: 'done', results: [result], faults: [] };
    } catch (error) {
      return { state: 'done', results: [undefined], faults: [{ index: 0, message: (error as Error).message }] };
    }
  }
}
