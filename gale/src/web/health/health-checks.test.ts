import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordedLog } from '../../../test/support/recorded-log.ts';
import { HealthChecks, type HealthTimes } from './health-checks.ts';

const messageOf = (error: unknown): string | undefined => (error instanceof Error ? error.message : undefined);
const times: HealthTimes = { timeoutMs: 60_000, reuseMs: 1_000, now: () => 0 };

test('reuses a result for the time of the option, also a failing one', async () => {
  let now = 0;
  let runs = 0;
  let isWell = false;
  const store = async (): Promise<void> => {
    runs++;
    if (!isWell) throw new Error('full');
  };
  const log = new RecordedLog();
  const health = new HealthChecks({ store }, { ...times, now: () => now });
  const [one, other] = await Promise.all([health.run(log), health.run(log)]);
  assert.deepEqual(one.failed, ['store']);
  assert.equal(other, one);
  isWell = true;
  now = 999;
  assert.deepEqual((await health.run(log)).failed, ['store']);
  assert.equal(runs, 1);
  now = 1_000;
  assert.deepEqual((await health.run(log)).failed, []);
  assert.equal(runs, 2);
});

test('logs a check that begins to fail once, and once that all pass again', async () => {
  let now = 0;
  const fails = { store: false, broker: false };
  const log = new RecordedLog();
  const check = (name: keyof typeof fails) => async (): Promise<void> => {
    if (fails[name]) throw new Error(`${name} is full`);
  };
  const health = new HealthChecks({ store: check('store'), broker: check('broker') }, { ...times, now: () => now });
  const steps = [{}, { store: true }, { store: true }, { store: true, broker: true }, { broker: true }, {}, {}];
  for (const step of steps) {
    Object.assign(fails, { store: false, broker: false }, step);
    await health.run(log);
    now += 1_000;
  }
  assert.deepEqual(
    log.lines.map(({ level, message, fields: { check, checks, err } }) => [
      level,
      message,
      check ?? checks,
      messageOf(err),
    ]),
    [
      ['warn', 'A health check failed', 'store', 'store is full'],
      ['warn', 'A health check failed', 'broker', 'broker is full'],
      ['info', 'Health checks pass again', ['broker'], undefined],
    ],
  );
});

test('a check fails if it throws, rejects or returns false', async () => {
  const log = new RecordedLog();
  const checks = {
    throws: () => {
      throw new Error('at once');
    },
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- Any rejection counts.
    rejects: () => Promise.reject('text'),
    returnsFalse: async () => false,
    returnsNothing: () => {},
    returnsZero: () => 0,
  };
  const { failed } = await new HealthChecks(checks, times).run(log);
  assert.deepEqual(failed, ['throws', 'rejects', 'returnsFalse']);
  assert.deepEqual(
    log.lines.map(({ fields: { err } }) => messageOf(err)),
    ['at once', 'The check failed', 'The check returned false'],
  );
});

test('a check that hangs fails after its timeout, its signal aborts, and it is not called again until it settles', async () => {
  const log = new RecordedLog();
  const signals: AbortSignal[] = [];
  const hung = Promise.withResolvers<void>();
  let now = 0;
  const health = new HealthChecks(
    {
      hangs: (signal) => {
        signals.push(signal);
        return hung.promise;
      },
      works: () => {},
    },
    { timeoutMs: 1, reuseMs: 0, now: () => now++ },
  );
  assert.deepEqual((await health.run(log)).failed, ['hangs']);
  assert.ok(signals[0]?.aborted);
  assert.deepEqual((await health.run(log)).failed, ['hangs']);
  assert.equal(signals.length, 1);
  hung.resolve();
  await hung.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual((await health.run(log)).failed, []);
  assert.equal(signals.length, 2);
});
