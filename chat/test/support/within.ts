/** A time limit for a wait, so that a test that would wait for ever fails with what it waited for. */

/** Default of {@link within}. Long, because the machine may be busy with other tests; shorter than the timeout of a test. */
const limitMs = 30_000;

/** Settles as `promise` does; rejects after `ms` with what was waited for. */
export async function within<Value>(
  promise: Promise<Value>,
  describe: () => string,
  ms: number = limitMs,
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${describe()}`)), ms);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
