/** Waiting for a condition, so that tests need no sleeps. */
import { setTimeout as delay } from 'node:timers/promises';

/** Repeats `read` until its result is neither false nor undefined. @returns The result; rejects after the time. */
export async function until<Value>(
  read: () => Value | Promise<Value>,
  ms: number = 30_000,
): Promise<Exclude<Value, undefined | false>> {
  for (const end = performance.now() + ms; ;) {
    const value = await read();
    if (value !== undefined && value !== false) return value as Exclude<Value, undefined | false>;
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${String(read)}`);
    await delay(5);
  }
}
