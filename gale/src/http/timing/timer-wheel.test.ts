import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fuzz } from '../../../test/support/http/random-requests.ts';
import { TimerWheel } from './timer-wheel.ts';

/** A wheel on a clock that the test moves; its own timer never runs. */
function wheelAt(t: { after(end: () => void): void }): { wheel: TimerWheel; pass(ms: number): void; now(): number } {
  let now = 1_000;
  const wheel = new TimerWheel({ tickMs: 500, now: () => now });
  t.after(() => wheel.stop());
  return {
    wheel,
    now: () => now,
    pass(ms) {
      // In steps of a tick, as the wheel's own timer would.
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + 500);
        wheel.advance();
      }
    },
  };
}

test('expires a deadline once, never early and at most two ticks late', (t) => {
  for (const afterMs of [0, 1, 499, 500, 501, 10_000, 75_000, 127_500, 128_000, 128_500, 300_000, 3_600_000]) {
    const { wheel, pass, now } = wheelAt(t);
    const start = now();
    const passed: number[] = [];
    wheel.set({ onDeadline: () => passed.push(now() - start) }, afterMs);
    pass(afterMs + 2_000);
    assert.equal(passed.length, 1, `${afterMs} ms: passed ${passed.length} times`);
    const [at = 0] = passed;
    assert.ok(at >= afterMs && at <= afterMs + 1_000, `${afterMs} ms passed after ${at} ms`);
    assert.equal(wheel.size, 0);
  }
});

test('refuses a time that is not a finite number, since its deadline would never expire', (t) => {
  const { wheel } = wheelAt(t);
  for (const afterMs of [Number.NaN, Infinity, '5', undefined] as number[]) {
    assert.throws(() => wheel.set({ onDeadline: () => {} }, afterMs), {
      code: 'OPTION_VALUE',
      message: /^afterMs must be a finite number; got /,
    });
  }
  assert.equal(wheel.size, 0);
});

test('does not expire early a deadline that is set late in a turn that blocks the process', (t) => {
  for (const blockedMs of [1, 499, 500, 501, 999, 5_000, 200_000]) {
    for (const afterMs of [0, 1, 500, 3_000, 150_000]) {
      for (const heldMs of [undefined, 100, 100_000]) {
        let now = 0;
        const wheel = new TimerWheel({ tickMs: 500, now: () => now });
        t.after(() => wheel.stop());
        const passed: number[] = [];
        const entry = { onDeadline: () => passed.push(now) };
        // The wheel is running already, and the entry itself may be in it.
        wheel.set({ onDeadline() {} }, 300_000);
        if (heldMs !== undefined) wheel.set(entry, heldMs);
        now += blockedMs;
        wheel.set(entry, afterMs);
        const setAt = now;
        now += 100;
        for (; passed.length === 0; now += 500) wheel.tickLate();
        const [at = 0] = passed;
        const what = `${afterMs} ms, set after ${blockedMs} ms, in the wheel for ${heldMs}, passed after ${at - setAt} ms`;
        assert.ok(at - setAt >= afterMs, what);
        assert.ok(at - setAt <= afterMs + 100 + 1_500, what);
      }
    }
  }
});

test('expires no deadline early or much too late, for random clock readings', async () => {
  const step = fc.record({
    index: fc.nat(4),
    action: fc.constantFrom('set', 'clear', 'advance', 'advance'),
    afterMs: fc.oneof(fc.nat(2_000), fc.nat(300_000)),
    thenMs: fc.oneof(fc.nat(700), fc.nat(10_000)),
  });
  await fuzz(
    500,
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      let now = 0.25;
      const wheel = new TimerWheel({ tickMs: 500, now: () => now });
      const entries = Array.from({ length: 5 }, () => {
        const entry = { afterMs: Infinity, setAt: Infinity, seenAt: Infinity, onDeadline };
        function onDeadline(): void {
          assert.ok(now >= entry.setAt + entry.afterMs, `${entry.afterMs} ms passed after ${now - entry.setAt} ms`);
          entry.setAt = entry.seenAt = Infinity;
        }
        return entry;
      });
      const advance = (): void => {
        for (const entry of entries) if (entry.setAt < Infinity) entry.seenAt = Math.min(entry.seenAt, now);
        wheel.tickLate();
        const late = entries.find(({ seenAt, afterMs }) => now >= seenAt + afterMs + 1_500);
        assert.equal(late, undefined, `at ${now}`);
      };
      for (const { index, action, afterMs, thenMs } of steps) {
        const entry = entries[index]!;
        if (action === 'set') {
          wheel.set(entry, afterMs);
          Object.assign(entry, { afterMs, setAt: now, seenAt: Infinity });
        } else if (action === 'clear') {
          wheel.clear(entry);
          Object.assign(entry, { setAt: Infinity, seenAt: Infinity });
        } else {
          advance();
        }
        now += thenMs;
      }
      for (const end = now + 302_000; now < end; now += 500) advance();
      assert.equal(wheel.size, 0);
      wheel.stop();
    }),
  );
});

test('moves a deadline that is set again, to later and to earlier', (t) => {
  const { wheel, pass, now } = wheelAt(t);
  const passed: [string, number][] = [];
  const start = now();
  const later = { onDeadline: () => passed.push(['later', now() - start]) };
  const earlier = { onDeadline: () => passed.push(['earlier', now() - start]) };
  wheel.set(later, 5_000);
  wheel.set(earlier, 75_000);
  pass(4_000);
  wheel.set(later, 5_000);
  wheel.set(earlier, 1_000);
  assert.equal(wheel.size, 2);
  pass(10_000);
  assert.deepEqual(
    passed.map(([name]) => name),
    ['earlier', 'later'],
  );
  assert.ok((passed[0]?.[1] ?? 0) <= 6_000);
  assert.ok((passed[1]?.[1] ?? 0) >= 9_000 && (passed[1]?.[1] ?? 0) <= 10_000);
});

test('never expires a cleared deadline, and ignores clearing one that is not set', (t) => {
  const { wheel, pass } = wheelAt(t);
  const entries = Array.from({ length: 5 }, () => ({ onDeadline: () => assert.fail('cleared') }));
  for (const entry of entries) wheel.set(entry, 1_000);
  for (const entry of [2, 0, 4, 1, 3].map((index) => entries[index] as (typeof entries)[0])) wheel.clear(entry);
  wheel.clear({ onDeadline() {} });
  assert.equal(wheel.size, 0);
  pass(5_000);
});

test('lets a deadline set itself and others, and clear others, while it expires', (t) => {
  const { wheel, pass } = wheelAt(t);
  const passed: string[] = [];
  const second = { onDeadline: () => void passed.push('second') };
  const third = { onDeadline: () => void passed.push('third') };
  let rounds = 0;
  const first = {
    onDeadline() {
      passed.push('first');
      wheel.clear(second);
      if (++rounds < 3) wheel.set(first, 0);
      wheel.set(third, 0);
    },
  };
  wheel.set(second, 1_000);
  wheel.set(first, 1_000);
  pass(10_000);
  assert.equal(passed.filter((name) => name === 'first').length, 3);
  // The order of deadlines of one tick is not defined: `second` may have been first.
  assert.ok(passed.filter((name) => name === 'second').length <= 1);
  assert.equal(passed.at(-1), 'third');
});

test('runs on its own timer, starts again after it was empty, and does nothing after stop', async (t) => {
  const wheel = new TimerWheel({ tickMs: 2 });
  t.after(() => wheel.stop());
  const hold = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(hold));
  for (let round = 0; round < 3; round++) {
    await new Promise<void>((resolve) => wheel.set({ onDeadline: resolve }, 3));
    assert.equal(wheel.size, 0);
  }
  wheel.set({ onDeadline: () => assert.fail('stopped') }, 1);
  wheel.stop();
  wheel.set({ onDeadline: () => assert.fail('stopped') }, 1);
  assert.equal(wheel.size, 0);
  // Another wheel shows when the deadlines would have expired.
  const other = new TimerWheel({ tickMs: 2 });
  t.after(() => other.stop());
  await new Promise<void>((resolve) => other.set({ onDeadline: resolve }, 10));
});

test('reads sockets before it expires deadlines after the process was blocked', async (t) => {
  let now = 0;
  const wheel = new TimerWheel({ tickMs: 500, now: () => now });
  t.after(() => wheel.stop());
  const passed: string[] = [];
  const active = { onDeadline: () => void passed.push('active') };
  const silent = { onDeadline: () => void passed.push('silent') };
  wheel.set(active, 5_000);
  wheel.set(silent, 5_000);
  now += 500;
  wheel.advance();
  // The process was blocked, then the timer runs, as it does before sockets are read.
  now += 60_000;
  wheel.tick();
  assert.deepEqual(passed, []);
  wheel.set(active, 5_000);
  await new Promise<void>((resolve) => setImmediate(resolve));
  assert.deepEqual(passed, ['silent']);
  assert.equal(wheel.size, 1);
});
