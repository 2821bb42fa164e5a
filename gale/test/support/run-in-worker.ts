/**
 * Runs code in a worker thread. The runner cannot end a test that blocks its thread: without the worker, code that takes too
 * long would stop the run or pass late. With it, such a test runs into its timeout and fails.
 */
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';

const program = `
  const { parentPort, workerData: { module, run, values } } = require('node:worker_threads');
  import(module).then((imported) => parentPort.postMessage((0, eval)(run)(imported, ...values)));
`;

/**
 * Runs a function in a worker thread, which ends with the test.
 *
 * @param module - URL of a module, from `import.meta.resolve`. The function gets its exports.
 * @param run - Uses its parameters and globals only: its source is sent to the worker.
 * @returns A copy of the result.
 */
export async function runInWorker<Module, Values extends unknown[], Result>(
  t: TestContext,
  module: string,
  run: (module: Module, ...values: Values) => Result,
  ...values: Values
): Promise<Result> {
  const worker = new Worker(program, { eval: true, workerData: { module, run: String(run), values } });
  t.after(() => worker.terminate());
  const [result] = (await once(worker, 'message')) as [Result];
  return result;
}
