import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventually } from '../../../test/support/eventually.ts';
import { RecordingSubscriber } from '../../../test/support/rooms/recording-subscriber.ts';
import { ada, ben, follow, openTwoServers } from '../../../test/support/rooms/two-servers.ts';

/** Waits until the newest batch of presence is this one. */
async function changed(subscriber: RecordingSubscriber, line: string): Promise<void> {
  await eventually(
    () => subscriber.changes.at(-1) === line,
    () => `${line} at the end of ${subscriber.changes.join(', ')}`,
  );
}

test('counts people, not connections, on all servers', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  assert.deepEqual(subscriber.here, []);
  await rooms.enter('lobby', ada, 'tab 1');
  await changed(subscriber, '+ada 1');
  await others.enter('lobby', ada, 'tab 2');
  await others.enter('lobby', ben, 'tab 3');
  await changed(subscriber, '+ben 2');
  assert.deepEqual(
    (await rooms.people('lobby')).map(({ id }) => id),
    ['ada', 'ben'],
  );
  await rooms.leave('lobby', 'tab 1', { now: true });
  await others.leave('lobby', 'tab 2', { now: true });
  await changed(subscriber, '-ada 1');
  assert.equal(subscriber.changes.length, 3);
  const { subscriber: late } = await follow(others, 'lobby');
  await eventually(() => late.here !== undefined);
  assert.deepEqual(late.here, ['ben']);
});

test('hides a reconnect within the grace, also to another server', async (t) => {
  const { rooms, others } = openTwoServers(t, { presenceGraceMs: 40 });
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await rooms.enter('lobby', ada, 'tab 1');
  await changed(subscriber, '+ada 1');
  await rooms.leave('lobby', 'tab 1');
  await others.enter('lobby', ada, 'tab 2');
  await rooms.enter('lobby', ben, 'tab 3');
  await changed(subscriber, '+ben 2');
  await rooms.leave('lobby', 'tab 3');
  await changed(subscriber, '-ben 1');
  await others.leave('lobby', 'tab 2');
  await changed(subscriber, '-ada 0');
  assert.deepEqual(subscriber.changes, ['+ada 1', '+ben 2', '-ben 1', '-ada 0']);
});

test('ends the grace of closed connections when the person leaves at once', async (t) => {
  const { rooms } = openTwoServers(t, { presenceGraceMs: 60_000 });
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await rooms.enter('lobby', ada, 'tab 1');
  await rooms.leave('lobby', 'tab 1');
  await rooms.enter('lobby', ada, 'tab 2');
  await changed(subscriber, '+ada 1');
  await rooms.leave('lobby', 'tab 2', { now: true });
  assert.deepEqual(await rooms.people('lobby'), []);
  await changed(subscriber, '-ada 0');
  assert.equal(subscriber.changes.length, 2);
});

test('holds at most two leases of a person who reconnects a hundred times, and sends one leave', async (t) => {
  const { rooms, broker } = openTwoServers(t, { presenceGraceMs: 60 });
  let leases = 0;
  const { presence } = broker;
  const { enter, leave } = presence;
  presence.enter = (...values) => (leases++, enter.apply(presence, values));
  presence.leave = (...values) => (leases--, leave.apply(presence, values));
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  let most = 0;
  for (let round = 0; round < 100; round++) {
    await rooms.enter('lobby', ada, `tab ${round}`);
    await rooms.leave('lobby', `tab ${round}`);
    most = Math.max(most, leases);
  }
  assert.ok(most <= 2, `${most} leases at once`);
  await changed(subscriber, '-ada 0');
  assert.deepEqual(subscriber.changes, ['+ada 1', '-ada 0']);
  assert.equal(leases, 0);
});

test('keeps the grace of a connection that closed while it entered', async (t) => {
  const { rooms } = openTwoServers(t, { presenceGraceMs: 60_000 });
  const entering = rooms.enter('lobby', ada, 'tab 1');
  await rooms.leave('lobby', 'tab 1');
  await entering;
  await rooms.enter('lobby', ben, 'tab 2');
  assert.deepEqual(
    (await rooms.people('lobby')).map(({ id }) => id),
    ['ada', 'ben'],
  );
});

test('removes the people of a killed server when their leases expire', async (t) => {
  const { rooms, broker } = openTwoServers(t, { presenceLeaseMs: 60, presenceRenewMs: 10 });
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await rooms.enter('lobby', ben, 'tab of this server');
  await changed(subscriber, '+ben 1');
  await broker.presence.enter({ room: 'lobby', person: ada, connection: 'tab of a killed server' }, 1000);
  await rooms.checkPositions();
  await changed(subscriber, '+ada 2');
  await changed(subscriber, '-ada 1');
  assert.deepEqual(subscriber.changes, ['+ben 1', '+ada 2', '-ada 1']);
});

test('corrects a signalled leave of a person who is still present', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  const { subscriber } = await follow(others, 'lobby');
  const here = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined && here.subscriber.here !== undefined);
  await rooms.enter('lobby', ada, 'tab 1');
  await changed(subscriber, '+ada 1');
  await broker.signal('lobby', { presence: 'leave', person: ada });
  await broker.signal('lobby', { presence: 'enter', person: ben });
  // Two only with Ada, who is in the room.
  await eventually(
    () => subscriber.changes.at(-1)?.endsWith(' 2') === true,
    () => subscriber.changes.join(),
  );
});

test('pages the people of a room by id on any server', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const ids = Array.from({ length: 25 }, (_, index) => `p${index + 10}`);
  for (const id of ids.toReversed()) await rooms.enter('lobby', { id, name: id }, `tab of ${id}`);
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  for (const server of [rooms, others]) {
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await server.peoplePage('lobby', after, 10);
      assert.equal(page.count, 25);
      listed.push(...page.people.map(({ id }) => id));
      after = page.next ?? undefined;
    } while (after !== undefined);
    assert.deepEqual(listed, ids);
  }
  assert.deepEqual(await rooms.peoplePage('nobody was here', undefined, 10), { count: 0, people: [], next: null });
});

test('corrects no signalled leave of a person whose connection here is closed and in its grace', async (t) => {
  const { rooms, broker } = openTwoServers(t, { presenceGraceMs: 60_000 });
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await rooms.enter('lobby', ada, 'tab 1');
  await changed(subscriber, '+ada 1');
  const signals: unknown[] = [];
  const signal = broker.signal.bind(broker);
  broker.signal = (room, data) => (signals.push(data), signal(room, data));
  await signal('lobby', { presence: 'leave', person: ada });
  await nextTurn();
  assert.deepEqual(signals.splice(0), [{ presence: 'enter', person: ada }], 'its connection is open');
  await rooms.leave('lobby', 'tab 1');
  await signal('lobby', { presence: 'leave', person: ada });
  await changed(subscriber, '-ada 0');
  assert.deepEqual(signals, []);
});
