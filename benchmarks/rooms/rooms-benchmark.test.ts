import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisMissing } from 'gale/testing';
import { floorDisk, galeBroadcast, galeMemory, galeRedis, galeSqlite, runLoad } from './room-contestants.ts';
import type { CrowdFigures, RoomFigures } from './room-figures.ts';
import { tableOf } from './rooms-benchmark.ts';
import { roomsParts } from './rooms-parts.ts';

const isLinux = process.platform === 'linux';
const work = { publishers: 2, inFlight: 8, perSecond: 0, subscribers: 3, textBytes: 64, seconds: 1 };

for (const contestant of [floorDisk, galeBroadcast, galeMemory, galeSqlite, galeRedis]) {
  const skip = isLinux ? contestant.usesRedis && redisMissing() : 'needs taskset';
  test(
    `${contestant.name}: every message of a short load arrives in order, and all figures are measured`,
    { skip },
    async () => {
      // Each connection of a broadcast receives the messages of the others, which acknowledge nothing.
      const publishers = contestant === galeBroadcast ? 1 : 2;
      const figures = await runLoad<RoomFigures>(contestant, 'publish-load.ts', { ...work, publishers });
      for (const [name, value] of Object.entries(figures)) assert.ok(value > 0, name);
    },
  );
}

test('publishes at a given rate', { skip: isLinux ? false : 'needs taskset' }, async () => {
  const { perSecond } = await runLoad<RoomFigures>(galeMemory, 'publish-load.ts', { ...work, perSecond: 500 });
  assert.ok(perSecond > 300 && perSecond < 700, `${perSecond} publishes per second`);
});

test(
  'connections that were cut get what they missed, each message once',
  { skip: isLinux ? false : 'needs taskset' },
  async () => {
    const crowd = { connections: 30, rooms: 3, reconnects: true, restSeconds: 0 };
    const { seconds, cpuSeconds } = await runLoad<CrowdFigures>(galeMemory, 'crowd-load.ts', crowd);
    assert.ok(seconds > 0 && cpuSeconds >= 0);
  },
);

test('the table has a ratio within each round', () => {
  const figures = {
    perSecond: 1,
    cpuMicroseconds: 100,
    p50Milliseconds: 1,
    p99Milliseconds: 2,
    serverShare: 1,
    loadShare: 1,
  };
  const crowd = { idleBytes: 0, seconds: 0, cpuSeconds: 0, grownBytes: 0 };
  const part = roomsParts.find(({ name }) => name === 'deliver')!;
  const [broadcast, memory] = part.rows as [(typeof part.rows)[0], (typeof part.rows)[0]];
  const table = tableOf(part, [
    { row: broadcast, rounds: [100, 200].map((cpuMicroseconds) => ({ ...figures, ...crowd, cpuMicroseconds })) },
    { row: memory, rounds: [150, 200].map((cpuMicroseconds) => ({ ...figures, ...crowd, cpuMicroseconds })) },
  ]);
  const rows = table.split('\n');
  assert.match(rows[2]!, /^\| gale-broadcast \| 64 in flight \| 0\.15 \(0\.10–0\.20\) \| 1000 \|.* \|  \|$/);
  assert.match(rows[3]!, /\| 1\.25 \(1\.00–1\.50\) gale-broadcast \|$/);
});
