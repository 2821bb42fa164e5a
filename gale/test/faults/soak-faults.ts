/** The faults of the soak. Each ends with everything healed, and loses nothing that was acknowledged: Redis has every write on disk. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Node } from './node.ts';
import type { Proxy } from './proxy.ts';
import type { Trial } from './trial.ts';

/** One kind of fault. */
export interface SoakFault {
  readonly name: string;
  readonly run: (trial: Trial) => Promise<void>;
}

function anyNode(trial: Trial): Node {
  return trial.cluster.node(trial.integer(0, trial.cluster.nodes.length - 1));
}

function anyRedisProxy(trial: Trial): Proxy {
  return trial.cluster.redisProxy(trial.integer(0, trial.cluster.nodes.length - 1));
}

/** Breaks a proxy for a random time. */
async function breakFor(trial: Trial, proxy: Proxy, ms: number, fault: (proxy: Proxy) => void): Promise<void> {
  fault(proxy);
  await wait(ms * (0.2 + 0.8 * trial.random()));
  proxy.heal();
}

export const soakFaults: readonly SoakFault[] = [
  {
    name: 'connections of some consumers end',
    async run(trial) {
      for (const consumer of trial.consumers) if (trial.random() < 0.3) consumer.drop(trial.integer(0, 1500));
    },
  },
  { name: 'all connections of a node are reset', run: async (trial) => anyNode(trial).proxy.cut() },
  {
    name: 'connections are cut inside frames',
    run: (trial) =>
      breakFor(trial, anyNode(trial).proxy, 2000, (proxy) => (proxy.nextBudget = () => trial.integer(1, 8000))),
  },
  {
    name: 'no route to a node',
    run: (trial) => breakFor(trial, anyNode(trial).proxy, 5000, (proxy) => proxy.hold()),
  },
  {
    name: 'a node is killed',
    async run(trial) {
      const node = anyNode(trial);
      await node.kill();
      await wait(trial.integer(0, 1500));
      await node.start();
    },
  },
  {
    name: 'a node is replaced',
    async run(trial) {
      const node = anyNode(trial);
      const code = await node.stop();
      trial.expect(code === 0, `a node ended with ${code}: ${node.output.slice(-1000)}`);
      await node.start();
    },
  },
  {
    name: 'a node is suspended',
    async run(trial) {
      const node = anyNode(trial);
      node.freeze();
      await wait(trial.integer(200, 4000));
      node.thaw();
    },
  },
  { name: 'a node computes', run: async (trial) => void (await anyNode(trial).order({ order: 'block', ms: 1500 })) },
  {
    name: 'Redis is killed',
    async run(trial) {
      await trial.cluster.redis.kill();
      await wait(trial.integer(0, 1500));
      await trial.cluster.redis.restart();
    },
  },
  {
    name: 'Redis is suspended',
    async run(trial) {
      trial.cluster.redis.freeze();
      await wait(trial.integer(200, 3000));
      trial.cluster.redis.thaw();
    },
  },
  {
    name: 'a node has no route to Redis',
    run: (trial) => breakFor(trial, anyRedisProxy(trial), 4000, (proxy) => proxy.hold()),
  },
  {
    name: 'nothing comes from Redis to the subscriber of a node',
    run: (trial) => breakFor(trial, anyRedisProxy(trial), 3000, (proxy) => proxy.hold(['toClient'], 'SUBSCRIBE')),
  },
  {
    name: 'Redis is slow for a node',
    run: (trial) => breakFor(trial, anyRedisProxy(trial), 4000, (proxy) => (proxy.delayMs = trial.integer(50, 1500))),
  },
  { name: 'all connections to Redis are reset', run: async (trial) => anyRedisProxy(trial).cut() },
];
