/**
 * The calls of the stores for a new window and for a new room do not depend on the number of rooms.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SqliteBroker } from 'gale';
import { openSqlite } from '../database/database.ts';
import { MemoryAttempts } from '../store/memory-attempts.ts';
import { createStore } from '../store/store.ts';
import { unbounded } from './support/some-data.ts';
import { serveChat } from './support/app.ts';
import { RawSocket } from './support/raw-socket.ts';
import { temporaryFolder, Visitor } from './support/chat-server.ts';

/** Wraps an object so that it records all calls of its methods, also of nested objects. */
function counting<Target extends object>(target: Target, name: string, calls: string[]): Target {
  return new Proxy(target, {
    get: (_, key) => {
      const value = Reflect.get(target, key, target) as unknown;
      if (typeof value === 'function') {
        return (...values: unknown[]): unknown => {
          calls.push(`${name}.${String(key)}`);
          return Reflect.apply(value, target, values);
        };
      }
      return typeof value === 'object' && value !== null ? counting(value, `${name}.${String(key)}`, calls) : value;
    },
  });
}

interface Costs {
  readonly welcome: string[];
  readonly make: string[];
}

/** Names of the rooms in the welcome of a window. */
function namesIn({ frames: [welcome] }: RawSocket): string[] {
  assert.ok(welcome);
  return (welcome['rooms'] as { name: string }[]).map(({ name }) => name);
}

/** The calls in a chat with `count` rooms, for a member of two of them. */
async function costsWith(t: TestContext, count: number): Promise<Costs> {
  const calls: string[] = [];
  const folder = await temporaryFolder(t);
  const database = await openSqlite(join(folder, 'database.sqlite'));
  const real = createStore(database, new MemoryAttempts());
  const store = counting(real, 'store', calls);
  const broker = counting(await SqliteBroker.open({ path: join(folder, 'rooms.sqlite') }), 'broker', calls);
  const chat = await serveChat(t, { database, closesDatabase: true, store, broker });
  const maker = { id: 'maker', name: 'Maker', nameKey: 'maker', passwordHash: '$', createdAt: 1 };
  await real.accounts.add(maker);
  for (let index = 0; index < count; index++) {
    const room = { id: `r${index}`, name: `R ${index}`, nameKey: `r ${index}`, madeBy: 'maker', madeAt: index };
    await real.rooms.add(room, unbounded);
  }
  const ann = await chat.person('Ann');
  const first = await RawSocket.open(ann);
  for (const room of ['r0', 'r9']) await first.do('join-room', { room });
  const during = async (work: () => Promise<unknown>): Promise<string[]> => {
    const from = calls.length;
    await work();
    // The copy of the history reads heads and held rooms at any time.
    return [...new Set(calls.slice(from))].filter((call) => !call.startsWith('broker.holds')).toSorted();
  };
  const visitor = new Visitor(t, chat.url);
  for (const [key, value] of ann.cookies) visitor.cookies.set(key, value);
  return {
    welcome: await during(async () => {
      const window = await RawSocket.open(visitor);
      assert.equal(namesIn(window).length, 3);
    }),
    make: await during(() => first.do('make-room', { name: 'Tea' })),
  };
}

test('a welcome and a new room make the same calls of the stores with 10 and with 900 rooms', async (t) => {
  const few = await costsWith(t, 10);
  assert.deepEqual(await costsWith(t, 900), few);
  assert.ok(few.welcome.length < 12 && few.make.length < 12, JSON.stringify(few));
});
