import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { RecordedLog } from '../../../test/support/recorded-log.ts';
import { connectPeer, upgradeRequest } from '../../../test/support/websocket/websocket-peer.ts';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import { RoomError } from '../room-error.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import type { RoomSocket } from './room-socket.ts';

/** A broker that listens only after it was released. */
class HeldBroker extends MemoryBroker {
  readonly held: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  listening = 0;
  /** Rooms and channels with a listener, in the order of the calls. */
  readonly rooms: string[] = [];

  override async listen(...parameters: Parameters<MemoryBroker['listen']>): Promise<() => Promise<void>> {
    await this.held.promise;
    const stop = await super.listen(...parameters);
    this.rooms.push(parameters[0]);
    this.listening++;
    return () => {
      this.listening--;
      return stop();
    };
  }
}

test('loads no welcome for a connection that closed while it subscribed to notifications', async (t) => {
  const broker = new HeldBroker();
  t.after(() => broker.close());
  const welcomed: string[] = [];
  const server = await openRooms(t, {
    broker,
    rooms: { identifyTimeoutMs: 50 },
    hooks: {
      welcome(this: RoomSocket) {
        const person = this.person();
        if (person) welcomed.push(person.id);
        return {};
      },
    },
  });
  await server.connect('ada');
  await eventually(() => server.closeCodes.length === 1);
  assert.deepEqual(server.closeCodes, [1013]);
  broker.held.resolve();
  const ben = await server.connect('ben');
  await ben.takeType('welcome');
  assert.deepEqual(welcomed, ['ben']);
  // Ben's connection listens to two channels: his own and everyone's.
  await eventually(() => broker.listening === 2);
});

test('passes no notification to a connection that closed while its welcome was loaded', async (t) => {
  const welcome = Promise.withResolvers<object>();
  const notified: unknown[] = [];
  const server = await openRooms(t, {
    hooks: {
      async welcome(this: RoomSocket) {
        const person = this.person();
        if (!person || person.id !== 'ada') return {};
        await this.rooms.notify('ada', { type: 'news' });
        this.endSession();
        return welcome.promise;
      },
      onNotification: (event) => void notified.push(event),
    },
  });
  const ada = await server.connect('ada');
  await eventually(() => server.closeCodes.length === 1);
  assert.deepEqual(server.closeCodes, [4401]);
  welcome.resolve({});
  await (await server.connect('ben')).takeType('welcome');
  assert.deepEqual(notified, []);
  assert.deepEqual(ada.frames, []);
});

test('closes with 1011 and logs a welcome that fails, and stops the notifications of the connection', async (t) => {
  const broker = new HeldBroker();
  broker.held.resolve();
  t.after(() => broker.close());
  const log = new RecordedLog();
  const error = new Error('the database is gone');
  const server = await openRooms(t, {
    broker,
    log,
    hooks: { welcome: () => Promise.reject(error) },
  });
  const connection = await server.connect('ada');
  await eventually(() => connection.closeCode === 1011);
  assert.deepEqual(connection.frames, []);
  assert.deepEqual(
    log.lines.filter(({ level }) => level === 'error'),
    [{ level: 'error', fields: { err: error, person: 'ada' }, message: 'Could not welcome a connection' }],
  );
  await eventually(() => broker.listening === 0);
  assert.equal(server.rooms.limits.socketsOf('ada'), 0);
});

test('says nothing of a late welcome if the session ended before it', async (t) => {
  const log = new RecordedLog();
  const identifyTimeoutMs = 20;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const server = await openRooms(t, {
    log,
    rooms: { identifyTimeoutMs },
    hooks: {
      welcome(this: RoomSocket) {
        this.endSession();
        // Later than the timer of the connection, which started before.
        setTimeout(resolve, identifyTimeoutMs + 1);
        return over.then(() => ({}));
      },
    },
  });
  // A client that does not respond to the close frame, so that the connection is still closing when the time is over.
  const peer = await connectPeer(
    server.port,
    upgradeRequest.replace('GET / ', 'GET /socket ').replace('Upgrade:', 'Cookie: user=ada\r\nUpgrade:'),
  );
  t.after(() => peer.socket.destroy());
  await peer.saw(/^close 4401/);
  await over;
  assert.deepEqual(server.closeCodes, []);
  assert.deepEqual(
    log.lines.filter(({ level }) => level !== 'info'),
    [],
  );
});

test('closes with 4401 if the person is gone after the upgrade', async (t) => {
  let people = 0;
  const server = await openRooms(t, {
    hooks: { person: () => (++people === 1 ? { id: 'ada', name: 'Ada' } : undefined) },
  });
  const connection = await server.connect('ada');
  await eventually(() => connection.closeCode === 4401);
  assert.deepEqual(connection.frames, []);
});

/** A `canSubscribe` that waits for `check` and keeps the sockets that asked. */
function holdSubscriptions() {
  const check = Promise.withResolvers<void>();
  const checked: RoomSocket[] = [];
  const hooks = {
    canSubscribe(this: RoomSocket): Promise<void> {
      checked.push(this);
      return check.promise;
    },
  };
  return { check, checked, hooks };
}

test('refuses a subscription that the application ended while the person was checked', async (t) => {
  const broker = new HeldBroker();
  broker.held.resolve();
  t.after(() => broker.close());
  const { check, checked, hooks } = holdSubscriptions();
  const server = await openRooms(t, {
    broker,
    rooms: { presenceGraceMs: 60_000 },
    hooks,
  });
  const connection = await server.connect('ada');
  const response = connection.ask('subscribe', { room: 'lobby' });
  await eventually(() => checked.length === 1);
  assert.equal(checked[0]?.endSubscription('lobby'), true);
  check.resolve();
  assert.equal((await response)['code'], 'ROOM_NOT_MEMBER');
  // At once, without the grace.
  await eventually(async () => (await server.rooms.people('lobby')).length === 0);
  // Only the two channels of notifications are left.
  await eventually(() => broker.listening === 2);
});

test('accepts a subscription while the application ends the one of another room', async (t) => {
  const { check, checked, hooks } = holdSubscriptions();
  const server = await openRooms(t, {
    hooks,
  });
  const connection = await server.connect('ada');
  const response = connection.ask('subscribe', { room: 'lobby' });
  await eventually(() => checked.length === 1);
  assert.equal(checked[0]?.endSubscription('other'), false);
  check.resolve();
  assert.equal((await response).type, 'reply');
});

test('a person whose connection closes during subscribe does not stay in the room', async (t) => {
  const broker = new HeldBroker();
  broker.held.resolve();
  t.after(() => broker.close());
  const check = Promise.withResolvers<void>();
  const server = await openRooms(t, {
    broker,
    rooms: { presenceGraceMs: 1 },
    hooks: {
      canSubscribe(this: RoomSocket) {
        this.endSession();
        return check.promise;
      },
    },
  });
  const connection = await server.connect('ada');
  connection.send(JSON.stringify({ type: 'subscribe', ref: 1, room: 'lobby' }));
  await eventually(() => server.closeCodes.length === 1);
  check.resolve();
  await eventually(() => broker.rooms.includes('lobby') && broker.listening === 0);
  await eventually(async () => (await server.rooms.people('lobby')).length === 0);
});

test('refuses to move the cursor of a room that the person may not read', async (t) => {
  const asked: string[] = [];
  const server = await openRooms(t, {
    hooks: {
      async canRead(room) {
        asked.push(room);
        if (room === 'secret') throw new RoomError('ROOM_NOT_MEMBER', 'Join the room first.');
      },
    },
  });
  const author = { id: 'ben', name: 'Ben' };
  const connection = await server.connect('ada');
  for (const room of ['secret', 'lobby']) {
    const { epoch, offset } = await server.rooms.publish(room, { id: 'a', author, data: 1 });
    const { type, code } = await connection.ask('read', { room, epoch, offset });
    assert.deepEqual([type, code], room === 'lobby' ? ['reply', undefined] : ['error', 'ROOM_NOT_MEMBER']);
  }
  assert.deepEqual(asked, ['secret', 'lobby']);
  assert.equal(await server.rooms.cursor('secret', 'ada'), undefined);
  assert.equal((await server.rooms.cursor('lobby', 'ada'))?.offset, 1);
});
