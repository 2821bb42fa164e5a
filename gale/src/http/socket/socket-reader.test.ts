import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { fakeWheel } from '../../../test/support/http/fake-wheel.ts';
import { noTimeouts } from '../../../test/support/http/no-timeouts.ts';
import { ClientDeadlines } from '../timing/client-deadlines.ts';
import { SocketReader } from './socket-reader.ts';

/** A reader on a socket that only records when it is resumed. */
function readerAlone(t: { after(end: () => void): void }): {
  reader: SocketReader;
  /** Runs for `seconds` and returns the seconds in which the socket was resumed. */
  run(seconds: number): number[];
} {
  const { wheel, pass } = fakeWheel(t);
  let resumes = 0;
  const socket = new Socket();
  socket.pause = () => socket;
  socket.resume = () => {
    resumes++;
    return socket;
  };
  const deadlines = new ClientDeadlines(
    { onIdle() {}, onSlowRequest() {}, onHalfClosed() {}, onAbandoned() {} },
    socket,
    noTimeouts,
    wheel,
  );
  const reader = new SocketReader(socket, deadlines, wheel);
  let second = 0;
  return {
    reader,
    run(seconds) {
      const found: number[] = [];
      for (const end = second + seconds; second < end;) {
        pass(500);
        pass(500);
        second++;
        if (resumes > 0) found.push(second);
        resumes = 0;
      }
      return found;
    },
  };
}

/** Differences between neighbours, in whole seconds; the wheel is up to a second late. */
function gaps(seconds: readonly number[]): number[] {
  return seconds.slice(1).map((second, index) => second - (seconds[index] as number));
}

/** Whether each gap is the expected one, or a second longer. */
function assertGaps(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [index, gap] of actual.entries()) {
    const least = expected[index] as number;
    assert.ok(gap >= least && gap <= least + 1, `gap ${index} is ${gap}, not ${least}`);
  }
}

test('probes a paused socket after 1 s, then at doubled times up to 30 s, and without a limit after 64 probes', (t) => {
  const { reader, run } = readerAlone(t);
  reader.pause();
  const seconds = run(2_300);
  const bounded = [2, 4, 8, 16, ...Array.from({ length: 60 }, () => 30)];
  assertGaps(gaps(seconds).slice(0, 65), [...bounded, 60]);
  assert.ok((seconds[0] as number) <= 2);
});

test('does not probe after the end of the input, after resume and after stop', (t) => {
  for (const end of ['onInputEnd', 'resume', 'stop'] as const) {
    const { reader, run } = readerAlone(t);
    reader.pause();
    assert.ok(run(10).length > 0);
    reader[end]();
    run(1);
    assert.deepEqual(run(100), [], end);
  }
  const { reader, run } = readerAlone(t);
  reader.onInputEnd();
  reader.pause();
  assert.deepEqual(run(100), []);
});
