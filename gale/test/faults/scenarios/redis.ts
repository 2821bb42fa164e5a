/** Scenarios 32, 33 and 37 to 40: Redis crashes, disappears, and becomes deaf or slow. scenarios/lost-data.ts has those that lose messages. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import type { Trial } from '../trial.ts';
import { expectRecovered } from './connections.ts';

/** Longest time without a position check, so that only the probe of live delivery finds a fault. */
const noChecks = { positionCheckMs: 600_000 } as const;

/** Kills Redis and starts it again with its data. */
export async function crashRedis(trial: Trial, downMs: number): Promise<void> {
  const { redis } = trial.cluster;
  await redis.kill();
  await wait(downMs);
  await redis.restart();
  trial.healed();
}

/** Whether no consumer had to discard anything. */
export function expectNoReset(trial: Trial): void {
  for (const { name, events } of trial.history.consumers) {
    const reset = events.find((event) => event.kind === 'reset' || (event.kind === 'subscribed' && event.reset));
    trial.expect(reset === undefined, `${name} was reset: ${JSON.stringify(reset)}`);
  }
}

export const redisScenarios: readonly Scenario[] = [
  {
    number: 32,
    name: 'Redis restarts without persistence',
    group: 'redis',
    scale: 'Redis without files is killed and started again under load.',
    async run(trial) {
      trial.permissions = { storeMayLose: true };
      const cluster = await trial.start({ appendOnly: false });
      await trial.crowd(4);
      trial.libraryClient().start();
      const away = trial.consumer({ route: cluster.stay() }).start();
      await away.ready();
      const writers = [0, 1].map(() => trial.publisher({ intervalMs: 10 }).start());
      await writers[0]?.acknowledged(40);
      await away.leave();
      await crashRedis(trial, 300);
      away.start();
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 40);
      await trial.complete();
      for (const { name, events } of trial.history.consumers) {
        const isTold = events.some((event) => event.kind === 'reset' || (event.kind === 'subscribed' && event.reset));
        trial.expect(isTold, `${name} got no reset`);
      }
    },
  },
  {
    number: 33,
    name: 'Redis killed, AOF always',
    group: 'redis',
    scale: 'Redis is killed 3 times under load of 4 publishers.',
    isShort: true,
    async run(trial) {
      const cluster = await trial.start();
      await trial.crowd(6, { route: cluster.spread() });
      trial.libraryClient().start();
      const writers = [0, 1, 2, 3].map(() => trial.publisher({ intervalMs: 3 }).start());
      for (let round = 0; round < 3; round++) {
        await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 30);
        await wait(trial.integer(0, 50));
        await crashRedis(trial, trial.integer(50, 500));
      }
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 30);
      await trial.complete();
      expectNoReset(trial);
      const epochs = new Set(trial.history.publishes.flatMap(({ replies }) => replies.map(({ epoch }) => epoch)));
      trial.expect(epochs.size === 1, `the epoch changed: ${[...epochs].join(', ')}`);
    },
  },
  {
    number: 37,
    name: 'Redis unreachable from a node',
    group: 'redis',
    scale: 'One of two nodes has no route to Redis for 4 s.',
    async run(trial) {
      const cluster = await trial.start({ redisProxies: true });
      await trial.crowd(3, { route: cluster.only(0), connection: { silenceMs: 15_000 } });
      await trial.crowd(3, { route: cluster.only(1) });
      const [cut, healthy] = [0, 1].map((index) =>
        trial.publisher({ intervalMs: 10, route: cluster.only(index), replyMs: 10_000 }).start(),
      );
      await cut?.acknowledged(30);
      cluster.redisProxy(0).hold();
      const heldAt = performance.now();
      await healthy?.acknowledged((healthy?.acknowledgedCount ?? 0) + 40);
      await trial.until(
        async () => (await cluster.node(0).ready()) !== 200,
        'the node without Redis is not ready',
        5000,
      );
      await wait(Math.max(0, 4000 - (performance.now() - heldAt)));
      const early = cut?.records.filter(
        ({ outcome, settledAt = 0 }) => outcome === 'acknowledged' && settledAt > heldAt + 200,
      );
      trial.expect(early?.length === 0, `${early?.length} publishes were acknowledged without Redis`);
      cluster.redisProxy(0).heal();
      trial.healed();
      await trial.until(async () => (await cluster.node(0).ready()) === 200, 'the node is ready again', 10_000);
      await cut?.acknowledged((cut?.acknowledgedCount ?? 0) + 30);
      await trial.complete();
      expectNoReset(trial);
    },
  },
  {
    number: 38,
    name: 'Deaf subscriber',
    group: 'redis',
    scale:
      'Nothing arrives on the subscriber connection of a node, which stays open; probes every 0.5 s instead of 5 s, no position checks.',
    async run(trial) {
      const cluster = await trial.start({ redisProxies: true, rooms: noChecks });
      const deaf = await trial.crowd(3, { route: cluster.only(0), connection: { silenceMs: 15_000 } });
      await trial.crowd(2, { route: cluster.only(1) });
      const writer = trial.publisher({ intervalMs: 10, route: cluster.only(1) }).start();
      await writer.acknowledged(30);
      cluster.redisProxy(0).hold(['toClient'], 'SUBSCRIBE');
      const heldAt = performance.now();
      await wait(100);
      const counts = deaf.map((consumer) => consumer.count());
      await trial.until(
        () => deaf.every((consumer, index) => consumer.count() > (counts[index] ?? 0)),
        'the deaf node delivers again',
        30_000,
      );
      const foundMs = Math.round(performance.now() - heldAt);
      trial.notes.push(`delivers again after ${foundMs} ms`);
      // Two probes and the timeout of a command, which also limits the new connection, and 2 s for a busy machine.
      trial.expect(foundMs < 2 * 500 + 1000 + 2000, `found after ${foundMs} ms`);
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 30);
      await trial.complete();
      expectNoReset(trial);
    },
  },
  {
    number: 39,
    name: 'Bus buffer overflow',
    group: 'redis',
    scale:
      'Redis may buffer 64 KB for a subscriber; a node reads nothing for 2 s of 16 KB messages, then all subscribers are killed 3 times.',
    async run(trial) {
      const cluster = await trial.start({ redisProxies: true, rooms: noChecks });
      await cluster.command('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 65536 32768 1');
      await trial.crowd(3, { route: cluster.only(0), connection: { silenceMs: 15_000 } });
      await trial.crowd(2, { route: cluster.only(1) });
      trial.libraryClient({ route: cluster.only(0) }).start();
      const writers = [0, 1].map(() =>
        trial.publisher({ intervalMs: 5, bytes: 16_000, route: cluster.only(1) }).start(),
      );
      await writers[0]?.acknowledged(20);
      cluster.redisProxy(0).hold(['toClient'], 'SUBSCRIBE');
      await wait(2000);
      cluster.redisProxy(0).heal();
      for (let round = 0; round < 3; round++) {
        await wait(trial.integer(100, 400));
        await cluster.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      }
      trial.healed();
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 30);
      await trial.complete();
      expectNoReset(trial);
    },
  },
  {
    number: 40,
    name: 'Redis slow',
    group: 'redis',
    scale:
      'Bytes of a node from and to Redis are delayed by 150 ms for 2 s, then by 1.5 s for 4 s; the timeout of a command is 1 s.',
    async run(trial) {
      const cluster = await trial.start({ redisProxies: true });
      await trial.crowd(3, { route: cluster.only(0), connection: { silenceMs: 15_000 } });
      await trial.crowd(2, { route: cluster.only(1) });
      const slow = trial.publisher({ intervalMs: 5, route: cluster.only(0), replyMs: 15_000 }).start();
      trial.publisher({ intervalMs: 10, route: cluster.only(1) }).start();
      await slow.acknowledged(20);
      cluster.redisProxy(0).delayMs = 150;
      await wait(2000);
      cluster.redisProxy(0).delayMs = 1500;
      await wait(4000);
      cluster.redisProxy(0).heal();
      trial.healed();
      await slow.acknowledged(slow.acknowledgedCount + 30);
      trial.notes.push(
        `retries: ${[...slow.retried].map(([code, count]) => `${count} × ${code}`).join(', ') || 'none'}`,
      );
      await trial.complete();
      expectRecovered(trial);
    },
  },
];
