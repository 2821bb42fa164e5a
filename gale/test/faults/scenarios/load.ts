/** Scenarios 20 to 23 and 27: slow readers, hot rooms, and a node that computes. scenarios/exhaustion.ts has 25, 26, 28 and 29. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Consumer } from '../consumer.ts';
import { judgeLatency, judgeResources } from '../measured-limits.ts';
import type { Scenario } from '../scenario.ts';
import type { Trial } from '../trial.ts';
import { expectRecovered } from './connections.ts';

/** Judges I8 for healthy consumers between `middle` and now, compared with the time before it. */
function judgeHealthy(trial: Trial, healthy: readonly Consumer[], from: number, middle: number): void {
  const [before, during] = [
    trial.latencies(healthy, from, middle),
    trial.latencies(healthy, middle, performance.now()),
  ];
  trial.noteLatency('without the fault', before);
  trial.noteLatency('during the fault', during);
  trial.violations.push(...judgeLatency(before, during));
}

export const loadScenarios: readonly Scenario[] = [
  {
    number: 20,
    name: 'Stalled reader',
    group: 'load',
    scale: '1 of 10 consumers instead of 10,000 stops to read; messages of 16 KB.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({ broker: 'memory', rooms: { historyCount: 5000 } });
      const [stalled, ...healthy] = await trial.crowd(10);
      const writer = trial.publisher({ bytes: 16_000, intervalMs: 4 }).start();
      const beganAt = performance.now();
      await writer.acknowledged(200);
      const stalledAt = performance.now();
      const { connections } = await cluster.node().measure();
      stalled?.connection?.socket.pause();
      await trial.until(
        async () => (await cluster.node().connections()) < connections,
        'the server closes the stalled reader',
        30_000,
      );
      judgeHealthy(trial, healthy, beganAt, stalledAt);
      stalled?.connection?.socket.resume();
      await trial.until(() => stalled?.connects === 2, 'the reader is back');
      trial.notes.push(`the stalled reader was closed with ${stalled?.closeCodes[0]}`);
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 50);
      trial.expect(
        healthy.every(({ connects }) => connects === 1),
        'a healthy reader lost its connection',
      );
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 21,
    name: 'Many slow readers',
    group: 'load',
    scale: '4 of 24 consumers read 64 KB/s while 200 KB/s are published, for 8 s.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({ broker: 'memory', proxies: true });
      const { proxy, url } = cluster.node();
      const healthy = await trial.crowd(20, { route: () => url });
      const slow = await trial.crowd(4, { connection: { silenceMs: 30_000 } });
      const writer = trial.publisher({ bytes: 4000, intervalMs: 16, route: () => url }).start();
      const beganAt = performance.now();
      await wait(2000);
      const before = await cluster.node().measure();
      const slowAt = performance.now();
      proxy.bytesPerSecond = 64_000;
      await wait(8000);
      const after = await cluster.node().measure();
      trial.violations.push(...judgeResources({ ...before, connections: after.connections }, after, 48));
      judgeHealthy(trial, healthy, beganAt, slowAt);
      trial.notes.push(`slow readers reconnected ${slow.reduce((sum, { connects }) => sum + connects - 1, 0)} times`);
      proxy.heal();
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 50);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 22,
    name: 'Pong under pressure',
    group: 'load',
    scale: 'A reader gets 300 KB/s of 250 KB/s published, with pings every 500 ms, for 6 s.',
    needsRedis: false,
    async run(trial) {
      const cluster = await trial.start({
        broker: 'memory',
        proxies: true,
        websocket: { pingIntervalMs: 500, pongTimeoutMs: 500 },
      });
      const { proxy, url } = cluster.node();
      const [reader] = await trial.crowd(1, { connection: { silenceMs: 20_000 } });
      const writer = trial.publisher({ bytes: 8000, intervalMs: 30, route: () => url }).start();
      await writer.acknowledged(20);
      proxy.bytesPerSecond = 300_000;
      let pongs = 0;
      reader?.connection?.socket.on('pong', () => (pongs += 1));
      for (let round = 0; round < 12; round++) {
        reader?.connection?.socket.ping();
        await wait(500);
      }
      trial.expect(reader?.connects === 1, `the reader lost its connection: ${reader?.closeCodes}`);
      trial.expect(pongs >= 8, `12 pings got ${pongs} pongs`);
      proxy.heal();
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 20);
    },
  },
  {
    number: 23,
    name: 'Hot room',
    group: 'load',
    scale: '1,000 subscribers instead of 100,000 at 2 nodes; one message, then 10 per second instead of 50.',
    async run(trial) {
      await trial.start();
      const crowd = await trial.crowd(1000, { connection: { silenceMs: 20_000, welcomeMs: 20_000 } });
      const writer = trial.publisher();
      const beganAt = performance.now();
      await writer.publish();
      await trial.until(() => crowd.every((consumer) => consumer.count() === 1), 'all have the first message');
      trial.noteLatency('one message', trial.latencies(crowd, beganAt, performance.now()));
      const hotAt = performance.now();
      for (let index = 0; index < 30; index++) {
        await writer.publish();
        await wait(100);
      }
      await trial.complete();
      trial.noteLatency('10 per second', trial.latencies(crowd, hotAt, performance.now()));
      trial.expect(
        crowd.every(({ connects }) => connects === 1),
        'a subscriber lost its connection',
      );
    },
  },
  {
    number: 27,
    name: 'Event loop blocked',
    group: 'load',
    scale: 'A node computes for 2.5 s instead of 5 s without a pause, 3 times; pings every 500 ms.',
    async run(trial) {
      const cluster = await trial.start({ websocket: { pingIntervalMs: 500, pongTimeoutMs: 500 } });
      const crowd = await trial.crowd(20, { route: cluster.only(0), connection: { silenceMs: 15_000 } });
      const writers = [0, 1].map((index) =>
        trial.publisher({ route: cluster.only(index), intervalMs: 5, replyMs: 10_000 }).start(),
      );
      for (let round = 1; round <= 3; round++) {
        await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 30);
        await cluster.node(0).order({ order: 'block', ms: 2500 });
        trial.healed();
      }
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 30);
      await wait(1500);
      const lost = crowd.filter(({ connects }) => connects > 1);
      trial.expect(lost.length === 0, `${lost.length} of 20 connections ended: ${lost[0]?.closeCodes}`);
    },
  },
];
