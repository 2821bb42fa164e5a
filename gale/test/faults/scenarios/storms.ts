/** Scenarios 30, 31 and 47: all clients lose their connection at once. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Consumer } from '../consumer.ts';
import { judgePresence, judgeResources } from '../measured-limits.ts';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';
import type { Trial } from '../trial.ts';
import { expectRecovered } from './connections.ts';

/** Longest time until all clients of a storm are back, in milliseconds. */
const backMs = 10_000;

/** Waits until everybody is subscribed again. */
async function allBack(trial: Trial, crowd: readonly Consumer[], connects: number): Promise<void> {
  const beganAt = performance.now();
  const isBack = (consumer: Consumer): boolean => consumer.connects >= connects && consumer.isSubscribed;
  await trial.until(() => crowd.every(isBack), 'all clients are back', 60_000);
  const tookMs = Math.round(performance.now() - beganAt);
  trial.expect(tookMs <= backMs, `all are back after ${tookMs} ms; must be ${backMs} or less`);
  trial.notes.push(`all back after ${tookMs} ms`);
}

const patient = { silenceMs: 20_000, welcomeMs: 20_000 } as const;

export const stormScenarios: readonly Scenario[] = [
  {
    number: 30,
    name: 'Reconnect storm',
    group: 'storms',
    scale: '600 clients instead of 50,000 lose their connection at once, 3 times; they return after 0.05 to 0.5 s.',
    async run(trial) {
      const cluster = await trial.start();
      const writer = trial.publisher({ intervalMs: 20 });
      await writer.send(5);
      const keys = await cluster.keys();
      const crowd = await trial.crowd(600, { backoffMs: 500, connection: patient });
      const before = await cluster.node().measure();
      writer.start();
      for (let round = 1; round <= 3; round++) {
        await wait(500);
        for (const consumer of crowd) consumer.drop();
        trial.healed();
        await allBack(trial, crowd, round + 1);
      }
      await writer.acknowledged(writer.acknowledgedCount + 10);
      await trial.complete();
      expectRecovered(trial);
      const { connections } = await cluster.node().measure();
      trial.violations.push(...judgeResources({ ...before, connections }, await cluster.node().measure(), 96));
      await Promise.all(crowd.map((consumer) => consumer.leave()));
      await trial.until(async () => (await cluster.keys()) <= keys, 'the keys of presence expire').catch(() => {});
      const after = { ...before, keys: await cluster.keys() };
      trial.violations.push(...judgeResources({ ...before, keys }, after, 96));
    },
  },
  {
    number: 31,
    name: 'Deflate storm',
    group: 'storms',
    scale: '150 compressed clients instead of 20,000 lose their connection at once, 3 times; messages of 5 KB.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({ broker: 'memory', websocket: { compress: true, contextTakeover: true } });
      const empty = await cluster.node().measure();
      const webSocket = { perMessageDeflate: true };
      const crowd = await trial.crowd(150, { backoffMs: 500, connection: { ...patient, webSocket } });
      const writer = trial.publisher({ bytes: 5000, intervalMs: 20 }).start();
      for (let round = 1; round <= 3; round++) {
        await writer.acknowledged(round * 15);
        for (const consumer of crowd) consumer.drop();
        trial.healed();
        await allBack(trial, crowd, round + 1);
      }
      await writer.acknowledged(writer.acknowledgedCount + 15);
      await trial.complete();
      expectRecovered(trial);
      await Promise.all(crowd.map((consumer) => consumer.leave()));
      writer.end();
      await trial.until(async () => (await cluster.node().connections()) <= empty.connections, 'all connections end');
      trial.violations.push(...judgeResources(empty, await cluster.node().measure(), 96));
    },
  },
  {
    number: 47,
    name: 'Balancer reload',
    group: 'storms',
    scale: 'The proxies of 2 nodes reset 200 connections at once, twice; the servers stay.',
    async run(trial) {
      const cluster = await trial.start({ proxies: true, rooms: { presenceGraceMs: 3000, presenceLeaseMs: 6000 } });
      const watcher = trial.consumer({ person: 'watcher', route: () => cluster.node(0).url }).start();
      await watcher.ready();
      const crowd = await trial.crowd(199, { backoffMs: 400, connection: patient });
      const writer = trial.publisher({ intervalMs: 10, route: () => cluster.node(0).url }).start();
      await wait(300);
      for (let round = 1; round <= 2; round++) {
        await writer.acknowledged(writer.acknowledgedCount + 20);
        for (const { proxy } of cluster.nodes) proxy.cut();
        trial.healed();
        await allBack(trial, crowd, round + 1);
      }
      await writer.acknowledged(writer.acknowledgedCount + 20);
      const left = watcher.others.filter(
        ({ type, left }) => type === 'presence' && ((left ?? []) as unknown[]).length > 0,
      );
      trial.expect(left.length === 0, `someone left: ${JSON.stringify(left[0])}`);
      const shown = (await cluster.node(1).order({ order: 'people', room: lobby })) as string[];
      trial.violations.push(
        ...judgePresence(
          shown,
          trial.consumers.map(({ person }) => person),
        ),
      );
      await trial.complete();
      expectRecovered(trial);
    },
  },
];
