/**
 * The load of many subscribed connections, a separate process: `node crowd-load.ts PORT PID JSON`, where JSON is a {@link CrowdWork}.
 * Prints one line of JSON, a {@link CrowdFigures}. A refusal or a message that is missing or repeated ends it with exit code 1.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { readProcessCost } from '../process-cost.ts';
import { readRestingCost } from '../window.ts';
import { sharedBuffer } from './load-socket.ts';
import { RoomClient, type RoomSetting } from './room-client.ts';
import { roomDialectNamed, type Position } from './room-dialect.ts';
import type { CrowdFigures, CrowdWork } from './room-figures.ts';

/** Connections opened at once. */
const openedTogether = 50;
/** Connections that open and close before the first reading, as warm-up. */
const warmCount = 200;
/** Messages that are published while everyone is away. */
const missedCount = 50;

const [portWord = '', pidWord = '', json = '{}'] = process.argv.slice(2);
const work = JSON.parse(json) as CrowdWork;
const pid = Number(pidWord);
process.on('uncaughtException', fail);
setTimeout(() => fail(new Error('The load did not end within 120 s.')), 120_000).unref();

const setting: RoomSetting = {
  port: Number(portWord),
  dialect: roomDialectNamed(work.dialect),
  text: 'x'.repeat(64),
  received: sharedBuffer(),
  onFailure: fail,
};

const positions = new Map<string, Position>();
const warm = await openAll(warmCount, 'w', () => 'porch');
for (const client of warm) client.reset();
const before = await readRestingCost(pid);
const crowd = await openAll(work.connections, 'c', (index) => `hall ${index % work.rooms}`);
const resting = await readRestingCost(pid);
const idleBytes = (resting.residentBytes - before.residentBytes) / work.connections;
const storm = work.reconnects ? await reconnect(crowd) : { seconds: 0, cpuSeconds: 0, grownBytes: 0 };
console.log(JSON.stringify({ idleBytes, ...storm } satisfies CrowdFigures));
process.exit(0);

/** Cuts all connections, publishes, and lets everyone come back after their position. */
async function reconnect(all: readonly RoomClient[]): Promise<Omit<CrowdFigures, 'idleBytes'>> {
  const ownRooms = new Set(all.map((_, index) => roomOf(index)));
  const publishers = await openAll(ownRooms.size, 'p', undefined);
  for (const client of all) client.reset();
  for (const [index, room] of [...ownRooms].entries()) {
    const publisher = publishers[index]!;
    publisher.prepare(room);
    for (let count = 0; count < missedCount; count += 1) publisher.send(1);
  }
  await until(() => publishers.every((publisher) => publisher.acknowledged === missedCount));
  const costBefore = readProcessCost(pid);
  const startedAt = performance.now();
  const back = all.map(({ person }) => new RoomClient(setting, person, {}));
  await inTurn(back, async (client, index) => {
    await client.open();
    await client.subscribe(roomOf(index), positions.get(client.person));
  });
  await until(() => back.every((client) => client.messages >= missedCount));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuSeconds = (readProcessCost(pid).cpuMicroseconds - costBefore.cpuMicroseconds) / 1e6;
  await delay(work.restSeconds * 1000);
  await delay(work.restSeconds * 1000);
  if (back.some((client) => client.messages !== missedCount)) fail(new Error('A message came twice.'));
  const after = await readRestingCost(pid);
  return { seconds, cpuSeconds, grownBytes: after.residentBytes - resting.residentBytes };
}

function roomOf(index: number): string {
  return `hall ${index % work.rooms}`;
}

async function openAll(
  count: number,
  prefix: string,
  room: ((index: number) => string) | undefined,
): Promise<RoomClient[]> {
  const clients = Array.from(
    { length: count },
    (_, index) => new RoomClient(setting, `${prefix}${String(index).padStart(5, '0')}`, {}),
  );
  await inTurn(clients, async (client, index) => {
    await client.open();
    if (room === undefined) return;
    const reply = await client.subscribe(room(index));
    if (!reply.startsWith('{"epoch"')) return;
    const { epoch, top } = JSON.parse(reply) as { epoch: string; top: number };
    positions.set(client.person, { epoch, offset: top });
  });
  return clients;
}

/** Runs a step for all, for several at the same time. */
async function inTurn(
  clients: readonly RoomClient[],
  run: (client: RoomClient, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < clients.length; index = next++) await run(clients[index]!, index);
  };
  await Promise.all(Array.from({ length: openedTogether }, work));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(10);
}

function fail(error: Error): never {
  console.error(error.message);
  process.exit(1);
}
