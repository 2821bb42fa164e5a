/**
 * The program of an SQLite thread: opens the file, passes on the calls that wait, and closes the file at the end. During a commit,
 * the next calls collect.
 */
import type { GaleError } from '../errors.ts';
import type { CallBatch, FromWorker, ToWorker } from './sqlite-thread-messages.ts';
import { receiveMessageOnPort, type parentPort } from './worker-port.ts';

/** An open file, and what runs its calls. */
export interface ServedDatabase {
  /** Runs all calls of the batches, at least one, and sends their results in order. */
  readonly run: (batches: readonly CallBatch[]) => void;
  /** Closes the file. */
  readonly close: () => void;
}

/** Most batches in one run. Bounds how long the first of them waits. */
const maxBatches = 64;

/**
 * Serves the file until the other thread sends `close`.
 *
 * @param open - Opens the file. Throws a {@link GaleError} if it cannot be used. `send` sends results to the other thread.
 */
export function serveDatabase(
  port: NonNullable<typeof parentPort>,
  open: (send: (message: FromWorker) => void) => ServedDatabase,
): void {
  const send = (message: FromWorker): void => port.postMessage(message);
  let opened: ServedDatabase;
  try {
    opened = open(send);
  } catch (error) {
    const { code, message } = error as GaleError;
    send({ state: 'refused', code, message });
    port.close();
    return;
  }
  send({ state: 'open' });

  port.on('message', (first: ToWorker) => {
    const waiting = [first];
    while (waiting.length < maxBatches) {
      const next = receiveMessageOnPort(port);
      if (!next) break;
      waiting.push(next.message);
    }
    const batches = waiting.filter((message) => 'calls' in message);
    if (batches.length > 0) opened.run(batches);
    if (waiting.some((message) => 'close' in message)) {
      opened.close();
      port.close();
    }
  });
}
