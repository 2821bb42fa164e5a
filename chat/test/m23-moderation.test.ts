/** M23: an administrator deletes a message and deactivates an account, whose window says so; the log has both. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveChat, type ServedChat } from './support/app.ts';
import { violations } from './support/accessibility.ts';
import { password, type Visitor } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket } from './support/raw-socket.ts';

const browser = await launchChromium();
after(() => browser.close());

const distPath = fileURLToPath(new URL('../dist', import.meta.url));

async function start(t: TestContext): Promise<{ readonly chat: ServedChat; readonly ada: Visitor }> {
  const chat = await serveChat(t, { distPath });
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  await chat.person('Bob');
  return { chat, ada };
}

test('an administrator deletes a message and deactivates its author, who sees why at once; the log has both', async (t) => {
  const { chat, ada: admin } = await start(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.logIn('Ada');
  const bob = await ChatWindow.open(t, browser, chat.url);
  await bob.logIn('Bob');
  await bob.sayAndSee('Buy cheap watches');

  const byCommand = await RawSocket.open(admin);
  await byCommand.do('delete-message', { room: 'lobby', seq: 1 });
  await bob.log.locator('.message', { hasText: 'Buy cheap watches' }).waitFor({ state: 'detached' });

  const { page } = ada;
  await page.goto(`${chat.url}/admin/people`);
  await page.getByRole('searchbox').fill('bo');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('Manage').click();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Deactivate Bob' }).click();
  await page.getByText('The account is deactivated.').waitFor();
  await bob.page.getByText('An administrator deactivated your account.').waitFor();
  assert.deepEqual(await violations(bob.page), []);

  await bob.page.getByLabel('Name').fill('Bob');
  await bob.page.getByLabel('Password', { exact: true }).fill(password);
  await bob.page.getByRole('button', { name: 'Log in' }).click();
  await bob.page.getByText('This account is deactivated. Ask an administrator.').waitFor();

  await page.goto(`${chat.url}/admin/audit`);
  await page.getByText('Ada deactivated the account of Bob.').waitFor();
  await page.getByText('Ada deleted a message by Bob in “Lobby”.').waitFor();
  assert.doesNotMatch(await page.content(), /cheap watches/);
  assert.deepEqual(await violations(page), []);
});
