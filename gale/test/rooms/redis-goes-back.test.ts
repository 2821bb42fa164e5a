/** A Redis that goes back to an older state, by a restart or a promotion: clients get everything it has, once, and learn what was lost. */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createLogger } from 'gale';
import { RedisBroker } from 'gale/redis';
import type { Position } from 'gale/rooms';
import { redisCommand, redisMissing } from 'gale/testing';
import type { RedisServer } from 'gale/testing';
import { eventually } from '../support/eventually.ts';
import { startRedisFor } from '../support/rooms/redis-brokers.ts';
import { openRooms } from '../support/rooms/room-server.ts';
import type { RoomServer } from '../support/rooms/room-server.ts';
import { Screen } from '../support/rooms/screen.ts';

const skip = redisMissing();
const log = createLogger({ level: 'silent' });
/** A primary waits for further replicas before it sends its data. */
const promptly = ['--repl-diskless-sync-delay', '0'];
const bot = { id: 'bot', name: 'Bot' };

/** A server that saw nothing yet. */
async function openServer(t: TestContext, redis: RedisServer): Promise<RoomServer> {
  const broker = await RedisBroker.open({ url: redis.url, log });
  const server = await openRooms(t, { broker, rooms: { limits: 'off' } });
  t.after(async () => {
    await server.rooms.close();
    await broker.close();
  });
  return server;
}

async function publish(server: RoomServer, from: number, to: number, mark = ''): Promise<void> {
  for (let number = from; number <= to; number++) {
    const entry = { id: `${mark}${number}`, author: bot, data: number };
    await eventually(() =>
      server.rooms.publish('lobby', entry).then(
        () => true,
        () => false,
      ),
    );
  }
}

function ids(from: number, to: number, mark = ''): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${mark}${from + index}`);
}

async function shows(screen: Screen, expected: readonly string[]): Promise<void> {
  await eventually(
    () => screen.ids.length >= expected.length && screen.ids.at(-1) === expected.at(-1),
    () => `shown: ${screen.ids.join(' ')}`,
  );
  assert.deepEqual(screen.ids, expected);
}

/** A client that shows everything after a position. */
async function show(server: RoomServer, after: Position | undefined, expected: readonly string[]): Promise<Screen> {
  const screen = new Screen(server.client('ada')).follow(after);
  await shows(screen, expected);
  return screen;
}

/** Restarts Redis in the state that it saved last. */
async function loseUnsaved(redis: RedisServer): Promise<void> {
  await redis.kill();
  await redis.restart();
}

async function replicaOf(t: TestContext, primary: RedisServer): Promise<RedisServer> {
  const replica = await startRedisFor(t, { args: [...promptly, '--replicaof', '127.0.0.1', String(primary.port)] });
  await eventually(async () =>
    /master_link_status:up/.test(String(await redisCommand(replica, 'INFO', 'replication'))),
  );
  return replica;
}

async function infoOf(redis: RedisServer, name: string): Promise<string | undefined> {
  const info = String(await redisCommand(redis, 'INFO', 'replication'));
  return new RegExp(`${name}:(\\d+)`).exec(info)?.[1];
}

/** Waits until a replica has everything. */
async function follows(replica: RedisServer, primary: RedisServer): Promise<void> {
  await eventually(async () => {
    const [at, of] = [await infoOf(replica, 'slave_repl_offset'), await infoOf(primary, 'master_repl_offset')];
    return at !== undefined && at === of;
  });
}

describe('a Redis that restarts', { skip }, () => {
  test('without a loss keeps the epoch and every position, with an append-only file or a snapshot', async (t) => {
    for (const appendOnly of [true, false]) {
      const redis = await startRedisFor(t, { appendOnly });
      const server = await openServer(t, redis);
      await publish(server, 1, 10);
      const live = await show(server, undefined, ids(1, 10));
      const at10 = live.position;
      if (!appendOnly) await redisCommand(redis, 'SAVE');
      await loseUnsaved(redis);
      await publish(server, 11, 20);
      await shows(live, ids(1, 20));
      assert.equal(live.resets, 0);
      assert.notEqual(live.position.life, at10.life);
      const back = await show(await openServer(t, redis), at10, ids(11, 20));
      assert.deepEqual([back.resets, back.replies[0]?.recovered, back.replies[0]?.epoch], [0, true, at10.epoch]);
    }
  });

  test('with a loss, together with all servers, resets only the clients that saw what was lost', async (t) => {
    const redis = await startRedisFor(t);
    const before = await openServer(t, redis);
    await publish(before, 1, 20);
    const early = await show(before, undefined, ids(1, 20));
    const at20 = early.position;
    await redisCommand(redis, 'SAVE');
    await publish(before, 21, 30);
    await shows(early, ids(1, 30));
    const at30 = early.position;
    await before.rooms.close();
    await before.rooms.broker.close();
    await loseUnsaved(redis);
    const server = await openServer(t, redis);
    const empty = await show(server, at30, ids(1, 20));
    await publish(server, 21, 35, 'other');
    const all = [...ids(1, 20), ...ids(21, 35, 'other')];
    const ahead = await show(server, at30, all);
    assert.deepEqual([ahead.resets, ahead.replies[0]?.reset, ahead.replies[0]?.recovered], [1, true, false]);
    const valid = await show(server, at20, ids(21, 35, 'other'));
    assert.deepEqual([valid.resets, valid.replies[0]?.recovered, valid.replies[0]?.epoch], [0, true, at20.epoch]);
    await shows(empty, all);
    assert.equal(empty.resets, 1, 'a position of one client resets nobody else');
  });

  test('with an older copy of its append-only file resets the clients that saw more', async (t) => {
    const redis = await startRedisFor(t, { appendOnly: true });
    const { dir: folder } = (await redisCommand(redis, 'CONFIG', 'GET', 'dir')) as { readonly dir: string };
    const [file, copy] = [join(folder, 'appendonlydir'), join(folder, 'copy')];
    const before = await openServer(t, redis);
    await publish(before, 1, 20);
    const screen = await show(before, undefined, ids(1, 20));
    const at20 = screen.position;
    cpSync(file, copy, { recursive: true });
    await publish(before, 21, 30);
    await shows(screen, ids(1, 30));
    const at30 = screen.position;
    await before.rooms.close();
    await before.rooms.broker.close();
    await redis.kill();
    rmSync(file, { recursive: true });
    cpSync(copy, file, { recursive: true });
    await redis.restart();
    const server = await openServer(t, redis);
    await publish(server, 21, 35, 'other');
    const all = [...ids(1, 20), ...ids(21, 35, 'other')];
    assert.equal((await show(server, at30, all)).resets, 1);
    assert.equal((await show(server, at20, all.slice(20))).resets, 0);
  });

  test('with a loss that a server saw, gives everybody what is left in a new epoch, also if another server wrote first', async (t) => {
    const redis = await startRedisFor(t);
    const server = await openServer(t, redis);
    await publish(server, 1, 51);
    const live = await show(server, undefined, ids(1, 51));
    const at51 = live.position;
    await server.rooms.advanceCursor('lobby', 'ann', { ...at51, offset: 50 });
    await redisCommand(redis, 'SAVE');
    await publish(server, 52, 54);
    await shows(live, ids(1, 54));
    const at54 = live.position;
    await loseUnsaved(redis);
    const other = await openServer(t, redis);
    await publish(other, 52, 56, 'other');
    const all = [...ids(1, 51), ...ids(52, 56, 'other')];
    await shows(live, all);
    assert.equal(live.resets, 1);
    assert.notEqual(live.position.epoch, at54.epoch);
    assert.deepEqual([live.position.offset, live.replies.at(-1)?.first], [56, 1]);
    for (const node of [server, other]) {
      for (const position of [at51, at54]) {
        const back = await show(node, position, all);
        assert.deepEqual([back.resets, back.replies[0]?.first], [1, 1]);
      }
      const missed = await node.rooms.missed('lobby', 'ann');
      assert.deepEqual([missed.messages.map(({ id }) => id), missed.recovered], [all.slice(50), true]);
    }
    // Ids of messages that are left are known, ids of lost ones are not.
    const retry = (id: string) =>
      other.rooms.publish('lobby', { id, author: bot, data: 0 }, { retry: true, after: at51 });
    assert.deepEqual(await retry('51').then(({ offset, repeated }) => [offset, repeated]), [51, true]);
    assert.deepEqual(await retry('54').then(({ offset, repeated }) => [offset, repeated]), [57, false]);
    await shows(live, [...all, '54']);
  });
});

describe('a replica that becomes the primary', { skip }, () => {
  for (const [what, count] of [
    ['shorter', 15],
    ['longer', 250],
  ] as const) {
    test(`a fork ${what} than the history resets the clients of the other side`, async (t) => {
      const primary = await startRedisFor(t, { args: promptly });
      const replica = await replicaOf(t, primary);
      const one = await openServer(t, primary);
      await publish(one, 1, 20);
      const screen = await show(one, undefined, ids(1, 20));
      const at20 = screen.position;
      await follows(replica, primary);
      // Now they are separated, and both sides write.
      await redisCommand(replica, 'REPLICAOF', 'NO', 'ONE');
      const other = await openServer(t, replica);
      await publish(other, 21, 20 + count, 'other');
      await publish(one, 21, 21);
      await shows(screen, ids(1, 21));
      const at21 = screen.position;
      const all = [...ids(1, 20), ...ids(21, 20 + count, 'other')];
      const kept = all.slice(-100);
      const dropped = all.length - kept.length;
      const lost = await show(other, at21, kept);
      assert.deepEqual([lost.resets, lost.replies[0]?.reset], [1, true]);
      const valid = await show(
        other,
        at20,
        kept.filter((id) => id.startsWith('other')),
      );
      assert.deepEqual([valid.resets, valid.dropped], [0, Math.max(0, dropped - 20)]);
      // The old primary becomes a replica of the new one. Its server has seen a message that is lost.
      await redisCommand(primary, 'REPLICAOF', '127.0.0.1', String(replica.port));
      await eventually(async () =>
        /master_link_status:up/.test(String(await redisCommand(primary, 'INFO', 'replication'))),
      );
      await redisCommand(primary, 'REPLICAOF', 'NO', 'ONE');
      await one.rooms.checkPositions();
      await shows(screen, kept);
      assert.equal(screen.resets, 1);
    });
  }

  test('begins another life without a new connection, also if it was the primary before', async (t) => {
    const primary = await startRedisFor(t);
    const server = await openServer(t, primary);
    await publish(server, 1, 3);
    const screen = await show(server, undefined, ids(1, 3));
    const { epoch, life } = screen.position;
    const clientsOf = async (): Promise<string[]> =>
      [...String(await redisCommand(primary, 'CLIENT', 'LIST')).matchAll(/id=(\d+) .*name=gale-commands/g)].map(String);
    const before = await clientsOf();
    await redisCommand(primary, 'REPLICAOF', '127.0.0.1', '1');
    await redisCommand(primary, 'REPLICAOF', 'NO', 'ONE');
    await publish(server, 4, 4);
    await shows(screen, ids(1, 4));
    assert.deepEqual(
      (await clientsOf()).map((line) => line.split(' ')[0]),
      before.map((line) => line.split(' ')[0]),
    );
    assert.equal(screen.position.epoch, epoch);
    assert.notEqual(screen.position.life, life);
    assert.equal(screen.resets, 0);
  });
});
