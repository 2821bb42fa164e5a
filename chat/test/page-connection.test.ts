/** The connection of a page: lost, refused or ended, and what happens to messages that were typed meanwhile. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveAsProgram } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { startServer, temporaryFolder, Visitor } from './support/chat-server.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

test('shows a banner while the server is down, and sends messages typed meanwhile once and in order', async (t) => {
  const args = [`--data=${await temporaryFolder(t)}`];
  const server = await startServer(t, { args });
  const ada = await ChatWindow.open(t, browser, server.url);
  const bob = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  await bob.register('Bob');
  await ada.sayAndSee('before');
  await bob.seeTexts(['before']);

  await server.end('SIGKILL');
  await ada.page.getByText('Reconnecting…').waitFor();
  const typed = ['typed while offline', '断线时写的 🌙', 'and a third'];
  for (const text of typed) await ada.say(text);
  await ada.seeTexts(['before', ...typed]);
  assert.equal(await ada.log.locator('.message--pending').count(), 3);
  // The server restarts on the same port, and the page reconnects.
  await startServer(t, { args: [...args, `--port=${new URL(server.url).port}`] });
  await bob.seeTexts(['before', ...typed]);
  await ada.seeTexts(['before', ...typed]);
  await ada.log.locator('.message--pending').first().waitFor({ state: 'detached' });
  await ada.page.getByText('Reconnecting…').waitFor({ state: 'detached' });
  await bob.sayAndSee('after');
  await ada.seeTexts(['before', ...typed, 'after']);
});

test('the next page sends a message once that the closed page could not send', async (t) => {
  const args = [`--data=${await temporaryFolder(t)}`];
  const server = await startServer(t, { args });
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  const bob = new Visitor(t, server.url);
  await bob.register('Bob');
  await server.end('SIGKILL');
  await ada.say('kept');
  await ada.log.locator('.message--pending').waitFor();
  const context = ada.page.context();
  await ada.page.close();
  await startServer(t, { args: [...args, `--port=${new URL(server.url).port}`] });
  const again = new ChatWindow(await context.newPage(), server.url);
  await again.page.goto(server.url);
  await again.seeTexts(['kept']);
  await again.log.locator('.message--sent').waitFor();
  const client = bob.connect();
  const seen: unknown[] = [];
  client.on('message', ({ message }) => seen.push(message.data));
  client.subscribe('lobby');
  await client.publish('lobby', { text: 'end' }).published;
  await again.seeTexts(['kept', 'end']);
  assert.deepEqual(seen, [{ text: 'kept' }, { text: 'end' }]);
});

test('marks a message as possibly sent if its result is unknown, and can send it again', async (t) => {
  const args = [`--data=${await temporaryFolder(t)}`, '--dedupe-count=5', '--limits=off'];
  const server = await startServer(t, { args });
  const ada = await ChatWindow.open(t, browser, server.url);
  // The connection is lost after the server stored a message and before its reply arrives.
  let breaksNext = false;
  let isBroken = false;
  await ada.page.routeWebSocket(/\/socket$/, (socket) => {
    if (isBroken) {
      void socket.close({ code: 1012 });
      return;
    }
    const upstream = socket.connectToServer();
    socket.onMessage((frame) => {
      if (breaksNext && String(frame).includes('"perhaps ')) [breaksNext, isBroken] = [false, true];
      upstream.send(frame);
    });
    upstream.onMessage((frame) => {
      if (isBroken) void socket.close({ code: 1012 });
      else socket.send(frame);
    });
  });
  await ada.register('Ada');
  await ada.sayAndSee('before');

  const phone = new Visitor(t, server.url);
  await phone.logIn('Ada');
  const client = phone.connect();
  const perhaps = ada.log.locator('.message--failed', { hasText: 'perhaps' });
  breaksNext = true;
  await ada.say('perhaps sent');
  await ada.page.getByText('Reconnecting…').waitFor();
  // After this many messages the server no longer stores the id.
  const later = Array.from({ length: 101 }, (_, index) => client.publish('lobby', { text: `later ${index}` }));
  await Promise.all(later.map(({ published }) => published));
  isBroken = false;
  // Do not press the button: the page may reconnect before that.
  await ada.page.evaluate(() => window.dispatchEvent(new Event('online')));
  await perhaps.getByText('It is not known whether this was sent.').waitFor();
  await ada.page.reload();
  await perhaps.getByText('It is not known whether this was sent.').waitFor();
  await ada.sayAndSee('after it');
  await perhaps.getByRole('button', { name: 'Send again' }).dblclick();
  await perhaps.waitFor({ state: 'detached' });
  await until(async () => (await ada.texts()).slice(-2).join() === 'after it,perhaps sent');
  await ada.log.locator('.message--sent', { hasText: 'perhaps sent' }).last().waitFor();
});

test('a log-out in one window logs out the other windows of the browser', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  const second = await ada.page.context().newPage();
  await second.goto(server.url);
  await second.locator('#composer').waitFor();
  await ada.page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await ada.page.getByRole('button', { name: 'Log out' }).click();
  await ada.page.waitForURL('**/login*');
  await second.waitForURL('**/login*');
});

test('a window above the limit per person shows a banner, and connects after another window was closed', async (t) => {
  const server = await serveAsProgram(t, { maxSocketsPerPerson: 2 });
  const first = await ChatWindow.open(t, browser, server.url);
  await first.register('Ada');
  await first.sayAndSee('hello');
  const context = first.page.context();
  const second = new ChatWindow(await context.newPage(), server.url);
  await second.page.goto(server.url);
  await second.seeTexts(['hello']);
  const third = new ChatWindow(await context.newPage(), server.url);
  await third.page.goto(server.url);
  const banner = third.page.getByText('You have too many windows open.');
  await banner.waitFor();
  await second.page.close();
  await third.seeTexts(['hello']);
  await banner.waitFor({ state: 'detached' });
});
