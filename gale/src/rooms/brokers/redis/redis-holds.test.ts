import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { redisCommand as command } from '../../../testing/redis-command.ts';
import type { RedisScript } from '../../../stores/redis-script.ts';
import type { Position } from '../../stream.ts';
import { redisMissing } from '../../../testing/redis-server.ts';
import { toEntryBeginning } from '../entry-text.ts';
import { toHashText } from '../message-hash.ts';
import { amendHeldScript } from './redis-amend.ts';
import { listScript, unlistScript } from './redis-hold-scripts.ts';
import { someEntry, upTo, usual } from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import { openBroker, startRedisFor } from '../../../../test/support/rooms/redis-brokers.ts';

const hold = { consumers: ['archive'], maxMessages: 1000, maxBytes: 1024 * 1024 };
const options = { ...usual, historyCount: 5, hold };

describe('consumers of several servers on one Redis', { skip: redisMissing() }, () => {
  test('find every room, whatever the servers do while the consumer removes rooms from its list', async (t) => {
    const redis = await startRedisFor(t);
    const servers = await Promise.all(upTo(3).map(() => openBroker(t, redis.url)));
    const reader = servers[0] ?? assert.fail();
    const { holds } = reader;
    const claim = (await holds.claim('archive', 60_000)) ?? assert.fail();
    const rooms = upTo(4).map((number) => `room ${number}`);
    const progress = { isOver: false };
    const publishing = Promise.all(
      servers.map(async (server) => {
        for (const _ of upTo(60)) await Promise.all(rooms.map((room) => server.publish(room, someEntry(), options)));
      }),
    ).then(() => (progress.isOver = true));
    const saveAll = async (): Promise<number> => {
      let saved = 0;
      const page = await holds.rooms('archive');
      for (const [room, { epoch, top, lives }] of await reader.heads(page.rooms)) {
        saved += 1;
        await holds.save('archive', claim, room, { epoch, offset: top, life: lives[0]?.name });
        await holds.forget('archive', room);
      }
      return saved;
    };
    while (!progress.isOver) await saveAll();
    await publishing;
    for (let turn = 0; (await saveAll()) > 0; turn++) assert.ok(turn < 10, 'everything is saved after a few turns');
    for (const room of rooms) assert.equal((await holds.saved('archive', claim, room))?.offset, 180);
    assert.equal(await command(redis, 'EXISTS', 'gale:unsaved:{archive}'), 0);
  });

  test('continue after Redis has lost everything, and an older claim stays older', async (t) => {
    const redis = await startRedisFor(t);
    const [one, other] = [await openBroker(t, redis.url), await openBroker(t, redis.url)];
    const old = (await one.holds.claim('archive', 60_000)) ?? assert.fail();
    await one.publish('lobby', someEntry(), options);
    await command(redis, 'FLUSHALL');
    const claim = (await other.holds.claim('archive', 60_000)) ?? assert.fail();
    assert.ok(claim > old);
    const { epoch, life } = await one.publish('lobby', someEntry(), options);
    assert.deepEqual(await other.holds.rooms('archive'), { rooms: ['lobby'], next: undefined });
    assert.equal((await other.holds.saved('archive', claim, 'lobby'))?.offset, 0);
    assert.equal(await one.holds.save('archive', old, 'lobby', { epoch, offset: 1, life }), false);
    assert.equal(await other.holds.save('archive', claim, 'lobby', { epoch, offset: 1, life }), true);
  });

  test('find a room that was removed from the list too late, and one that was added too late', async (t) => {
    const redis = await startRedisFor(t);
    const [reader, server] = [await openBroker(t, redis.url), await openBroker(t, redis.url)];
    const { holds } = reader;
    const claim = (await holds.claim('archive', 60_000)) ?? assert.fail();
    const late = (script: RedisScript, turn: string): Promise<unknown> =>
      command(redis, 'EVAL', script.text, '1', 'gale:unsaved:{archive}', 'lobby', turn);
    const listed = async (): Promise<readonly string[]> => (await holds.rooms('archive')).rooms;
    const saveAll = async ({ epoch, offset, life }: Position): Promise<void> => {
      await holds.save('archive', claim, 'lobby', { epoch, offset, life });
      await holds.forget('archive', 'lobby');
    };
    await saveAll(await server.publish('lobby', someEntry(), options));
    assert.deepEqual(await listed(), []);
    const second = await server.publish('lobby', someEntry(), options);
    // The consumer was slow after the end of the first turn.
    await late(unlistScript, '0');
    assert.deepEqual(await listed(), ['lobby']);
    // Another server was slow in the first turn.
    await late(listScript, '0');
    assert.equal(await command(redis, 'HGET', 'gale:unsaved:{archive}', 'lobby'), '1');
    await saveAll(second);
    assert.deepEqual(await listed(), []);
    // A room too much in the list is removed.
    await late(listScript, '1');
    assert.deepEqual(await listed(), ['lobby']);
    await holds.forget('archive', 'lobby');
    assert.deepEqual(await listed(), []);
    // A server that listed the room in a turn that has ended stores nothing.
    const entry = someEntry();
    await saveAll(await server.publish('lobby', entry, options));
    const turn = Number(await command(redis, 'HGET', 'gale:{lobby}:holds', 'turn archive'));
    const amendIn = async (its: number): Promise<unknown> => {
      const keys = ['head', 'stream', 'kept', 'cursors', 'spare', 'holds'].map((name) => `gale:{lobby}:${name}`);
      const argument = JSON.stringify({ ...hold, turns: { archive: its } });
      const change = [toHashText(entry), toEntryBeginning(entry), '"changed"', '', argument];
      const args = ['fresh', 'channel', '', '0', '', ...change];
      return command(redis, 'EVAL', amendHeldScript.text, String(keys.length), ...keys, ...args);
    };
    assert.deepEqual(await amendIn(turn - 1), ['', 'archive', turn]);
    assert.equal((await server.heads(['lobby'])).get('lobby')?.version, undefined);
    assert.equal(((await amendIn(turn)) as unknown[]).length, 6);
    assert.equal((await server.heads(['lobby'])).get('lobby')?.version, 1);
  });

  test('have their keys next to those of the room, except for the list and the claim', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const claim = (await broker.holds.claim('archive', 60_000)) ?? assert.fail();
    const { epoch, life } = await broker.publish('lobby', someEntry(), options);
    await broker.holds.save('archive', claim, 'lobby', { epoch, offset: 1, life });
    const keys = (await command(redis, 'KEYS', '*')) as string[];
    assert.deepEqual(keys.filter((key) => !key.startsWith('gale:{lobby}:')).toSorted(), [
      'gale:claim:{archive}',
      'gale:unsaved:{archive}',
    ]);
    assert.ok(keys.includes('gale:{lobby}:holds'));
  });
});
