/** M23: an administrator deletes a message, removes a person from a room and deactivates an account, whose windows say so; the log has all. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { type ServedChat } from './support/app.ts';
import { serveBuilt } from './support/built-app.ts';
import { violations } from './support/accessibility.ts';
import { password, type Visitor } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket } from './support/raw-socket.ts';
import { within } from './support/within.ts';

const browser = await launchChromium();
after(() => browser.close());

async function start(t: TestContext): Promise<{ readonly chat: ServedChat; readonly ada: Visitor }> {
  const chat = await serveBuilt(t);
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  await chat.person('Bob');
  return { chat, ada };
}

test('an administrator deletes a message and deactivates its author, who sees why at once; the log has both', async (t) => {
  const { chat } = await start(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.logIn('Ada');
  const bob = await ChatWindow.open(t, browser, chat.url);
  await bob.logIn('Bob');
  await bob.sayAndSee('Buy cheap watches');

  await ada.choose('Buy cheap watches', 'Delete');
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await bob.log.locator('.message', { hasText: 'Buy cheap watches' }).waitFor({ state: 'detached' });

  const { page } = ada;
  await page.goto(`${chat.url}/admin/people`);
  await page.getByRole('searchbox').fill('bo');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('Manage').click();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Deactivate Bob' }).click();
  const isOut = bob.page.getByText('An administrator deactivated your account.').waitFor();
  await within(isOut, () => 'the end of the window', 1000);
  await page.getByText('The account is deactivated.').waitFor();
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

test('an administrator removes a person from a room in the page, whose window leaves it at once; the log has it', async (t) => {
  const { chat, ada: admin } = await start(t);
  const { id: person } = await chat.database.tables
    .selectFrom('person')
    .select('id')
    .where('name', '=', 'Bob')
    .executeTakeFirstOrThrow();
  await (await RawSocket.open(admin)).do('make-room', { name: 'Plans', kind: 'private', people: [person] });
  const bob = await ChatWindow.open(t, browser, chat.url);
  await bob.logIn('Bob');
  await bob.page.getByRole('link', { name: 'Plans' }).click();
  await bob.sayAndSee('I am here');

  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.logIn('Ada');
  await ada.page.getByRole('link', { name: 'Plans' }).click();
  await ada.log.getByText('I am here').waitFor();
  await ada.page.locator('.people-row', { hasText: 'Bob' }).click();
  const card = ada.page.getByRole('dialog');
  await card.getByRole('button', { name: 'Remove from room' }).click();
  await card.getByText('Remove Bob from Plans?').waitFor();
  assert.deepEqual(await violations(ada.page), []);
  await bob.log.getByText('I am here').waitFor();
  await card.getByRole('button', { name: 'Remove from room' }).click();
  const isGone = bob.log.waitFor({ state: 'detached' });
  await within(isGone, () => 'the end of the room in the window of Bob', 1000);
  await bob.page.getByText('You are no longer in this room').waitFor();
  await bob.page.getByRole('link', { name: 'Plans' }).waitFor({ state: 'detached' });
  await card.waitFor({ state: 'detached' });
  await ada.page.locator('.people-row', { hasText: 'Bob' }).waitFor({ state: 'detached' });

  await ada.page.goto(`${chat.url}/admin/audit`);
  await ada.page.getByText('Ada removed Bob from the room “Plans”.').waitFor();
});
