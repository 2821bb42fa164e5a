/** Scenarios 1 to 7: connections that break, freeze, flap and overlap. */
import { setTimeout as wait } from 'node:timers/promises';
import { judgePresence } from '../measured-limits.ts';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';
import type { Trial } from '../trial.ts';

/** Whether every subscription with a position continued without a hole. */
export function expectRecovered(trial: Trial): void {
  for (const { name, events } of trial.history.consumers) {
    const bad = events.find((event) => event.kind === 'subscribed' && event.after !== undefined && !event.recovered);
    trial.expect(bad === undefined, `${name} was not recovered: ${JSON.stringify(bad)}`);
  }
}

export const connectionScenarios: readonly Scenario[] = [
  {
    number: 1,
    name: 'Drop and resume',
    group: 'connections',
    scale: '10 consumers lose their connection 3 times and return within 1 s at another node; 2 publishers.',
    isShort: true,
    async run(trial) {
      const cluster = await trial.start({ proxies: true });
      await trial.crowd(10, { route: cluster.spread() });
      const page = trial.libraryClient().start();
      const writers = [trial.publisher({ intervalMs: 5 }).start(), trial.publisher({ intervalMs: 5 }).start()];
      for (let round = 1; round <= 3; round++) {
        await writers[0]?.acknowledged(round * 40);
        for (const consumer of trial.consumers) consumer.drop(trial.integer(50, 1000));
        page.drop();
        trial.healed();
      }
      await writers[0]?.acknowledged(200);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 2,
    name: 'Cut inside a frame',
    group: 'connections',
    scale: 'Connections are reset after a random number of bytes, 60 times.',
    async run(trial) {
      const { nodes } = await trial.start({ proxies: true });
      for (const { proxy } of nodes) proxy.nextBudget = () => trial.integer(1, 6000);
      for (let index = 0; index < 6; index++) trial.consumer({ backoffMs: 30 }).start();
      trial.libraryClient().start();
      const writer = trial.publisher({ intervalMs: 2, bytes: 100 }).start();
      trial.publisher({ intervalMs: 2, bytes: 1000 }).start();
      await trial.until(() => nodes.reduce((sum, { proxy }) => sum + proxy.cuts, 0) >= 60, '60 cuts', 40_000);
      for (const { proxy } of nodes) proxy.heal();
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 50);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 3,
    name: 'Half-open client',
    group: 'connections',
    scale: 'The path of 4 clients is blocked without a close; pings every 300 ms instead of 25 s.',
    async run(trial) {
      const cluster = await trial.start({
        nodes: 2,
        proxies: true,
        websocket: { pingIntervalMs: 300, pongTimeoutMs: 300 },
      });
      await trial.crowd(4, { route: cluster.only(0), connection: { silenceMs: 1000 } });
      const healthy = await trial.crowd(2, { route: cluster.only(1) });
      const writer = trial.publisher({ route: cluster.only(1), intervalMs: 5 }).start();
      await writer.acknowledged(30);
      cluster.node(0).proxy.hold();
      const beganAt = performance.now();
      await trial.until(
        async () => (await cluster.node(0).connections()) === 0,
        'the server closes the connections',
        10_000,
      );
      trial.notes.push(`closed after ${Math.round(performance.now() - beganAt)} ms`);
      await writer.acknowledged(writer.acknowledgedCount + 50);
      cluster.node(0).proxy.cut();
      cluster.node(0).proxy.heal();
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 50);
      trial.expect(
        healthy.every(({ connects }) => connects === 1),
        'a healthy client lost its connection',
      );
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 4,
    name: 'Half-open server',
    group: 'connections',
    scale: 'The path to one of two nodes is blocked without a close; the library pings after 400 ms instead of 25 s.',
    async run(trial) {
      const cluster = await trial.start({ proxies: true });
      const client = { heartbeatMs: 400, replyTimeoutMs: 600 };
      const pages = Array.from({ length: 5 }, () => trial.libraryClient({ client, route: cluster.stay(0) }).start());
      await trial.until(() => pages.every(({ connects }) => connects === 1), 'all pages are connected');
      for (let index = 0; index < 10; index++) await Promise.all(pages.map((page) => page.publish()));
      cluster.node(0).proxy.hold();
      const pending = pages.map((page) => page.publish());
      await trial.until(() => pages.every(({ connects }) => connects >= 2), 'all pages are at the other node', 15_000);
      await Promise.all(pending);
      cluster.node(0).proxy.cut();
      cluster.node(0).proxy.heal();
      trial.healed();
      for (let index = 0; index < 5; index++) await Promise.all(pages.map((page) => page.publish()));
    },
  },
  {
    number: 5,
    name: 'Flapping',
    group: 'connections',
    scale: '5 consumers are connected and away for 150 ms each, 20 times instead of 200.',
    async run(trial) {
      const cluster = await trial.start({ rooms: { presenceGraceMs: 3000, presenceLeaseMs: 6000 } });
      const [watcher] = await trial.crowd(1);
      const flapping = await trial.crowd(5, { route: cluster.spread() });
      const writer = trial.publisher({ intervalMs: 5 }).start();
      for (let round = 0; round < 20; round++) {
        await wait(trial.integer(100, 200));
        for (const consumer of flapping) consumer.drop(trial.integer(50, 150));
      }
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 30);
      await Promise.all(flapping.map((consumer) => consumer.ready()));
      const changes = (watcher?.others ?? []).filter(({ type }) => type === 'presence');
      for (const { person } of flapping) {
        const named = (list: 'entered' | 'left'): number =>
          changes.filter((change) => (change[list] as { id: string }[]).some(({ id }) => id === person)).length;
        trial.expect(named('entered') <= 1, `${person} entered ${named('entered')} times`);
        trial.expect(named('left') === 0, `${person} left ${named('left')} times`);
      }
      const shown = (await cluster.node(0).order({ order: 'people', room: lobby })) as string[];
      trial.violations.push(
        ...judgePresence(
          shown,
          [...flapping, watcher].map((each) => each?.person ?? ''),
        ),
      );
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 6,
    name: 'Overlap',
    group: 'connections',
    scale: '5 clients open a new connection at another node while the old one is silent but open.',
    async run(trial) {
      const cluster = await trial.start({ proxies: true });
      const [watcher] = await trial.crowd(1, { route: cluster.only(1) });
      const client = { heartbeatMs: 300, replyTimeoutMs: 300 };
      const pages = Array.from({ length: 5 }, () => trial.libraryClient({ client, route: cluster.stay(0) }).start());
      const writer = trial.publisher({ route: cluster.only(1), intervalMs: 5 }).start();
      await writer.acknowledged(40);
      await trial.until(() => pages.every(({ connects }) => connects === 1), 'all pages are connected');
      cluster.node(0).proxy.hold();
      await trial.until(() => pages.every(({ connects }) => connects >= 2), 'all pages have a second connection');
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 50);
      // The old connections end only now.
      cluster.node(0).proxy.cut();
      await wait(1500);
      const left = (watcher?.others ?? []).filter(
        ({ type, left }) => type === 'presence' && (left as unknown[]).length > 0,
      );
      trial.expect(left.length === 0, `someone left: ${JSON.stringify(left)}`);
    },
  },
  {
    number: 7,
    name: 'Subscribe race',
    group: 'connections',
    scale:
      '40 clients subscribe again and again during 8 publishers without a pause, instead of 500 during 1,000 messages per second.',
    async run(trial) {
      await trial.start();
      for (let index = 0; index < 8; index++) trial.publisher({ intervalMs: 0 }).start();
      const consumers = Array.from({ length: 40 }, () => trial.consumer().start());
      for (let round = 0; round < 6; round++) {
        await Promise.all(consumers.map((consumer) => consumer.ready()));
        for (const [index, consumer] of consumers.entries()) {
          if ((index + round) % 2 === 0) consumer.drop(0);
          else await consumer.resubscribe().catch(() => {});
        }
      }
      trial.healed();
      await wait(300);
      await trial.complete();
      expectRecovered(trial);
    },
  },
];
