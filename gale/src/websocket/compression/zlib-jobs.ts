/**
 * Runs long zlib work in the thread pool of Node.js, a few jobs at a time.
 * A running job holds a quarter of a megabyte; a waiting job holds nothing.
 */

/** One less than the threads of the pool, which also reads files and resolves names. */
const maxJobs = 3;

const waiting: (() => void)[] = [];
let running = 0;

/** Runs `job` in turn, first in, first out. Settles as the job does. */
export async function runZlibJob<Result>(job: () => Promise<Result>): Promise<Result> {
  if (running < maxJobs) {
    running++;
  } else {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    await promise;
  }
  try {
    return await job();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}
