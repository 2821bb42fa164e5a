import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventually } from '../../test/support/eventually.ts';
import { RecordedLog } from '../../test/support/recorded-log.ts';
import { ada, follow, log, openTwoServers } from '../../test/support/rooms/two-servers.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { SignalChannels } from './signal-channels.ts';

test('sends a signal to subscribers on all servers, and never treats it as presence', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await others.signal('lobby', { presence: 'enter', person: ada });
  await others.signal('lobby', 'typing');
  await eventually(() => subscriber.signals.length === 2);
  assert.deepEqual(subscriber.signals, [{ presence: 'enter', person: ada }, 'typing']);
  assert.deepEqual(await rooms.people('lobby'), []);
  assert.deepEqual(subscriber.changes, []);
  assert.deepEqual(subscriber.events, []);
});

test('notifies one person, or everyone, on all servers', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const notified: unknown[] = [];
  const notifiedBen: unknown[] = [];
  const stop = await rooms.subscribeNotifications('ada', (event) => notified.push(event));
  await rooms.subscribeNotifications('ben', (event) => notifiedBen.push(event));
  await others.notify('ada', { type: 'joined' });
  await others.notifyEveryone({ type: 'room-made' });
  await eventually(() => notified.length === 2 && notifiedBen.length === 1);
  assert.deepEqual(notified, [{ type: 'joined' }, { type: 'room-made' }]);
  stop();
  await others.notifyEveryone({ type: 'again' });
  await eventually(() => notifiedBen.length === 2);
  assert.equal(notified.length, 2);
});

test('refuses data that JSON would lose, and delivers nothing', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  const lost: unknown[] = [
    Promise.resolve(1),
    new Map(),
    () => 1,
    new Error('x'),
    { people: new Set(['ada']) },
    { n: 1n },
  ];
  for (const [index, data] of lost.entries()) {
    const refused = {
      code: 'JSON_VALUE',
      message: /^data of a (?:signal|message) must be a value that JSON can represent; got /,
    };
    await assert.rejects(others.signal('lobby', data), refused);
    await assert.rejects(others.notify('ada', data as object), refused);
    await assert.rejects(others.notifyEveryone(data as object), refused);
    await assert.rejects(others.publish('lobby', { id: `lost-${index}`, author: ada, data }), refused);
  }
  await others.publish('lobby', { id: 'kept', author: ada, data: { n: 1 } });
  await others.signal('lobby', 'last');
  await eventually(() => subscriber.signals.length > 0 && subscriber.events.length > 0);
  assert.deepEqual(subscriber.signals, ['last']);
  assert.deepEqual(
    subscriber.events.map((event) => 'message' in event && event.message.data),
    [{ n: 1 }],
  );
});

/** A broker in memory that counts the listeners of each channel. */
function countListeners(t: TestContext): { readonly broker: MemoryBroker; readonly open: Map<string, number> } {
  const broker = new MemoryBroker();
  t.after(() => broker.close());
  const open = new Map<string, number>();
  const listen = broker.listen.bind(broker);
  const count = (name: string, by: number): void => void open.set(name, (open.get(name) ?? 0) + by);
  broker.listen = async (name, listener) => {
    const stop = await listen(name, listener);
    count(name, 1);
    return async () => {
      count(name, -1);
      await stop();
    };
  };
  return { broker, open };
}

test('listens to a channel once for all its listeners, until the last one stops', async (t) => {
  const { broker, open } = countListeners(t);
  const channels = new SignalChannels(broker, log);
  const notified: string[] = [];
  const stops = await Promise.all(
    ['first', 'second', 'third'].map((name) => channels.listen(['a'], () => notified.push(name))),
  );
  assert.deepEqual(open, new Map([['a', 1]]));
  await broker.signal('a', { app: 1 });
  await nextTurn();
  assert.deepEqual(notified.splice(0), ['first', 'second', 'third']);
  stops[0]?.stop();
  stops[0]?.stop();
  stops[1]?.stop();
  await broker.signal('a', { app: 2 });
  await broker.signal('a', 'no envelope');
  await nextTurn();
  assert.deepEqual([notified, open], [['third'], new Map([['a', 1]])]);
  stops[2]?.stop();
  await nextTurn();
  assert.deepEqual(open, new Map([['a', 0]]));
  const again = await channels.listen(['a'], () => {});
  assert.deepEqual(open, new Map([['a', 1]]));
  again.stop();
  await channels.close();
});

test('listens nowhere if one of several channels cannot be opened, and opens it the next time', async (t) => {
  const { broker, open } = countListeners(t);
  const channels = new SignalChannels(broker, log);
  const { listen } = broker;
  broker.listen = (name, listener) =>
    name === 'b' ? Promise.reject(new Error('as the test wants it')) : listen.call(broker, name, listener);
  await assert.rejects(
    channels.listen(['a', 'b'], () => {}),
    /as the test wants it/,
  );
  await nextTurn();
  assert.deepEqual(open, new Map([['a', 0]]));
  broker.listen = listen;
  await channels.listen(['a', 'b'], () => {});
  assert.deepEqual(
    open,
    new Map([
      ['a', 1],
      ['b', 1],
    ]),
  );
  await channels.close();
  assert.deepEqual([...open.values()], [0, 0]);
});

test('close waits until channels have stopped that nobody uses, and logs those that cannot', async (t) => {
  const { broker } = countListeners(t);
  const recorded = new RecordedLog();
  const channels = new SignalChannels(broker, recorded);
  const stopping = Promise.withResolvers<void>();
  broker.listen = () => Promise.resolve(() => stopping.promise);
  (await channels.listen(['a'], () => {})).stop();
  const order: string[] = [];
  const closing = channels.close().then(() => order.push('closed'));
  await nextTurn();
  order.push('stopped');
  stopping.reject(new Error('as the test wants it'));
  await closing;
  assert.deepEqual(order, ['stopped', 'closed']);
  assert.deepEqual(recorded.messages, ['Could not close a signal channel']);
});

test('notifies the other listeners if one throws, and logs it', async (t) => {
  const { broker } = countListeners(t);
  const recorded = new RecordedLog();
  const channels = new SignalChannels(broker, recorded);
  const notified: unknown[] = [];
  await channels.listen(['a'], () => assert.fail('as the test wants it'));
  await channels.listen(['a'], (event) => notified.push(event));
  await broker.signal('a', { app: 'news' });
  await nextTurn();
  assert.deepEqual([notified, recorded.messages], [['news'], ['A notification listener failed']]);
  await channels.close();
});
