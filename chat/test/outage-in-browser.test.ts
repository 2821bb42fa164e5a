/**
 * What a person in front of the page sees while the database or Redis is gone: what they send waits with a clock, and is sent once when it is
 * back. Other windows get it once, and the history has it once.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { fillDisk, freeDisk, fullDiskMissing } from 'gale/testing';
import { startServer, temporaryFolder, type ServerProcess } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { postgresMissing, startPostgres } from './support/postgres-server.ts';
import { severalServers } from './support/storages.ts';
import type { TestContext } from 'node:test';

const browser = await launchChromium();
after(() => browser.close());

/** A store that can be made useless, and repaired. */
interface Outage {
  readonly name: string;
  readonly skip: string | false;
  /** What the log says. */
  readonly logs: RegExp;
  /** Whether messages are not stored meanwhile. With SQLite, another file has the newest ones. */
  readonly storesNothing: boolean;
  start(t: TestContext): Promise<{ readonly server: ServerProcess; begin(): Promise<void>; end(): Promise<void> }>;
}

const outages: readonly Outage[] = [
  {
    name: 'PostgreSQL that is stopped',
    skip: postgresMissing(),
    logs: /The database of the chat cannot be used: /,
    storesNothing: true,
    start: async (t) => {
      const postgres = await startPostgres();
      t.after(() => postgres.stop());
      const server = await startServer(t, { args: [`--database=${await postgres.createDatabase()}`] });
      return { server, begin: () => postgres.kill(), end: () => postgres.start() };
    },
  },
  {
    name: 'an SQLite file that another program locks',
    skip: false,
    logs: /cannot be used: database is locked; end the program that locks \S+database\.sqlite/,
    storesNothing: false,
    start: async (t) => {
      const data = await temporaryFolder(t);
      const server = await startServer(t, { args: [`--data=${data}`] });
      const other = new DatabaseSync(join(data, 'database.sqlite'));
      t.after(() => other.close());
      return {
        server,
        begin: async () => other.exec('BEGIN IMMEDIATE'),
        end: async () => other.exec('ROLLBACK'),
      };
    },
  },
  {
    name: 'a disk that is full',
    skip: fullDiskMissing(),
    logs: /cannot be used: (?:database or disk is full; free space on|disk I\/O error; check the free space and the health of) the disk of \S+database\.sqlite/,
    storesNothing: true,
    start: async (t) => {
      const server = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`] });
      return {
        server,
        begin: async () => fillDisk(server.pid),
        end: async () => freeDisk(server.pid),
      };
    },
  },
  {
    name: 'a Redis that is killed',
    skip: severalServers.skip,
    logs: /Redis at redis:\S+ is unavailable/,
    storesNothing: true,
    start: async (t) => {
      const { args, redis } = await severalServers.open(t);
      if (!redis) throw new Error('it has no Redis');
      const server = await startServer(t, { args });
      return { server, begin: () => redis.kill(), end: () => redis.restart() };
    },
  },
];

for (const { name, skip, storesNothing, logs, start } of outages) {
  test(`${name}: what a person sends meanwhile is sent once, and nobody gets it twice`, { skip }, async (t) => {
    const { server, begin, end } = await start(t);
    const ada = await ChatWindow.open(t, browser, server.url);
    const bob = await ChatWindow.open(t, browser, server.url);
    await ada.register('Ada');
    await bob.register('Bob');
    await ada.sayAndSee('before');
    await bob.seeTexts(['before']);
    const texts = ['written meanwhile', '断开时写的 🌙', 'and **another**'];
    await begin();
    for (const text of texts) await ada.say(text);
    await ada.seeTexts(['before', 'written meanwhile', '断开时写的 🌙', 'and another']);
    // The composer works, and nothing is marked as failed.
    assert.equal(await ada.composer.isEnabled(), true);
    assert.equal(await ada.log.locator('.message--failed').count(), 0);
    // A change that needs the database says that it cannot be done now.
    await ada.page.getByRole('button', { name: 'New room' }).click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByRole('textbox').first().fill('Tea');
    await dialog.getByRole('textbox').first().press('Enter');
    await dialog.getByRole('alert').waitFor();
    await ada.page.keyboard.press('Escape');
    if (storesNothing) await ada.page.getByText('The server cannot save messages just now.').waitFor();
    await end();
    await ada.page.getByText('The server cannot save messages just now.').waitFor({ state: 'detached' });
    const all = ['before', 'written meanwhile', '断开时写的 🌙', 'and another'];
    await ada.log.locator('.message--pending').first().waitFor({ state: 'detached' });
    for (const window of [ada, bob]) await window.seeTexts(all);
    await bob.sayAndSee('after');
    for (const window of [ada, bob]) await window.seeTexts([...all, 'after']);
    await ada.page.reload();
    await ada.seeTexts([...all, 'after']);
    assert.equal(await ada.log.locator('.message--pending, .message--failed').count(), 0);
    assert.match(server.output, logs);
    assert.doesNotMatch(server.output, /UnhandledRejection|uncaught/i);
  });
}
