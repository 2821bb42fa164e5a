/**
 * A timer wheel on a clock that the test moves, so that no test waits for real time.
 */
import { TimerWheel } from '../../../src/http/timing/timer-wheel.ts';

/** Makes a wheel that stops after the test. */
export function fakeWheel(t: { after(end: () => void): void }): { wheel: TimerWheel; pass(ms: number): void } {
  let now = 0;
  const wheel = new TimerWheel({ now: () => now });
  t.after(() => wheel.stop());
  return {
    wheel,
    pass(ms) {
      now += ms;
      wheel.advance();
    },
  };
}

/** Repeats `step`, with five turns of the event loop between, until `done` settles. */
export async function poll(step: () => void, done: Promise<unknown>): Promise<void> {
  const state = { isDone: false };
  void done.then(() => (state.isDone = true));
  while (!state.isDone) {
    step();
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  }
}
