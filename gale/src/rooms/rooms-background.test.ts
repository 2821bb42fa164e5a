import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventually } from '../../test/support/eventually.ts';
import { RecordedLog } from '../../test/support/recorded-log.ts';
import type { FaultyBroker } from '../../test/support/rooms/faulty-broker.ts';
import { RecordingSubscriber } from '../../test/support/rooms/recording-subscriber.ts';
import { ada, ben, follow, log, openTwoServers, publishText } from '../../test/support/rooms/two-servers.ts';
import { GaleError } from '../errors.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { Rooms } from './rooms.ts';
import type { Person } from './stream.ts';

const unavailable = (): GaleError => new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');

/** Lets promises that need no store settle. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

/** Counts the listeners that the broker has for a room. */
function countListeners(broker: FaultyBroker): { readonly count: number; readonly stops: number } {
  const counted = { count: 0, stops: 0 };
  const listen = broker.listen.bind(broker);
  broker.listen = async (room, listener) => {
    const stop = await listen(room, listener);
    counted.count++;
    return async () => {
      counted.count--;
      counted.stops++;
      await stop();
    };
  };
  return counted;
}

test('logs a failed renewal of leases, and renews again at the next one', async (t) => {
  const log = new RecordedLog();
  const { rooms, broker } = openTwoServers(t, { log });
  await rooms.enter('lobby', ada, 'tab 1');
  const { presence } = broker;
  const renew = presence.renew.bind(presence);
  presence.renew = () => Promise.reject(unavailable());
  await rooms.renewLeases();
  assert.deepEqual(log.messages, ['Could not renew presence leases; retrying later']);
  let renewed = 0;
  presence.renew = (...values) => (renewed++, renew(...values));
  await rooms.renewLeases();
  assert.equal(renewed, 1);
  presence.sweep = () => Promise.reject(unavailable());
  await rooms.renewLeases();
  assert.equal(log.lines.length, 2);
});

test('runs one renewal of leases at a time, and waits for its sweeps', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  await rooms.enter('lobby', ada, 'tab 1');
  const swept = Promise.withResolvers<Person[]>();
  const { presence } = broker;
  const calls: string[] = [];
  presence.sweep = (room) => (calls.push(`sweep ${room}`), swept.promise);
  const renewing = rooms.renewLeases().then(() => calls.push('renewed'));
  await settle();
  const second = rooms.renewLeases();
  await settle();
  assert.deepEqual(calls, ['sweep lobby']);
  swept.resolve([]);
  await Promise.all([renewing, second]);
  assert.deepEqual(calls, ['sweep lobby', 'renewed']);
});

test('sweeps the rooms with a lease and the rooms with a subscriber on this server, at most 32 at once', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  await rooms.enter('with a lease', ada, 'tab 1');
  await follow(rooms, 'with a subscriber');
  for (let number = 0; number < 40; number++) await rooms.enter(`room ${number}`, ben, 'tab 2');
  const { presence } = broker;
  const swept: string[] = [];
  let running = 0;
  let most = 0;
  presence.sweep = async (room) => {
    swept.push(room);
    most = Math.max(most, ++running);
    await nextTurn();
    running--;
    return [];
  };
  await rooms.renewLeases();
  assert.equal(swept.length, 42);
  assert.ok(swept.includes('with a lease') && swept.includes('with a subscriber'));
  assert.equal(most, 32);
});

test('runs one position check at a time, waits for its reads, and checks again later', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  await follow(rooms, 'lobby');
  await settle();
  const { reads } = broker;
  const goOn = Promise.withResolvers<void>();
  broker.afterRead = () => goOn.promise;
  const order: string[] = [];
  const checking = rooms.checkPositions().then(() => order.push('checked'));
  await settle();
  const second = rooms.checkPositions().then(() => order.push('skipped'));
  await settle();
  goOn.resolve();
  await Promise.all([checking, second]);
  assert.deepEqual(order, ['skipped', 'checked']);
  assert.equal(broker.reads - reads, 1);
  await rooms.checkPositions();
  assert.equal(broker.reads - reads, 2);
});

test('runs no timer after close', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const broker = new MemoryBroker();
  const rooms = new Rooms(broker, { log, presenceRenewMs: 1000, positionCheckMs: 1000 });
  const renew = t.mock.method(rooms, 'renewLeases');
  const check = t.mock.method(rooms, 'checkPositions');
  t.mock.timers.tick(1000);
  assert.deepEqual([renew.mock.callCount(), check.mock.callCount()], [1, 1]);
  await rooms.close();
  t.mock.timers.tick(5000);
  assert.deepEqual([renew.mock.callCount(), check.mock.callCount()], [1, 1]);
  await broker.close();
});

test('close waits until a cursor has followed an own message', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { cursors } = broker;
  const getAll = cursors.getAll.bind(cursors);
  const goOn = Promise.withResolvers<void>();
  cursors.getAll = async (...values) => {
    await goOn.promise;
    return getAll(...values);
  };
  await publishText(rooms, 'lobby');
  const closing = rooms.close();
  await settle();
  goOn.resolve();
  await closing;
  assert.equal((await getAll('ada', ['lobby'])).get('lobby')?.offset, 1);
});

test('close waits until the broker has stopped a listener of a room that nobody uses', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const order: string[] = [];
  const goOn = Promise.withResolvers<void>();
  const listen = broker.listen.bind(broker);
  broker.listen = async (room, listener) => {
    const stop = await listen(room, listener);
    return async () => {
      await goOn.promise;
      await stop();
      order.push('stopped');
    };
  };
  const { subscription } = await follow(rooms, 'lobby');
  subscription.close();
  const closing = rooms.close().then(() => order.push('closed'));
  await settle();
  goOn.resolve();
  await closing;
  assert.deepEqual(order, ['stopped', 'closed']);
});

test('stops each listener once, when the last subscription closes or when the rooms close', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const listeners = countListeners(broker);
  const [one, other] = [await follow(rooms, 'lobby'), await follow(rooms, 'lobby')];
  await follow(rooms, 'attic');
  one.subscription.close();
  one.subscription.close();
  await publishText(rooms, 'lobby');
  await eventually(() => other.subscriber.last === 1);
  other.subscription.close();
  await settle();
  assert.deepEqual({ ...listeners }, { count: 1, stops: 1 });
  await rooms.close();
  assert.deepEqual({ ...listeners }, { count: 0, stops: 2 });
});

test('subscribes again after the broker refused to listen', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const listen = broker.listen.bind(broker);
  broker.listen = () => Promise.reject(unavailable());
  await assert.rejects(follow(rooms, 'lobby'), { code: 'ROOM_UNAVAILABLE' });
  broker.listen = listen;
  await publishText(rooms, 'lobby');
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.last === 1);
});

test('stops the listener of a room whose bounds could not be read', async (t) => {
  const { rooms, broker } = openTwoServers(t, { faults: { failRead: 1 } });
  const listeners = countListeners(broker);
  await assert.rejects(follow(rooms, 'lobby'), { code: 'ROOM_UNAVAILABLE' });
  await settle();
  assert.deepEqual({ ...listeners }, { count: 0, stops: 1 });
});

test('refuses a subscription and a listener of notifications that were under way at close, and stops both listeners', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const listeners = countListeners(broker);
  const closed = { code: 'ROOM_UNAVAILABLE', message: 'The rooms are closed; connect to another server.' };
  const subscribing = assert.rejects(follow(rooms, 'lobby'), closed);
  const listening = assert.rejects(
    rooms.subscribeNotifications('ada', () => assert.fail()),
    closed,
  );
  await rooms.close();
  await Promise.all([subscribing, listening]);
  await settle();
  assert.deepEqual({ ...listeners }, { count: 0, stops: 3 });
});

test('closes a subscription that starts after the rooms were closed', async (t) => {
  const { rooms } = openTwoServers(t);
  const subscription = await rooms.subscribe('lobby', undefined, new RecordingSubscriber());
  await rooms.close();
  assert.equal(subscription.isClosed, false);
  subscription.start();
  assert.equal(subscription.isClosed, true);
});

test('logs a listener that the broker could not stop', async (t) => {
  const log = new RecordedLog();
  const { rooms, broker } = openTwoServers(t, { log });
  const listen = broker.listen.bind(broker);
  broker.listen = async (room, listener) => {
    await listen(room, listener);
    return () => Promise.reject(unavailable());
  };
  const { subscription } = await follow(rooms, 'lobby');
  subscription.close();
  await eventually(() => log.lines.length === 1);
  assert.deepEqual(log.messages, ['Could not stop listening to a room']);
  assert.equal(log.lines[0]?.fields['room'], 'lobby');
});

test('applies presence on this server, and logs it, if the broker cannot signal', async (t) => {
  const log = new RecordedLog();
  const { rooms, broker } = openTwoServers(t, { log });
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  broker.signal = () => Promise.reject(unavailable());
  await rooms.enter('lobby', ada, 'tab 1');
  await eventually(() => subscriber.changes.at(-1) === '+ada 1');
  assert.deepEqual(log.messages, ['Could not send a signal']);
});

test('a page of people waits until the people are read', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  await rooms.enter('lobby', ada, 'tab 1');
  await rooms.subscribe('lobby', undefined, new RecordingSubscriber());
  const { presence } = broker;
  const list = presence.list.bind(presence);
  presence.list = async (room) => {
    await nextTurn();
    return list(room);
  };
  assert.deepEqual(await rooms.peoplePage('lobby', undefined, 10), { count: 1, people: [ada], next: null });
});

test('calls a closing listener unless it was removed', async (t) => {
  const { rooms } = openTwoServers(t);
  const called: string[] = [];
  rooms.onClosing(() => called.push('first'));
  const remove = rooms.onClosing(() => called.push('second'));
  remove();
  await rooms.close();
  assert.deepEqual(called, ['first']);
});

test('logs leases that could not be shortened at close', async (t) => {
  const log = new RecordedLog();
  const { rooms, broker } = openTwoServers(t, { log });
  await rooms.enter('lobby', ada, 'tab 1');
  broker.presence.renew = () => Promise.reject(unavailable());
  await rooms.close();
  assert.deepEqual(log.messages, ['Could not shorten presence leases; they will expire']);
});
