/** What others see of a person who deletes the account. */
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { password } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';

const browser = await launchChromium();
after(() => browser.close());

test('messages of a deleted account say so, and its direct conversations do not become notes to oneself', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.register('Ada');
  const person = await chat.person('Bob');
  const bob = await RawSocket.open(person);
  const { id } = await chat.database.tables
    .selectFrom('person')
    .select('id')
    .where('name', '=', 'Ada')
    .executeTakeFirstOrThrow();
  const { id: room } = (await bob.do('open-direct', { people: [id] }))['room'] as Frame;
  await bob.do('publish', { room, id: '1', data: { text: 'between us' } });
  await bob.do('publish', { room: 'lobby', id: '2', data: { text: 'for everybody' } });
  const { page } = ada;
  await page.getByRole('link', { name: 'Bob' }).click();
  await page.getByRole('heading', { level: 1, name: 'Bob' }).waitFor();

  const renamed = await person.submit('/settings/profile', { name: 'Robert' }, '/settings');
  if (renamed.status !== 303) throw new Error(await renamed.text());
  await page.getByRole('heading', { level: 1, name: 'Robert' }).waitFor();
  const deleted = await person.submit('/settings/delete', { current: password }, '/settings');
  if (deleted.status !== 303) throw new Error(await deleted.text());
  for (const isReloaded of [false, true]) {
    if (isReloaded) await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Deleted person' }).waitFor();
    await page.locator('.message', { hasText: 'between us' }).getByText('Deleted person').waitFor();
  }
  await page.getByRole('link', { name: 'Lobby' }).click();
  await page.locator('.message', { hasText: 'for everybody' }).getByText('Deleted person').waitFor();
});
