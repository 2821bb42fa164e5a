/** A program of two processes whose primary kills processes that do not stop at once. It writes `{"pids"}` when they are ready. */
import cluster from 'node:cluster';
import { createLogger, runProgram } from 'gale';
import { WorkerProcesses } from '../../../src/run/worker-processes.ts';

if (cluster.isPrimary) {
  const workers = new WorkerProcesses({ count: 2, maxRestartsPerMinute: 0, killMs: 10, log: createLogger() });
  process.on('SIGTERM', () => workers.stop());
  await workers.start();
  const pids = Object.values(cluster.workers ?? {}).map((worker) => worker?.process.pid);
  process.stdout.write(`${JSON.stringify({ pids })}\n`);
} else {
  await runProgram(() => ({ close() {} }));
}
