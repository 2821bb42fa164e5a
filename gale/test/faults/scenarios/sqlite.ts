/** Scenarios 10.1 and 43.1: the same as 10 and 43 with SQLite, whose only server is the node itself. */
import { cp, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';
import { expectKept, expectResets, idsOf } from './lost-data.ts';
import { expectNoReset } from './redis.ts';

/** Copies a database with its log, as a person copies a folder. */
async function copyDatabase(from: string, to: string): Promise<void> {
  for (const name of await readdir(dirname(to))) {
    if (name.startsWith(basename(to))) await rm(join(dirname(to), name));
  }
  for (const name of await readdir(dirname(from))) {
    if (!name.startsWith(basename(from))) continue;
    await cp(join(dirname(from), name), join(dirname(to), name.replace(basename(from), basename(to))));
  }
}

export const sqliteScenarios: readonly Scenario[] = [
  {
    number: 10.1,
    name: 'Client ahead of a copied file',
    group: 'sqlite',
    scale:
      'The file of SQLite is copied at 40 messages and put back at 70; another person writes 15 before the readers return.',
    needsRedis: false,
    async run(trial) {
      trial.permissions = { storeMayLose: true };
      const cluster = await trial.start({ broker: 'sqlite' });
      const crowd = await trial.crowd(3);
      const page = trial.libraryClient().start();
      const writer = trial.publisher();
      await writer.send(40);
      const node = cluster.node();
      await node.stop();
      const copy = join(dirname(cluster.file), 'copy');
      await copyDatabase(cluster.file, copy);
      await node.start();
      await writer.send(30);
      await trial.until(() => crowd.every((consumer) => consumer.count() === 70), 'the readers have 70 messages');
      await trial.until(() => page.client.position(lobby)?.offset === 70, 'the page has 70 messages');
      const survivors = idsOf(trial, 40);
      await Promise.all(crowd.map((consumer) => consumer.leave()));
      page.close();
      await node.stop();
      await copyDatabase(copy, cluster.file);
      await node.start();
      trial.healed();
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
    number: 43.1,
    name: 'Node killed with SQLite',
    group: 'sqlite',
    scale: 'The only node is killed 4 times under load of 3 publishers, and starts again with its file.',
    needsRedis: false,
    isShort: true,
    async run(trial) {
      const cluster = await trial.start({ broker: 'sqlite' });
      await trial.crowd(6);
      trial.libraryClient().start();
      const writers = [0, 1, 2].map(() => trial.publisher({ intervalMs: 1 }).start());
      for (let round = 0; round < 4; round++) {
        await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + trial.integer(20, 60));
        await cluster.node().kill();
        await cluster.node().start();
        trial.healed();
      }
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 30);
      await trial.complete();
      expectNoReset(trial);
    },
  },
];
