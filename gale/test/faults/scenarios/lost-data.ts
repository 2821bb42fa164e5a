/** Scenarios 9, 10, 34, 36 and 41: a store that loses acknowledged messages, goes back to an older state, is forked or full. */
import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { redisCommand, startRedis } from 'gale/testing';
import { Proxy } from '../proxy.ts';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';
import type { Trial } from '../trial.ts';
import { crashRedis } from './redis.ts';

/** Whether every consumer was notified that the stream was lost. */
export function expectResets(trial: Trial, names?: readonly string[]): void {
  for (const { name, events } of trial.history.consumers) {
    if (names && !names.includes(name)) continue;
    const isTold = events.some((event) => event.kind === 'reset' || (event.kind === 'subscribed' && event.reset));
    trial.expect(isTold, `${name} got no reset`);
  }
}

/** Whether the stream at the end begins with these messages, in this order: a rollback keeps what the store still has. */
export function expectKept(trial: Trial, ids: readonly string[]): void {
  const kept = trial.history.streams.find(({ room }) => room === lobby)?.entries.map(({ id }) => id) ?? [];
  const missing = ids.filter((id) => !kept.includes(id));
  trial.expect(
    missing.length === 0,
    `${missing.length} of ${ids.length} messages that the store had are gone: ${missing[0]}`,
  );
  const order = kept.filter((id) => ids.includes(id));
  trial.expect(JSON.stringify(order) === JSON.stringify(ids), 'the messages that the store had are in another order');
}

/** Ids of the newest view of the first consumer, in order. */
export function idsOf(trial: Trial, count: number): string[] {
  const events = trial.consumers[0]?.record().events ?? [];
  return events.flatMap((event) => (event.kind === 'message' ? [event.id] : [])).slice(0, count);
}

export const lostDataScenarios: readonly Scenario[] = [
  {
    number: 9,
    name: 'Stream lost',
    group: 'redis',
    scale: 'All keys of Redis are deleted under load; 1 consumer is away, 4 and a page are connected.',
    async run(trial) {
      trial.permissions = { storeMayLose: true };
      const cluster = await trial.start();
      const [away] = await trial.crowd(5, { route: cluster.spread() });
      trial.libraryClient().start();
      const writers = [0, 1].map(() => trial.publisher({ intervalMs: 10 }).start());
      await writers[0]?.acknowledged(30);
      await away?.leave();
      await cluster.command('FLUSHALL');
      trial.healed();
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 40);
      away?.start();
      await trial.complete();
      expectResets(trial);
    },
  },
  {
    number: 10,
    name: 'Client ahead of the store',
    group: 'redis',
    scale:
      'Redis goes back from 70 messages to a snapshot of 40; all servers restart; another person writes 15 before the readers return.',
    isShort: true,
    async run(trial) {
      trial.permissions = { storeMayLose: true };
      const cluster = await trial.start({ appendOnly: false });
      const crowd = await trial.crowd(3);
      const page = trial.libraryClient().start();
      const writer = trial.publisher();
      await writer.send(40);
      await cluster.command('SAVE');
      await writer.send(30);
      await trial.until(() => crowd.every((consumer) => consumer.count() === 70), 'the readers have 70 messages');
      await trial.until(() => page.client.position(lobby)?.offset === 70, 'the page has 70 messages');
      const survivors = idsOf(trial, 40);
      await Promise.all(crowd.map((consumer) => consumer.leave()));
      page.close();
      await Promise.all(cluster.nodes.map((node) => node.kill()));
      await crashRedis(trial, 0);
      await Promise.all(cluster.nodes.map((node) => node.start()));
      await trial.publisher({ person: 'other' }).send(15);
      for (const consumer of crowd) consumer.start();
      page.client.connect();
      await Promise.all(crowd.map((consumer) => consumer.ready()));
      await trial.publisher({ person: 'last' }).send(3);
      await trial.complete();
      expectResets(trial);
      expectKept(trial, survivors);
    },
  },
  {
    number: 34,
    name: 'Power cut with AOF everysec',
    group: 'redis',
    scale:
      'Redis is killed under load and the last 6 KB of its append-only file are cut off, as after a power cut; the nodes stay.',
    async run(trial) {
      trial.permissions = { storeMayLose: true };
      const cluster = await trial.start({ redisArgs: ['--appendfsync', 'everysec'] });
      await trial.crowd(4, { route: cluster.spread() });
      trial.libraryClient().start();
      const writers = [0, 1].map(() => trial.publisher({ intervalMs: 10 }).start());
      await writers[0]?.acknowledged(60);
      const [folder] = Object.values((await cluster.command('CONFIG', 'GET', 'dir')) as object) as string[];
      const survivors = idsOf(trial, 40);
      await cluster.redis.kill();
      await cutOff(join(folder ?? '', 'appendonlydir'), 6000);
      await cluster.redis.restart();
      trial.healed();
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 40);
      await trial.complete();
      expectKept(trial, survivors);
    },
  },
  {
    number: 36,
    name: 'Split brain',
    group: 'redis',
    scale:
      'A primary and one node are cut off for 5 s from a replica, which is promoted for the other node; then the primary becomes its replica. min-replicas-max-lag is 1 s.',
    async run(trial) {
      trial.permissions = { storeMayLose: true };
      const limits = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '1', '--repl-diskless-sync-delay', '0'];
      const cluster = await trial.start({ redisProxies: true, redisArgs: limits });
      const link = await Proxy.open(cluster.redis.port);
      const replica = await startRedis({ appendOnly: true, args: ['--replicaof', '127.0.0.1', String(link.port)] });
      try {
        await trial.until(
          async () => /state=online/.test(String(await cluster.command('INFO', 'replication'))),
          'the replica is connected',
        );
        const minority = await trial.crowd(3, { route: cluster.only(0), connection: { silenceMs: 20_000 } });
        await trial.crowd(3, { route: cluster.only(1), connection: { silenceMs: 20_000 } });
        const cut = trial.publisher({ intervalMs: 10, route: cluster.only(0), replyMs: 15_000 }).start();
        const other = trial.publisher({ intervalMs: 10, route: cluster.only(1), replyMs: 15_000 }).start();
        await other.acknowledged(40);
        const survivors = idsOf(trial, 20);
        link.hold();
        const partedAt = performance.now();
        cluster.redisProxy(1).target = replica.port;
        await redisCommand(replica, 'REPLICAOF', 'NO', 'ONE');
        cluster.redisProxy(1).cut();
        await wait(5000);
        const acknowledged = cut.records.filter(
          ({ outcome, settledAt = 0 }) => outcome === 'acknowledged' && settledAt > partedAt,
        );
        const lastMs = Math.round(Math.max(0, ...acknowledged.map(({ settledAt = 0 }) => settledAt - partedAt)));
        trial.notes.push(`the minority acknowledged ${acknowledged.length} messages, the last after ${lastMs} ms`);
        trial.expect(lastMs <= 3500, `the minority acknowledged until ${lastMs} ms after the partition`);
        await cluster.command('REPLICAOF', '127.0.0.1', String(replica.port));
        cluster.redisProxy(0).target = replica.port;
        cluster.redisProxy(0).cut();
        trial.healed();
        await cut.acknowledged(cut.acknowledgedCount + 30);
        await other.acknowledged(other.acknowledgedCount + 30);
        await trial.complete();
        if (acknowledged.length > 0)
          expectResets(
            trial,
            minority.map(({ person }) => person),
          );
        expectKept(trial, survivors);
      } finally {
        await link.close();
        // The nodes end before their store.
        await trial.cluster.close();
        await replica.stop();
      }
    },
  },
  {
    number: 41,
    name: 'Redis full, read-only, without a key',
    group: 'redis',
    scale:
      'Redis refuses writes because of maxmemory for 2 s, then as a replica for 2 s; then the head of the room is deleted, as by an eviction.',
    async run(trial) {
      trial.permissions = { storeMayLose: true };
      const cluster = await trial.start();
      await trial.crowd(3, { route: cluster.spread() });
      trial.libraryClient().start();
      const returning = trial.consumer().start();
      await returning.ready();
      const writer = trial.publisher({ intervalMs: 10 }).start();
      for (const [refuse, allow] of [
        [
          ['CONFIG', 'SET', 'maxmemory', '1'],
          ['CONFIG', 'SET', 'maxmemory', '0'],
        ],
        [
          ['REPLICAOF', '127.0.0.1', '1'],
          ['REPLICAOF', 'NO', 'ONE'],
        ],
      ] as const) {
        await writer.acknowledged(writer.acknowledgedCount + 30);
        await cluster.command(...refuse);
        const refusals = [...writer.retried.values()].reduce((sum, count) => sum + count, 0);
        await wait(1000);
        returning.drop(0);
        await wait(1000);
        const more = [...writer.retried.values()].reduce((sum, count) => sum + count, 0) - refusals;
        trial.expect(more > 0, `no publish was refused after ${refuse.join(' ')}`);
        trial.expect(returning.isSubscribed, `a reader could not return after ${refuse.join(' ')}`);
        await cluster.command(...allow);
        trial.healed();
        await returning.ready();
      }
      trial.notes.push(`refused with ${[...writer.retried.keys()].join(', ')}`);
      await writer.acknowledged(writer.acknowledgedCount + 30);
      const heads = ((await cluster.command('KEYS', `*${lobby}*head*`)) as string[]) ?? [];
      trial.expect(heads.length === 1, `the key of the head: ${heads}`);
      await cluster.command('DEL', ...heads);
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 30);
      await trial.complete();
      expectResets(trial);
    },
  },
];

/** Removes the last bytes of the newest append-only file. */
async function cutOff(folder: string, bytes: number): Promise<void> {
  const name = (await readdir(folder))
    .filter((file) => file.includes('.incr.'))
    .toSorted()
    .at(-1);
  if (name === undefined) throw new Error(`There is no append-only file in ${folder}.`);
  const file = join(folder, name);
  const { size } = await stat(file);
  await truncate(file, Math.max(0, size - bytes));
}
