/**
 * The reading thread of the SQLite broker: runs reads one after the other and sends each result at once,
 * so that at most one page is in its memory. The writing thread is sqlite-worker.ts.
 */
import { workerData } from 'node:worker_threads';
import type { GaleError } from '../../../errors.ts';
import { SqliteReads } from './sqlite-reads.ts';
import { openForReading } from './sqlite-schema.ts';
import type { Call, FromWorker, ToWorker } from '../../../stores/sqlite-thread-messages.ts';
import { parentPort } from '../../../stores/worker-port.ts';

/** The methods of {@link SqliteReads} that the main thread calls. */
export type ReadCalls = Pick<SqliteReads, 'read' | 'heads'>;

if (parentPort) serve(parentPort, workerData as { readonly path: string });

function serve(port: NonNullable<typeof parentPort>, { path }: { readonly path: string }): void {
  const send = (message: FromWorker): void => port.postMessage(message);
  let database;
  try {
    database = openForReading(path);
  } catch (error) {
    const { code, message } = error as GaleError;
    send({ state: 'refused', code, message });
    port.close();
    return;
  }
  const open = database;
  const reads = new SqliteReads(open);
  send({ state: 'open' });

  port.on('message', (message: ToWorker) => {
    if ('calls' in message) {
      for (const call of message.calls) send(run(call));
    } else {
      open.close();
      port.close();
    }
  });

  function run([name, ...args]: Call): FromWorker {
    try {
      const result = (reads[name as keyof ReadCalls] as (...args: unknown[]) => unknown).apply(reads, args);
      return { state: 'done', results: [result], faults: [] };
    } catch (error) {
      return { state: 'done', results: [undefined], faults: [{ index: 0, message: (error as Error).message }] };
    }
  }
}
