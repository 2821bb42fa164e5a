/** An SQLite file that is put back from a copy: clients that come back get everything the file has, once, and learn what was lost. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { createLogger, SqliteBroker } from 'gale';
import type { RoomsClient } from 'gale/client';
import type { Position } from 'gale/rooms';
import { eventually } from '../support/eventually.ts';
import { openRooms } from '../support/rooms/room-server.ts';
import type { RoomServer } from '../support/rooms/room-server.ts';
import { Screen } from '../support/rooms/screen.ts';

const log = createLogger({ level: 'silent' });
const bot = { id: 'bot', name: 'Bot' };

/** A folder with the file of the rooms, one server at a time. */
interface Store {
  /** Stops the server that runs, and starts another one on the same folder. */
  start(): Promise<RoomServer>;
  stop(): Promise<void>;
  /** Copies the folder. @returns Puts the copy back in its place. */
  copy(): () => void;
  readonly path: string;
}

function openStore(t: TestContext, historyCount = 100): Store {
  const folder = mkdtempSync(join(tmpdir(), 'gale-goes-back-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
  cpSync(mkdtempSync(join(folder, 'empty-')), data, { recursive: true });
  const path = join(data, 'rooms.sqlite');
  let broker: SqliteBroker | undefined;
  let server: RoomServer | undefined;
  const stop = async (): Promise<void> => {
    await server?.rooms.close();
    await broker?.close();
    broker = server = undefined;
  };
  t.after(stop);
  return {
    path,
    stop,
    async start() {
      await stop();
      broker = await SqliteBroker.open({ path, log });
      server = await openRooms(t, { broker, rooms: { historyCount, limits: 'off' } });
      return server;
    },
    copy() {
      cpSync(data, copy, { recursive: true });
      return () => {
        rmSync(data, { recursive: true });
        cpSync(copy, data, { recursive: true });
      };
    },
  };
}

async function publish(server: RoomServer, from: number, to: number, mark = ''): Promise<void> {
  for (let number = from; number <= to; number++) {
    await server.rooms.publish('lobby', { id: `${mark}${number}`, author: bot, data: number });
  }
}

function ids(from: number, to: number, mark = ''): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${mark}${from + index}`);
}

/** A client that shows everything after a position. */
async function show(server: RoomServer, after: Position | undefined, expected: string[]): Promise<Screen> {
  const client: RoomsClient = server.client('ada');
  const screen = new Screen(client).follow(after);
  await eventually(
    () => screen.ids.length >= expected.length,
    () => `shown: ${screen.ids.join(' ')}`,
  );
  assert.deepEqual(screen.ids, expected);
  return screen;
}

test('a client that saw lost messages gets a reset and everything the file has, also if others wrote as many', async (t) => {
  const store = openStore(t);
  let server = await store.start();
  await publish(server, 1, 12);
  const early = await show(server, undefined, ids(1, 12));
  const at12 = early.position;
  await publish(server, 13, 20);
  const putBack = store.copy();
  await eventually(() => early.ids.length === 20);
  const at20 = early.position;
  await publish(server, 21, 30);
  await eventually(() => early.ids.length === 30);
  const at30 = early.position;
  await store.stop();
  putBack();
  server = await store.start();
  // Nobody wrote yet.
  const before = await show(server, at30, ids(1, 20));
  assert.deepEqual([before.resets, before.replies[0]?.recovered], [1, false]);
  await publish(server, 1, 15, 'other');

  const all = [...ids(1, 20), ...ids(1, 15, 'other')];
  const ahead = await show(server, at30, all);
  assert.deepEqual([ahead.resets, ahead.replies[0]?.reset, ahead.replies[0]?.recovered], [1, true, false]);
  // Nobody else is reset because of this client.
  assert.equal(before.resets, 1);
  assert.deepEqual(before.ids, all);
  const same = await show(server, at20, ids(1, 15, 'other'));
  assert.deepEqual([same.resets, same.replies[0]?.recovered, same.replies[0]?.epoch], [0, true, at20.epoch]);
  const behind = await show(server, at12, [...ids(13, 20), ...ids(1, 15, 'other')]);
  assert.deepEqual([behind.resets, behind.replies[0]?.recovered], [0, true]);
  // A client of an earlier version has no life. The server cannot know what it saw.
  const old = await show(server, { epoch: at20.epoch, offset: 20 }, ids(1, 15, 'other'));
  assert.equal(old.resets, 0);
  // The position after the reset is valid from now on, also after a restart that loses nothing.
  server = await store.start();
  await publish(server, 16, 16, 'other');
  const again = await show(server, ahead.position, ['other16']);
  assert.deepEqual([again.resets, again.replies[0]?.recovered], [0, true]);
});

test('a fork longer than the history is a reset, and trimming before the fork is counted exactly', async (t) => {
  const store = openStore(t, 100);
  let server = await store.start();
  await publish(server, 1, 20);
  const putBack = store.copy();
  const at20 = (await show(server, undefined, ids(1, 20))).position;
  await publish(server, 21, 21);
  const at21 = (await show(server, at20, ['21'])).position;
  await store.stop();
  putBack();
  server = await store.start();
  await publish(server, 21, 270, 'other');
  const kept = ids(171, 270, 'other');
  const valid = await show(server, at20, kept);
  assert.deepEqual([valid.resets, valid.dropped, valid.replies[0]?.dropped], [0, 150, 150]);
  const lost = await show(server, at21, kept);
  assert.deepEqual([lost.resets, lost.replies[0]?.reset, lost.dropped], [1, true, 0]);
});

test('restarts that lose nothing keep the epoch and every position', async (t) => {
  const store = openStore(t);
  let server = await store.start();
  await publish(server, 1, 1);
  const screen = await show(server, undefined, ['1']);
  const positions = [screen.position];
  for (const run of [2, 3, 4]) {
    server = await store.start();
    await publish(server, run, run);
    for (const [index, position] of positions.entries()) {
      const { replies } = await show(server, position, ids(index + 2, run));
      assert.deepEqual([replies[0]?.recovered, replies[0]?.epoch], [true, position.epoch]);
    }
    positions.push((await show(server, positions.at(-1), [String(run)])).position);
  }
  assert.equal(new Set(positions.map(({ life }) => life)).size, 4);
});

test('cursors, ids and retries follow what the file has', async (t) => {
  const store = openStore(t);
  let server = await store.start();
  await publish(server, 1, 20);
  const screen = await show(server, undefined, ids(1, 20));
  await server.rooms.advanceCursor('lobby', 'ada', screen.position);
  const putBack = store.copy();
  await publish(server, 21, 30);
  await eventually(() => screen.ids.length === 30);
  await server.rooms.advanceCursor('lobby', 'ada', screen.position);
  await store.stop();
  putBack();
  server = await store.start();
  await publish(server, 21, 35, 'other');
  // A read of a lost message that was under way.
  const cursor = await server.rooms.advanceCursor('lobby', 'ada', screen.position);
  assert.equal(cursor?.offset, 20);
  const missed = await server.rooms.missed('lobby', 'ada');
  assert.deepEqual([missed.messages.map(({ id }) => id), missed.recovered], [ids(21, 35, 'other'), true]);
  const after = { epoch: screen.position.epoch, offset: 0 };
  const retry = (id: string) => server.rooms.publish('lobby', { id, author: bot, data: 0 }, { retry: true, after });
  assert.deepEqual(await retry('20').then(({ offset, repeated }) => [offset, repeated]), [20, true]);
  assert.deepEqual(await retry('30').then(({ offset, repeated }) => [offset, repeated]), [36, false]);
});

test('the messages of a file without lives are one life', async (t) => {
  const store = openStore(t);
  let server = await store.start();
  await publish(server, 1, 5);
  await store.stop();
  const file = new DatabaseSync(store.path);
  file.exec(`
    DROP TABLE holds;
    ALTER TABLE streams DROP COLUMN lives;
    ALTER TABLE streams DROP COLUMN version;
    ALTER TABLE messages DROP COLUMN version;
    ALTER TABLE messages DROP COLUMN amended;
    PRAGMA user_version = 3;
  `);
  file.close();
  server = await store.start();
  const screen = await show(server, undefined, ids(1, 5));
  assert.notEqual(screen.position.life, '');
  const putBack = store.copy();
  await publish(server, 6, 7);
  await eventually(() => screen.ids.length === 7);
  const { epoch } = screen.position;
  await store.stop();
  putBack();
  server = await store.start();
  await publish(server, 6, 9, 'other');
  assert.equal((await show(server, screen.position, [...ids(1, 5), ...ids(6, 9, 'other')])).resets, 1);
  // Positions that clients of an earlier version have kept.
  const old = await show(server, { epoch, offset: 3 }, [...ids(4, 5), ...ids(6, 9, 'other')]);
  assert.deepEqual([old.resets, old.replies[0]?.recovered], [0, true]);
});
