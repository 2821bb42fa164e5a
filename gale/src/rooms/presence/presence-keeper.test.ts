import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RecordedLog } from '../../../test/support/recorded-log.ts';
import { ada, ben } from '../../../test/support/rooms/two-servers.ts';
import { GaleError } from '../../errors.ts';
import type { Lease } from '../broker.ts';
import { MemoryPresence } from '../brokers/memory/memory-presence.ts';
import { PresenceKeeper } from './presence-keeper.ts';

interface Opened {
  readonly keeper: PresenceKeeper;
  readonly presence: MemoryPresence;
  readonly log: RecordedLog;
  /** Notifications in order: `enter ada`. */
  readonly notified: string[];
  /** Calls that change leases, in order: `leave tab 1`, `renew tab 1 tab 2 for 30000`. */
  readonly calls: string[];
  /** Ids of the people in the room. */
  here(): Promise<string[]>;
}

function open(t: TestContext, options: { presenceGraceMs?: number } = {}): Opened {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const presence = new MemoryPresence(() => 0);
  const calls: string[] = [];
  const { enter, leave, renew } = presence;
  presence.enter = (lease, ms) => (calls.push(`enter ${lease.connection}`), enter.call(presence, lease, ms));
  presence.leave = (lease) => (calls.push(`leave ${lease.connection}`), leave.call(presence, lease));
  presence.renew = (leases, ms) => {
    calls.push(`renew ${leases.map(({ connection }) => connection).join(' ')} for ${ms}`);
    return renew.call(presence, leases, ms);
  };
  const notified: string[] = [];
  const log = new RecordedLog();
  const keeper = new PresenceKeeper(presence, {
    presenceLeaseMs: 30_000,
    presenceGraceMs: 1000,
    log,
    notify: (_room, change, { id }) => notified.push(`${change} ${id}`),
    ...options,
  });
  const here = async (): Promise<string[]> => (await presence.list('lobby')).map(({ id }) => id);
  return { keeper, presence, log, notified, calls, here };
}

/** Lets promises settle that need no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

/** Holds each call of `enter` until the returned function is called with its connection. */
function holdEnters(presence: MemoryPresence): (connection: string, error?: Error) => Promise<void> {
  const held = new Map<string, PromiseWithResolvers<void>>();
  const enter = presence.enter.bind(presence);
  presence.enter = async (lease: Lease, ms) => {
    const hold = Promise.withResolvers<void>();
    held.set(lease.connection, hold);
    await hold.promise;
    return enter(lease, ms);
  };
  return async (connection, error) => {
    if (error) held.get(connection)?.reject(error);
    else held.get(connection)?.resolve();
    await settle();
  };
}

test('notifies everyone when the grace of the last connection ends', async (t) => {
  const { keeper, notified, here } = open(t);
  await keeper.enter('lobby', ada, 'tab 1');
  assert.equal(keeper.holds('lobby', 'ada'), true);
  await keeper.leave('lobby', 'tab 1');
  assert.equal(keeper.holds('lobby', 'ada'), false, 'a closed connection does not hold the person');
  t.mock.timers.tick(999);
  await settle();
  assert.deepEqual([notified, await here()], [['enter ada'], ['ada']]);
  t.mock.timers.tick(1);
  await settle();
  assert.deepEqual([notified, await here()], [['enter ada', 'leave ada'], []]);
  assert.deepEqual([...keeper.rooms], []);
});

test('begins the grace again with each leave of a connection', async (t) => {
  const { keeper, notified } = open(t);
  await keeper.enter('lobby', ada, 'tab 1');
  await keeper.leave('lobby', 'tab 1');
  t.mock.timers.tick(600);
  await keeper.leave('lobby', 'tab 1');
  t.mock.timers.tick(600);
  await settle();
  assert.deepEqual(notified, ['enter ada']);
  t.mock.timers.tick(400);
  await settle();
  assert.deepEqual(notified, ['enter ada', 'leave ada']);
});

test('ends the grace of a connection that enters again', async (t) => {
  const { keeper, notified, calls } = open(t);
  await keeper.enter('lobby', ada, 'tab 1');
  await keeper.leave('lobby', 'tab 1');
  await keeper.enter('lobby', ada, 'tab 1');
  t.mock.timers.tick(5000);
  await settle();
  assert.equal(keeper.holds('lobby', 'ada'), true);
  assert.deepEqual([notified, calls], [['enter ada'], ['enter tab 1']]);
});

test('a second enter of a connection waits for the first', async (t) => {
  const { keeper, presence } = open(t);
  const release = holdEnters(presence);
  const order: string[] = [];
  const first = keeper.enter('lobby', ada, 'tab 1').then(() => order.push('first'));
  const second = keeper.enter('lobby', ada, 'tab 1').then(() => order.push('second'));
  await settle();
  order.push('released');
  await release('tab 1');
  await Promise.all([first, second]);
  assert.equal(order[0], 'released');
});

test('leaves at once after an enter that is still under way, and notifies in that order', async (t) => {
  const { keeper, presence, notified, here } = open(t);
  const release = holdEnters(presence);
  const entering = keeper.enter('lobby', ada, 'tab 1');
  const leaving = keeper.leave('lobby', 'tab 1', { now: true });
  await settle();
  await release('tab 1');
  await Promise.all([entering, leaving]);
  assert.deepEqual([notified, await here()], [['enter ada', 'leave ada'], []]);
});

test('a leave at once also releases a lease whose enter failed', async (t) => {
  const { keeper, presence, calls, log } = open(t);
  const release = holdEnters(presence);
  const entering = keeper.enter('lobby', ada, 'tab 1');
  const leaving = keeper.leave('lobby', 'tab 1', { now: true });
  await release('tab 1', new GaleError('ROOM_UNAVAILABLE', 'as the test wants it'));
  await Promise.all([entering, leaving]);
  assert.deepEqual(calls, ['leave tab 1']);
  assert.deepEqual(log.messages, ['Could not store a presence lease; retrying at the next renewal']);
});

test('keeps the grace of another connection when an enter ends whose connection has left', async (t) => {
  const { keeper, presence, here } = open(t);
  await keeper.enter('lobby', ada, 'tab 2');
  const release = holdEnters(presence);
  const entering = keeper.enter('lobby', ada, 'tab 1');
  const leaving = keeper.leave('lobby', 'tab 1', { now: true });
  await keeper.leave('lobby', 'tab 2');
  await release('tab 1');
  await Promise.all([entering, leaving]);
  await settle();
  assert.deepEqual(await here(), ['ada']);
  t.mock.timers.tick(1000);
  await settle();
  assert.deepEqual(await here(), []);
});

test('a new connection ends the grace of the closed ones', async (t) => {
  const { keeper, calls, notified } = open(t);
  await keeper.enter('lobby', ada, 'tab 1');
  await keeper.leave('lobby', 'tab 1');
  await keeper.enter('lobby', ada, 'tab 2');
  await settle();
  assert.deepEqual(calls, ['enter tab 1', 'enter tab 2', 'leave tab 1']);
  assert.deepEqual(notified, ['enter ada']);
});

test('keeps a lease that the store refused, and renews it', async (t) => {
  const { keeper, presence, calls, notified, log } = open(t);
  const enter = presence.enter;
  const full = new GaleError('ROOM_UNAVAILABLE', 'the disk is full');
  presence.enter = () => Promise.reject(full);
  await keeper.enter('lobby', ada, 'tab 1');
  presence.enter = enter;
  assert.deepEqual(log.lines[0]?.fields, { err: full, room: 'lobby' });
  assert.deepEqual(notified, []);
  await keeper.renew();
  assert.deepEqual(calls, ['renew tab 1 for 30000']);
});

test('rejects an enter for any other error, and keeps no lease', async (t) => {
  const { keeper, presence, calls } = open(t);
  for (const error of [new TypeError('as the test wants it'), new GaleError('OPTION_VALUE', 'as the test wants it')]) {
    presence.enter = () => Promise.reject(error);
    await assert.rejects(keeper.enter('lobby', ada, 'tab 1'), error);
  }
  await keeper.renew();
  assert.deepEqual([calls, [...keeper.rooms]], [[], []]);
});

test('a connection that entered again keeps its new lease when its first enter fails', async (t) => {
  const { keeper, presence } = open(t);
  const release = holdEnters(presence);
  const first = assert.rejects(keeper.enter('lobby', ada, 'tab 1'), TypeError);
  const leaving = keeper.leave('lobby', 'tab 1', { now: true });
  const second = keeper.enter('lobby', ada, 'tab 1');
  await release('tab 1', new TypeError('as the test wants it'));
  await Promise.all([first, leaving]);
  await release('tab 1');
  await second;
  assert.equal(keeper.holds('lobby', 'ada'), true);
});

test('keeps a person whose connection enters again while its leave is under way', async (t) => {
  const { keeper, notified, calls, here } = open(t);
  await keeper.enter('lobby', ada, 'tab 1');
  await Promise.all([keeper.leave('lobby', 'tab 1', { now: true }), keeper.enter('lobby', ada, 'tab 1')]);
  assert.deepEqual(calls, ['enter tab 1', 'leave tab 1', 'enter tab 1']);
  assert.deepEqual([notified, await here()], [['enter ada', 'leave ada', 'enter ada'], ['ada']]);
  await keeper.leave('lobby', 'tab 1');
  t.mock.timers.tick(1000);
  await keeper.enter('lobby', ada, 'tab 1');
  assert.deepEqual(await here(), ['ada']);
  await keeper.leave('lobby', 'tab 1', { now: true });
  assert.deepEqual(await here(), []);
});

test('does not renew a lease before its enter, so that the enter is notified', async (t) => {
  const { keeper, presence, notified } = open(t);
  const release = holdEnters(presence);
  const entering = keeper.enter('lobby', ada, 'tab 1');
  await keeper.renew();
  await release('tab 1');
  await entering;
  assert.deepEqual(notified, ['enter ada']);
});

test('renews every lease but those in their grace', async (t) => {
  const { keeper, calls } = open(t);
  await keeper.renew();
  await keeper.enter('lobby', ada, 'tab 1');
  await keeper.enter('lobby', ben, 'tab 2');
  await keeper.enter('attic', ben, 'tab 3');
  await keeper.leave('lobby', 'tab 1');
  calls.length = 0;
  await keeper.renew();
  assert.deepEqual(calls, ['renew tab 2 tab 3 for 30000']);
});

for (const [presenceGraceMs, leaseMs] of [
  [1000, 1000],
  [0, 1],
] as const) {
  test(`at close all leases last ${leaseMs} ms with a grace of ${presenceGraceMs} ms`, async (t) => {
    const { keeper, calls, notified } = open(t, { presenceGraceMs });
    await keeper.enter('lobby', ada, 'tab 1');
    await keeper.enter('lobby', ben, 'tab 2');
    if (presenceGraceMs > 0) await keeper.leave('lobby', 'tab 1');
    calls.length = 0;
    await keeper.close();
    assert.deepEqual(calls, [`renew tab 1 tab 2 for ${leaseMs}`]);
    t.mock.timers.tick(10_000);
    await keeper.close();
    await settle();
    assert.equal(calls.length, 1, 'no grace runs and nothing is renewed again');
    assert.deepEqual([notified, [...keeper.rooms]], [['enter ada', 'enter ben'], []]);
  });
}

test('logs a lease that could not be released', async (t) => {
  const { keeper, presence, log, notified } = open(t);
  await keeper.enter('lobby', ada, 'tab 1');
  presence.leave = () => Promise.reject(new GaleError('ROOM_UNAVAILABLE', 'as the test wants it'));
  await keeper.leave('lobby', 'tab 1', { now: true });
  assert.deepEqual(log.messages, ['Could not release a presence lease; it will expire']);
  assert.deepEqual(notified, ['enter ada']);
});

test('holds a person until the last of three connections has left, in any order', async (t) => {
  const tabs = ['tab 1', 'tab 2', 'tab 3'];
  for (const first of tabs) {
    for (const second of tabs.filter((tab) => tab !== first)) {
      const { keeper } = open(t, { presenceGraceMs: 0 });
      for (const tab of tabs) await keeper.enter('lobby', ada, tab);
      await keeper.enter('lobby', ben, 'other');
      for (const tab of [first, second]) {
        await keeper.leave('lobby', tab);
        assert.equal(keeper.holds('lobby', 'ada'), true, `${first}, ${second}`);
      }
      for (const tab of tabs) await keeper.leave('lobby', tab);
      assert.deepEqual([keeper.holds('lobby', 'ada'), keeper.holds('lobby', 'ben')], [false, true]);
      await keeper.leave('lobby', 'unknown');
      t.mock.timers.reset();
    }
  }
});

test('a leave at once resolves after the notification, also for connections in their grace', async (t) => {
  const { keeper, notified, calls } = open(t);
  await keeper.enter('lobby', ada, 'tab 1');
  await keeper.enter('lobby', ada, 'tab 2');
  await keeper.leave('lobby', 'tab 1');
  await keeper.leave('lobby', 'tab 2', { now: true });
  assert.deepEqual(notified, ['enter ada', 'leave ada']);
  assert.deepEqual(calls, ['enter tab 1', 'enter tab 2', 'leave tab 1', 'leave tab 2']);
});

test('notifies everyone of each person that a sweep removes', async (t) => {
  const { keeper, presence, notified } = open(t);
  presence.sweep = () => Promise.resolve([ada, ben]);
  await keeper.sweep('lobby');
  assert.deepEqual(notified, ['leave ada', 'leave ben']);
});
