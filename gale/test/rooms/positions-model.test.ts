/**
 * Random publishes, restarts, rollbacks, forks, new epochs and reads, compared with a model of the room. Every position that was ever
 * given out is valid exactly if its message is part of the stream, whether the message is kept or not.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from 'gale';
import { RedisBroker } from 'gale/redis';
import type { Entry, Position, Published, PublishOptions, RoomMessage, StreamHead, StreamPage } from 'gale/rooms';
import { redisCommand, redisMissing } from 'gale/testing';
import { openDatabase } from '../../src/rooms/brokers/sqlite/sqlite-schema.ts';
import type { HeldDatabase } from '../../src/rooms/brokers/sqlite/sqlite-schema.ts';
import { SqliteReads } from '../../src/rooms/brokers/sqlite/sqlite-reads.ts';
import { SqliteStore } from '../../src/rooms/brokers/sqlite/sqlite-store.ts';
import { lifeAt, maxLives } from '../../src/rooms/lives.ts';
import { beginAt } from '../../src/rooms/subscription.ts';
import { startRedisFor } from '../support/rooms/redis-brokers.ts';
import { seededRandom, seedOfRun } from '../support/seeded-random.ts';

const log = createLogger({ level: 'silent' });
const room = 'lobby';
const historyCount = 8;

/** A store with one state that it can go back to. */
interface Store {
  publish(entry: Entry, options: PublishOptions): Promise<Published>;
  read(): Promise<StreamHead & Pick<StreamPage, 'messages'>>;
  renewEpoch(epoch: string): Promise<void>;
  cursor(): Promise<Position | undefined>;
  advance(position: Position): Promise<unknown>;
  /** Begins another life without a loss. */
  restart(): Promise<void>;
  save(): Promise<unknown>;
  /** Begins another life in the saved state. */
  goBack(): Promise<void>;
  /** The same, while a server runs that saw the newest message. It detects the loss. */
  goBackSeen?(): Promise<void>;
}

interface Stored {
  readonly id: string;
  readonly life: string;
}

/** What the store has to have: all messages since the start of the epoch, also those that are not kept. */
interface Model {
  readonly epoch: string;
  readonly entries: readonly Stored[];
  readonly cursor: { readonly epoch: string; readonly offset: number } | undefined;
}

interface Given {
  readonly position: Position;
  /** Id of the message. */
  readonly id: string;
}

async function check(t: TestContext, store: Store, steps: number): Promise<void> {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const { epoch } = await store.read();
  let model: Model = { epoch, entries: [], cursor: undefined };
  await store.save();
  let saved: Model = model;
  let given: Given[] = [{ position: { epoch, offset: 0, life: '' }, id: '' }];
  let lastId = 0;
  const done: Record<string, number> = {};
  const verdicts = { valid: 0, trimmed: 0, reset: 0 };

  const publish = async (id: string): Promise<Published> =>
    store.publish(
      { id, author: { id: 'bot', name: 'Bot' }, data: id },
      { historyCount, dedupeMs: 600_000, dedupeCount: 256 },
    );
  const isKnown = (offset: number): boolean => {
    const lives = new Set(model.entries.slice(offset - 1).map(({ life }) => life));
    return lives.size <= maxLives;
  };
  const isValid = ({ position: { epoch: its, offset }, id }: Given): boolean =>
    its === model.epoch && (offset === 0 || (model.entries[offset - 1]?.id === id && isKnown(offset)));

  const renewed = (page: StreamHead): void => {
    const { cursor, epoch: old, entries } = model;
    const kept = entries.slice(-historyCount);
    const shift = entries.length - kept.length;
    const moves = cursor?.epoch === old && kept.length > 0 && cursor.offset >= shift;
    assert.notEqual(page.epoch, old);
    model = {
      epoch: page.epoch,
      entries: kept.map(({ id }) => ({ id, life: page.lives[0]?.name ?? '' })),
      cursor: moves ? { epoch: page.epoch, offset: cursor.offset - shift } : cursor,
    };
  };

  const actions: Record<string, () => Promise<void>> = {
    async publish() {
      for (let count = 1 + below(historyCount / 2); count > 0; count--) {
        const id = `m${++lastId}`;
        const { epoch: its, offset, life, repeated } = await publish(id);
        assert.deepEqual([its, offset, repeated], [model.epoch, model.entries.length + 1, false]);
        model = { ...model, entries: [...model.entries, { id, life }] };
        given.push({ position: { epoch: its, offset, life }, id });
      }
    },
    async repeat() {
      const keptFrom = Math.max(1, model.entries.length - historyCount + 1);
      const offset = keptFrom + below(historyCount);
      const entry = model.entries[offset - 1];
      if (!entry) return;
      const again = await publish(entry.id);
      assert.deepEqual([again.offset, again.life, again.repeated], [offset, entry.life, true]);
    },
    restart: () => store.restart(),
    async save() {
      await store.save();
      saved = model;
    },
    async goBack() {
      await store.goBack();
      model = saved;
    },
    async goBackSeen() {
      const { epoch: its, entries } = model;
      await store.goBackSeen?.();
      model = saved;
      const isLost = entries.length > 0 && saved.entries[entries.length - 1]?.id !== entries.at(-1)?.id;
      if (its === saved.epoch && isLost) renewed(await store.read());
    },
    async renew() {
      await store.renewEpoch(model.epoch);
      renewed(await store.read());
    },
    async advance() {
      const each = given[below(given.length)];
      if (!each || each.position.epoch !== model.epoch) return;
      const { epoch: its, offset } = each.position;
      if (offset > model.entries.length) return;
      const isMoved = isValid(each) && !(model.cursor?.epoch === its && model.cursor.offset >= offset);
      await store.advance(each.position);
      if (isMoved) model = { ...model, cursor: { epoch: its, offset } };
    },
  };
  const often = {
    publish: 16,
    repeat: 4,
    restart: 6,
    save: 4,
    goBack: 4,
    goBackSeen: store.goBackSeen ? 3 : 0,
    renew: 1,
    advance: 6,
  };
  const bag = Object.entries(often).flatMap(([name, count]) => Array.from({ length: count }, () => name));

  for (let step = 0; step < steps; step++) {
    const name = bag[below(bag.length)] ?? 'publish';
    done[name] = (done[name] ?? 0) + 1;
    const where = `step ${step}, ${name}, seed ${seed}`;
    await actions[name]?.();
    const page = await store.read();
    const top = model.entries.length;
    const first = Math.max(1, top - historyCount + 1);
    assert.deepEqual([page.epoch, page.top, page.first], [model.epoch, top, first], where);
    const kept = page.messages.map(({ offset, id, life }) => ({ offset, id, life }));
    assert.deepEqual(
      kept,
      model.entries.slice(first - 1).map(({ id, life }, index) => ({ offset: first + index, id, life })),
      where,
    );
    for (const each of given) {
      const { reset } = beginAt(page, each.position);
      assert.equal(reset, !isValid(each), `${where}: ${JSON.stringify(each)}`);
      verdicts[reset ? 'reset' : each.position.offset < first - 1 ? 'trimmed' : 'valid']++;
    }
    assert.deepEqual(await store.cursor(), model.cursor, where);
    // Old ones stay for a while, also of lost messages and of earlier epochs.
    if (given.length > 200) given = given.filter(() => random() < 0.7);
  }
  t.diagnostic(`${JSON.stringify(done)} ${JSON.stringify(verdicts)}`);
  for (const count of Object.values(verdicts)) assert.ok(count > 0);
}

test('positions in an SQLite file are valid or reset as in the model', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gale-positions-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
  mkdirSync(data);
  const open = (): { held: HeldDatabase; store: SqliteStore; reads: SqliteReads } => {
    const held = openDatabase(join(data, 'rooms.sqlite'));
    const { database, life } = held;
    return { held, store: new SqliteStore(database, life), reads: new SqliteReads(database) };
  };
  let file = open();
  t.after(() => file.held.close());
  file.store.heads([room]);
  const reopen = (between = (): void => {}): Promise<void> => {
    file.held.close();
    between();
    file = open();
    file.store.now = ++now;
    return Promise.resolve();
  };
  let now = 1;
  await check(
    t,
    {
      async publish(entry, options) {
        file.store.now = ++now;
        const text = JSON.stringify(entry);
        const published = file.store.publish(room, entry.author.id, entry.id, text, options) as Published;
        file.store.finish();
        return published;
      },
      async read() {
        const page = file.reads.read(room, 0, { count: 100, bytes: 1e6 });
        assert.ok(page);
        const { rows, ...head } = page;
        const toMessage = ([offset, time, text]: (typeof rows)[number]): RoomMessage => ({
          ...(JSON.parse(text) as Entry),
          offset,
          time,
          life: lifeAt(head.lives, offset),
        });
        return { ...head, messages: rows.map(toMessage) };
      },
      renewEpoch: async (epoch) => void file.store.renewEpoch(room, epoch),
      cursor: async () => file.store.getCursors('ann', [room]).get(room),
      advance: async (position) => void file.store.advanceCursor(room, 'ann', position),
      restart: () => reopen(),
      save: () => reopen(() => replace(data, copy)),
      goBack: () => reopen(() => replace(copy, data)),
    },
    200,
  );
});

test('positions in Redis are valid or reset as in the model', { skip: redisMissing() }, async (t) => {
  const redis = await startRedisFor(t);
  let broker = await RedisBroker.open({ url: redis.url, log });
  t.after(() => broker.close());
  const goBack = async (): Promise<void> => {
    await redis.kill();
    await redis.restart();
  };
  await check(
    t,
    {
      publish: (entry, options) => again(() => broker.publish(room, entry, options)),
      read: () => again(() => broker.read(room, 0, { count: 100, bytes: 1e6 })),
      renewEpoch: (epoch) => again(() => broker.renewEpoch(room, epoch)),
      cursor: () => again(async () => (await broker.cursors.getAll('ann', [room])).get(room)),
      advance: (position) => again(() => broker.cursors.advance(room, 'ann', position)),
      async restart() {
        await redisCommand(redis, 'REPLICAOF', '127.0.0.1', '1');
        await redisCommand(redis, 'REPLICAOF', 'NO', 'ONE');
      },
      save: () => redisCommand(redis, 'SAVE'),
      async goBack() {
        await broker.close();
        await goBack();
        broker = await RedisBroker.open({ url: redis.url, log });
      },
      goBackSeen: goBack,
    },
    100,
  );
});

/** Calls again until the broker has reconnected. */
async function again<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if ((error as { code?: string }).code !== 'ROOM_UNAVAILABLE' || attempt > 200) throw error;
      await delay(20);
    }
  }
}

function replace(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}
