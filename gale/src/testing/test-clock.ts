/**
 * The clock of an application under test. It runs with real time and can be moved forward, or has a fixed time until it is moved.
 * The deadlines of the server and its WebSockets are in its timer wheel; cookies, signed values and dates use its time.
 */
import { TimerWheel } from '../http/timing/timer-wheel.ts';
import { assertNumber, wrongValue } from '../run/given-options.ts';

/** Length of a tick of the wheel, in milliseconds: a deadline expires up to three ticks late. */
const tickMs = 20;
/** Latest time of a Date, in milliseconds since 1970. */
const maxTimeMs = 8.64e15;

/** Time that a test moves. */
export class TestClock {
  /** Deadlines of the server and of its WebSockets. They expire up to 60 ms late, never early. */
  readonly wheel: TimerWheel;
  /** Milliseconds since 1970. Usable without the clock: the setting `now` takes this function. */
  readonly now: () => number;
  readonly #startedAt: number = Date.now();
  /** Moved time since the start, in milliseconds. */
  #movedMs = 0;

  /** @param standsAt - Fixed time of the clock until it is moved. Left out: it starts now and runs. */
  constructor(standsAt?: Date | number) {
    const fixed = standsAt === undefined ? undefined : timeOf(standsAt);
    this.now = () => (fixed ?? Date.now()) + this.#movedMs;
    // Differences of Date.now may be negative when the time of the machine is set; those of performance.now are not.
    const elapsed = fixed === undefined ? () => performance.now() : () => this.#startedAt;
    this.wheel = new TimerWheel({ tickMs, now: () => elapsed() + this.#movedMs });
  }

  /**
   * Moves the clock forward and expires the deadlines that are due. Timers of your own code, of Redis and of the operating system do
   * not move.
   *
   * @param ms - Milliseconds, 0 or more. Add 60 for the accuracy of deadlines.
   * @returns Settles after what the expired deadlines closed or sent has reached the other ends in this process.
   */
  async advance(ms: number): Promise<void> {
    assertNumber('ms', ms, 0, maxTimeMs);
    this.#movedMs += ms;
    this.wheel.advance();
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

function timeOf(value: Date | number): number {
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time === 'number' && time >= 0 && time <= maxTimeMs) return time;
  throw wrongValue('time', 'a valid Date, or milliseconds since 1970', value);
}
