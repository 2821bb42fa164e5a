/**
 * The reading thread of the SQLite broker: runs reads one after the other and sends each result at once,
 * so that at most one page is in its memory. The writing thread is sqlite-worker.ts.
 */
import { workerData } from 'node:worker_threads';
import { SqliteReads } from './sqlite-reads.ts';
import { openForReading } from './sqlite-schema.ts';
import { serveDatabase } from '../../../stores/sqlite-program.ts';
import type { Call, FromWorker } from '../../../stores/sqlite-thread-messages.ts';
import { parentPort } from '../../../stores/worker-port.ts';

/** The methods of {@link SqliteReads} that the main thread calls. */
export type ReadCalls = Pick<SqliteReads, 'read' | 'heads'>;

if (parentPort) {
  const { path } = workerData as { readonly path: string };
  serveDatabase(parentPort, (send) => {
    const database = openForReading(path);
    const reads = new SqliteReads(database);
    return {
      run(batches) {
        for (const { calls } of batches) for (const call of calls) send(run(reads, call));
      },
      close: () => database.close(),
    };
  });
}

function run(reads: SqliteReads, [name, ...args]: Call): FromWorker {
  try {
    const result = (reads[name as keyof ReadCalls] as (...args: unknown[]) => unknown).apply(reads, args);
    return { state: 'done', results: [result], faults: [] };
  } catch (error) {
    return { state: 'done', results: [undefined], faults: [{ index: 0, message: (error as Error).message }] };
  }
}
