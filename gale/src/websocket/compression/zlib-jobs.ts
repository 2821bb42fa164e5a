/**
 * Work of zlib that takes too long for the event loop: done in Node's thread pool, a few jobs at a time.
 * Each holds a quarter of a megabyte from its first moment on, so the others wait here, where they hold nothing.
 */

/** One less than the threads of the pool, which also reads files and looks up names. */
const mostJobs = 3;

const waiting: (() => void)[] = [];
let running = 0;

/** Runs `job` when its turn has come; first come, first served. Settles as the job does. */
export async function runZlibJob<Result>(job: () => Promise<Result>): Promise<Result> {
  if (running < mostJobs) {
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
