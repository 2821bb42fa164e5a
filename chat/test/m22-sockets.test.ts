/** M22: other sites cannot open the socket, and the open window of a person who is removed from a room gets nothing more of it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { password } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket } from './support/raw-socket.ts';
import { within } from './support/within.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M22: other sites cannot open the socket', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await chat.person('Ada');
  for (const origin of ['https://evil.example', 'null', `${chat.url}.evil.example`])
    assert.equal(await ada.handshake({ origin }), 403, origin);
  assert.equal(await ada.handshake({ origin: chat.url }), 101);
});

test('M22: the open window of a removed person gets nothing more of the room within a second', async (t) => {
  const chat = await serveBuilt(t);
  const admin = chat.visitor();
  assert.equal((await admin.submit('/setup', { name: 'Ada', password })).status, 303);
  const bob = await ChatWindow.open(t, browser, chat.url);
  await bob.register('Bob');
  const owner = await RawSocket.open(admin);
  const { id: person } = await chat.database.tables
    .selectFrom('person')
    .select('id')
    .where('name', '=', 'Bob')
    .executeTakeFirstOrThrow();
  const made = await owner.do('make-room', { name: 'Plans', kind: 'private', people: [person] });
  const room = (made['room'] as { readonly id: string }).id;
  await bob.page.getByRole('link', { name: 'Plans' }).click();
  await bob.sayAndSee('I am here');
  const received: string[] = [];
  bob.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(String(payload))));
  await bob.page.reload();
  await bob.log.getByText('I am here').waitFor();

  await owner.do('remove-person', { room, person });
  const gone = bob.log.waitFor({ state: 'detached' });
  await within(gone, () => 'the end of the room in the window', 1000);
  await owner.do('publish', { room, id: 'later', data: { text: 'a secret' } });
  await owner.do('publish', { room: 'lobby', id: 'lobby', data: { text: 'for all' } });
  await bob.page.getByRole('link', { name: /^Lobby/ }).click();
  await bob.log.getByText('for all').waitFor();
  assert.ok(received.some((frame) => frame.includes('for all')));
  assert.ok(!received.some((frame) => frame.includes('a secret')));
  await bob.page.goto(`${chat.url}/#/rooms/${room}`);
  await bob.page.getByRole('main').getByRole('heading').first().waitFor();
  assert.equal(await bob.page.getByText('a secret').count(), 0);
});
