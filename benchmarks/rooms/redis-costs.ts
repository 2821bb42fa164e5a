/**
 * `npm run bench -- redis-costs`: what one publish, one presence lease and one read cost Redis, by its own counters. With these figures
 * docs/guide/scaling.md computes how many one Redis can serve.
 */
import { writeFile } from 'node:fs/promises';
import { defineOptions } from 'gale';
import { RedisBroker } from 'gale/redis';
import type { BrokerListener, Lease, PublishOptions } from 'gale/rooms';
import { redisCommand, startRedis, type RedisServer } from 'gale/testing';
import { machineText } from '../result-page.ts';
import { linesOf, spreadText } from '../table.ts';
import { redisVersion } from './room-contestants.ts';

/** The defaults of `Rooms`. */
const options: PublishOptions = { historyCount: 100, dedupeMs: 86_400_000, dedupeCount: 256 };
const leaseMs = 60_000;
const data = { text: 'x'.repeat(100) };
/** Servers that are subscribed to one of the rooms. */
const servers = 10;
const heardRoom = 'a room with listeners';
const listener: BrokerListener = { onMessage() {}, onAmend() {}, onSignal() {}, onDoubt() {} };

/** One operation, repeated. */
interface Operation {
  readonly title: string;
  readonly count: number;
  run(broker: RedisBroker): Promise<void>;
}

/** What it cost Redis, each time. */
interface Cost {
  readonly cpuMicroseconds: number;
  readonly inBytes: number;
  readonly outBytes: number;
  readonly memoryBytes: number;
}

let published = 0;

function publishes(title: string, count: number, inFlight: number, roomOf: (number: number) => string): Operation {
  return {
    title,
    count,
    run: (broker) =>
      inTurns(count, inFlight, async (number) => {
        const person = `person${number % 200}`;
        const entry = { id: `message${(published += 1)}`, author: { id: person, name: person }, data };
        await broker.publish(roomOf(number), entry, options);
      }),
  };
}

function renewals(title: string, rooms: number, people: number, times: number): Operation {
  const leases = Array.from({ length: rooms * people }, (_, number): Lease => {
    const person = `person${Math.floor(number / rooms)}`;
    return { room: `${title}${number % rooms}`, person: { id: person, name: person }, connection: `of ${person}` };
  });
  return {
    title,
    count: leases.length * times,
    run: (broker) => inTurns(times, 1, () => broker.presence.renew(leases, leaseMs)),
  };
}

const largeRoom = 'lease renewed, 10,000 people of the server in one room';

const operations: readonly Operation[] = [
  publishes('publish, 64 in flight in one room', 20_000, 64, () => 'one room'),
  publishes('publish, 64 in flight in 1,000 rooms', 20_000, 64, (number) => `room ${number % 1000}`),
  publishes('publish, one after the other', 5000, 1, () => 'another room'),
  publishes(`publish, 64 in flight in one room, to ${servers} servers`, 20_000, 64, () => heardRoom),
  renewals('lease renewed, 1 person of the server in each room', 1000, 1, 10),
  renewals('lease renewed, 20 people of the server in each room', 100, 20, 10),
  renewals(largeRoom, 1, 10_000, 5),
  {
    title: 'list of the 10,000 people of a room',
    count: 20,
    run: (broker) => inTurns(20, 1, async () => void (await broker.presence.list(`${largeRoom}0`))),
  },
  {
    title: 'sweep of a room for expired leases',
    count: 10_000,
    run: (broker) => inTurns(10_000, 64, async (number) => void (await broker.presence.sweep(`empty ${number}`))),
  },
  {
    title: 'bounds of a stream',
    count: 10_000,
    run: (broker) => inTurns(100, 1, async () => void (await broker.heads(numbers(100).map((room) => `room ${room}`)))),
  },
];

/** Measures, prints the table and, with `--save`, writes it to results/. */
export async function runRedisCostsBenchmark(words: readonly string[]): Promise<void> {
  const { rounds, save } = defineOptions(
    {
      rounds: { type: 'integer', default: 3, min: 1, help: 'Measurements of each operation, each with a new Redis' },
      save: { type: 'switch', default: false, help: 'Write the table to benchmarks/results/' },
    },
    'npm run bench -- redis-costs [options]',
  ).parse(words);
  const costs = operations.map((): Cost[] => []);
  for (let round = 1; round <= rounds; round += 1) {
    const redis = await startRedis({ appendOnly: true });
    const brokers: RedisBroker[] = [];
    try {
      for (const _ of numbers(1 + servers)) brokers.push(await RedisBroker.open({ url: redis.url }));
      const [broker, ...others] = brokers;
      if (broker === undefined) throw new Error('There is no broker.');
      await Promise.all(others.map((other) => other.listen(heardRoom, listener)));
      // The first calls of a script and of a connection cost more.
      for (const { run } of operations) await run(broker);
      for (const [index, operation] of operations.entries())
        costs[index]?.push(await measure(redis, broker, operation));
    } finally {
      await Promise.all(brokers.map((each) => each.close()));
      await redis.stop();
    }
    console.error(`redis-costs, round ${round} of ${rounds}`);
  }
  const table = linesOf(
    ['each', 'CPU µs of Redis', 'bytes to Redis', 'bytes from Redis', 'bytes of memory'],
    operations.map(({ title }, index) => [
      title,
      ...(['cpuMicroseconds', 'inBytes', 'outBytes', 'memoryBytes'] as const).map((name) =>
        spreadText(costs[index]?.map((cost) => cost[name]) ?? [], name === 'cpuMicroseconds' ? 1 : 0),
      ),
    ]),
  );
  console.log(`\n${table}\n`);
  if (!save) return;
  const page = `# Redis, costs of rooms

${machineText()}, Redis ${await redisVersion()} with \`appendfsync always\`; ${rounds} rounds; medians (least–greatest). Texts of 100 bytes. CPU time is
that of the process; bytes to and from Redis are without those of TCP; memory is what the operation added to a room that exists.

${table}

Command: \`${['npm run bench -- redis-costs', ...words].join(' ')}\`; [method](../README.md).
`;
  await writeFile(new URL('../results/redis-costs.md', import.meta.url), page);
}

async function measure(redis: RedisServer, broker: RedisBroker, { count, run }: Operation): Promise<Cost> {
  const before = await countersOf(redis);
  await run(broker);
  const after = await countersOf(redis);
  const each = (name: keyof Counters): number => (after[name] - before[name]) / count;
  return {
    cpuMicroseconds: (each('used_cpu_user') + each('used_cpu_sys')) * 1e6,
    inBytes: each('total_net_input_bytes'),
    outBytes: each('total_net_output_bytes'),
    memoryBytes: each('used_memory'),
  };
}

const counterNames = [
  'used_cpu_user',
  'used_cpu_sys',
  'total_net_input_bytes',
  'total_net_output_bytes',
  'used_memory',
] as const;
type Counters = Readonly<Record<(typeof counterNames)[number], number>>;

async function countersOf(redis: RedisServer): Promise<Counters> {
  const info = String(await redisCommand(redis, 'INFO'));
  const entries = counterNames.map(
    (name) => [name, Number(new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1])] as const,
  );
  return Object.fromEntries(entries) as Counters;
}

/** Runs `count` calls, `inFlight` at once. */
async function inTurns(count: number, inFlight: number, run: (number: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += inFlight) {
    await Promise.all(numbers(Math.min(inFlight, count - from)).map((number) => run(from + number)));
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}
