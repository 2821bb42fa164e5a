/**
 * A backup of a running server is restored elsewhere, and a server starts with it at the same address: windows that stayed open reconnect, and
 * show what the backup has.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startServer, temporaryFolder } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { postgresMissing } from './support/postgres-server.ts';
import { runCommand } from './support/run-command.ts';
import { sharedPostgres } from './support/storages.ts';

const browser = await launchChromium();
after(() => browser.close());

const targets: readonly {
  readonly name: string;
  readonly skip: string | false;
  /** Options of the database into which the backup is restored. */
  database(): Promise<readonly string[]>;
}[] = [
  { name: 'an empty folder', skip: false, database: async () => [] },
  {
    name: 'an empty PostgreSQL',
    skip: postgresMissing(),
    database: async () => [`--database=${await (await sharedPostgres()).createDatabase()}`],
  },
];

for (const { name, skip, database } of targets) {
  test(
    `a backup of a running server, restored into ${name}: everything is there, and open windows show it`,
    { skip },
    async (t) => {
      const folder = await temporaryFolder(t);
      const [data, copy, target] = [join(folder, 'data'), join(folder, 'copy'), join(folder, 'target')];
      const server = await startServer(t, { args: [`--data=${data}`] });
      const ada = await ChatWindow.open(t, browser, server.url);
      const bob = await ChatWindow.open(t, browser, server.url);
      await ada.register('Ada');
      await bob.register('Bob');
      for (const text of ['first', '第二条 🌙', 'a mistake', 'to delete']) await ada.sayAndSee(text);
      await bob.rowOf('to delete').waitFor();
      await ada.press('a mistake', 'Edit');
      await ada.composer.fill('corrected');
      await ada.composer.press('Enter');
      await bob.rowOf('corrected').getByText('(edited)').waitFor();
      await ada.choose('to delete', 'Recall');
      await ada.seeComposed('to delete');
      await ada.composer.fill('');
      await bob.press('first', 'Add reaction');
      await bob.page.getByRole('dialog').getByRole('button', { name: 'React with 🎉' }).first().click();
      await bob.press('corrected', 'Reply');
      await bob.sayAndSee('a reply');
      await ada.rowOf('first').getByRole('button', { name: '🎉 1 person' }).waitFor();
      await ada.page.getByRole('button', { name: 'New room' }).click();
      await ada.page.getByLabel('Name of the room').fill('茶室');
      await ada.page.keyboard.press('Enter');
      await ada.page.getByRole('heading', { name: '茶室', level: 1 }).waitFor();
      await ada.sayAndSee('in the tea room');
      await ada.page.getByRole('link', { name: /^Lobby/ }).click();
      await ada.rowOf('a reply').waitFor();
      // What comes after the backup is not in it.
      const made = await runCommand('backup', `--data=${data}`, `--to=${copy}`);
      assert.deepEqual([made.code, made.errors], [0, '']);
      await ada.sayAndSee('after the backup');
      await bob.rowOf('after the backup').waitFor();
      await server.end('SIGKILL');
      await ada.say('while it was down');
      await ada.log.locator('.message--pending').waitFor();

      const options = [`--data=${target}`, ...(await database())];
      const restored = await runCommand('restore', `--from=${copy}`, ...options);
      assert.deepEqual([restored.code, restored.errors], [0, '']);
      await startServer(t, { args: [...options, `--port=${new URL(server.url).port}`] });

      const all = ['first', '第二条 🌙', 'corrected', 'a reply', 'while it was down'];
      for (const window of [ada, bob]) await window.seeTexts(all);
      await ada.log.locator('.message--pending').waitFor({ state: 'detached' });
      for (const window of [ada, bob]) await window.page.reload();
      await bob.sayAndSee('still signed in');
      for (const window of [ada, bob]) {
        await window.seeTexts([...all, 'still signed in']);
        await window.rowOf('corrected').getByText('(edited)').waitFor();
        await window.rowOf('first').getByRole('button', { name: '🎉 1 person' }).waitFor();
        await window
          .rowOf('a reply')
          .getByRole('button', { name: /corrected/ })
          .waitFor();
      }
      await ada.page.getByRole('link', { name: /^茶室/ }).click();
      await ada.seeTexts(['in the tea room']);
    },
  );
}
