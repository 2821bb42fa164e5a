/** Scenarios 43 to 46 and 48: nodes that crash, freeze, are replaced, or have a wrong clock. */
import { setTimeout as wait } from 'node:timers/promises';
import { judgePresence } from '../measured-limits.ts';
import type { Node } from '../node.ts';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';
import type { Trial } from '../trial.ts';
import { expectRecovered } from './connections.ts';

/** Waits until a node shows exactly these people; a violation of I6 otherwise. */
async function expectPeople(trial: Trial, node: Node, people: readonly string[], withinMs: number): Promise<void> {
  let shown: string[] = [];
  const isRight = async (): Promise<boolean> => {
    shown = (await node.order({ order: 'people', room: lobby })) as string[];
    return judgePresence(shown, people).length === 0;
  };
  const beganAt = performance.now();
  await trial.until(isRight, 'presence is right', withinMs).catch(() => {});
  trial.violations.push(...judgePresence(shown, people));
  trial.notes.push(`presence is right after ${Math.round(performance.now() - beganAt)} ms`);
}

export const nodeScenarios: readonly Scenario[] = [
  {
    number: 43,
    name: 'Node killed',
    group: 'nodes',
    scale: 'One of 3 nodes is killed under load twice; a lease is 2 s instead of 60 s.',
    isShort: true,
    async run(trial) {
      const cluster = await trial.start({ nodes: 3 });
      const crowd = await trial.crowd(12);
      trial.libraryClient().start();
      const writers = [0, 1, 2].map(() => trial.publisher({ intervalMs: 5 }).start());
      for (let round = 0; round < 2; round++) {
        await writers[1]?.acknowledged((writers[1]?.acknowledgedCount ?? 0) + 40);
        // Nobody can say goodbye for the first of its people.
        const gone = crowd.filter(({ isSubscribed }) => isSubscribed)[3 * round + round];
        const leaving = gone?.quit();
        await cluster.node(round).kill();
        await leaving;
        trial.healed();
        await writers[1]?.acknowledged((writers[1]?.acknowledgedCount ?? 0) + 40);
        await cluster.node(round).start();
      }
      const present = crowd.filter((consumer) => consumer.record().isExpected);
      await Promise.all(present.map((consumer) => consumer.ready()));
      await expectPeople(trial, cluster.node(2), [...present.map(({ person }) => person), 'page1'], 8000);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 44,
    name: 'Node suspended',
    group: 'nodes',
    scale: 'A node is suspended for 5 s instead of 60 s; a lease is 1.5 s; its clients go to another node, two leave.',
    async run(trial) {
      const cluster = await trial.start({ rooms: { presenceLeaseMs: 1500 } });
      const connection = { silenceMs: 500, welcomeMs: 800 };
      const frozen = await trial.crowd(5, { route: cluster.stay(0), connection });
      const others = await trial.crowd(3, { route: cluster.only(1), connection: {} });
      const zombie = trial.publisher({ intervalMs: 5, route: cluster.only(0), replyMs: 20_000 }).start();
      const writer = trial.publisher({ intervalMs: 5, route: cluster.only(1) }).start();
      await writer.acknowledged(40);
      cluster.node(0).freeze();
      await Promise.all(frozen.slice(0, 2).map((consumer) => consumer.quit()));
      await wait(5000);
      const stayed = [...frozen.slice(2), ...others].map(({ person }) => person);
      await expectPeople(trial, cluster.node(1), stayed, 4000);
      cluster.node(0).thaw();
      trial.healed();
      await zombie.acknowledged(zombie.acknowledgedCount + 20);
      await expectPeople(trial, cluster.node(1), stayed, 4000);
      await expectPeople(trial, cluster.node(0), stayed, 4000);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 45,
    name: 'Rolling deploy',
    group: 'nodes',
    scale: '3 nodes instead of 4 are replaced one after the other with 120 clients instead of 40,000; one version.',
    async run(trial) {
      const cluster = await trial.start({ nodes: 3 });
      const replaced: Node[] = [];
      let leaving: Node | undefined;
      // As a balancer with readiness checks: a node that ends gets no new connection, a new node gets them first.
      const route = (): string => {
        const open = replaced.length > 0 ? replaced : cluster.nodes.filter((node) => node !== leaving);
        return open[Math.floor(trial.random() * open.length)]?.url ?? '';
      };
      const crowd = await trial.crowd(120, { route, backoffMs: 400 });
      const pages = [0, 1, 2].map(() => trial.libraryClient({ route }).start());
      const writers = [0, 1, 2].map(() => trial.publisher({ intervalMs: 20, route }).start());
      await writers[0]?.acknowledged(20);
      for (const node of cluster.nodes) {
        leaving = node;
        const code = await node.stop();
        trial.expect(code === 0, `a node ended with ${code}: ${node.output}`);
        await node.start();
        replaced.push(node);
        trial.healed();
        await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 15);
      }
      await Promise.all(crowd.map((consumer) => consumer.ready()));
      const moves = Math.max(...[...crowd, ...pages].map(({ connects }) => connects - 1));
      trial.notes.push(`a client moved at most ${moves} times`);
      trial.expect(moves <= 2, `a client moved ${moves} times`);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 46,
    name: 'Drain deadline',
    group: 'nodes',
    scale: 'A node with 4 stalled readers gets SIGTERM; it may take 500 ms.',
    async run(trial) {
      const cluster = await trial.start({ graceMs: 500 });
      const stalled = await trial.crowd(4, { route: cluster.stay(0) });
      await trial.crowd(2, { route: cluster.stay(1) });
      const writer = trial.publisher({ intervalMs: 3, bytes: 8000, route: cluster.only(1) }).start();
      await writer.acknowledged(30);
      for (const { connection } of stalled) connection?.socket.pause();
      await writer.acknowledged(writer.acknowledgedCount + 150);
      const beganAt = performance.now();
      const code = await cluster.node(0).stop();
      const tookMs = Math.round(performance.now() - beganAt);
      trial.notes.push(`ended after ${tookMs} ms with code ${code}`);
      trial.expect(code === 0, `the node ended with ${code}: ${cluster.node(0).output}`);
      trial.expect(tookMs < 6000, `the node took ${tookMs} ms`);
      trial.healed();
      for (const { connection } of stalled) connection?.socket.resume();
      await writer.acknowledged(writer.acknowledgedCount + 30);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 48,
    name: 'Clock jump',
    group: 'nodes',
    scale: 'The clocks of 3 nodes jump by 1 h, -1 h and 5 min; a lease is 2 s.',
    async run(trial) {
      const cluster = await trial.start({ nodes: 3 });
      const watcher = trial.consumer({ person: 'watcher' }).start();
      await watcher.ready();
      const crowd = await trial.crowd(8);
      const writers = [0, 1, 2].map((index) => trial.publisher({ intervalMs: 10, route: cluster.only(index) }).start());
      await writers[0]?.acknowledged(30);
      for (const [index, ms] of [3_600_000, -3_600_000, 300_000].entries()) {
        await cluster.node(index).order({ order: 'skewClock', ms });
      }
      trial.healed();
      // Three leases.
      await wait(6000);
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 30);
      const left = watcher.others.filter(
        ({ type, left }) => type === 'presence' && ((left ?? []) as unknown[]).length > 0,
      );
      trial.expect(left.length === 0, `someone left: ${JSON.stringify(left[0])}`);
      for (const node of cluster.nodes) {
        await expectPeople(
          trial,
          node,
          [...crowd, watcher].map(({ person }) => person),
          3000,
        );
      }
      trial.expect(
        crowd.every(({ connects }) => connects === 1),
        'a connection ended',
      );
    },
  },
];
