/** Waiting for a condition, so that tests need no sleeps. */
import { setTimeout as after } from 'node:timers/promises';

/** Settles as soon as `condition` is true; rejects after `withinMs` with the result of `describe`. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  describe: () => string = () => String(condition),
  withinMs = 10_000,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endsAt) throw new Error(`not within ${withinMs} ms: ${describe()}`);
    await after(2);
  }
}

/** Settles as `promise` does; rejects after `withinMs` with the result of `describe`. */
export async function within<Value>(
  promise: Promise<Value>,
  describe: () => string,
  withinMs: number = 10_000,
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not within ${withinMs} ms: ${describe()}`)), withinMs);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Settles when a line matches; rejects with the existing lines. */
export function untilLine(lines: readonly string[], wanted: string | RegExp): Promise<void> {
  const matches = (line: string): boolean => (typeof wanted === 'string' ? line === wanted : wanted.test(line));
  return eventually(
    () => lines.some(matches),
    () => `${wanted} in ${JSON.stringify(lines).slice(0, 500)}`,
  );
}
