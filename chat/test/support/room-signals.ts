/** What the subscribers of a room are notified of, beside messages. */
import type { TestContext } from 'node:test';
import type { Rooms } from 'gale';

/** Collects the signals of a room until the end of the test. */
export async function signalsOf(t: TestContext, rooms: Rooms, roomId: string): Promise<readonly unknown[]> {
  const signals: unknown[] = [];
  const subscription = await rooms.subscribe(roomId, undefined, {
    deliver() {},
    dropped() {},
    reset() {},
    signal: (data) => signals.push(data),
  });
  subscription.start();
  t.after(() => subscription.close());
  return signals;
}
