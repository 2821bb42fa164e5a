/** M7: a refused message is red and says why, and is sent once again or discarded. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveAsProgram, serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket } from './support/raw-socket.ts';
import { SocketProxy } from './support/socket-proxy.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M7: a refused message is red and says why; it is sent again once, also by a double click, or discarded here only', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  const bob = await ChatWindow.open(t, browser, server.url);
  // The page does not send text that the server refuses. So a proxy replaces some texts by an invalid one.
  let makesInvalid = true;
  const sent: string[] = [];
  await ada.page.routeWebSocket(/\/socket$/, (socket) => {
    const upstream = socket.connectToServer();
    socket.onMessage((frame) => {
      const text = /"text":"(make me invalid[^"]*)"/.exec(String(frame))?.[1];
      if (text) sent.push(text);
      upstream.send(text && makesInvalid ? String(frame).replace(text, String.raw`\u0007`) : frame);
    });
    upstream.onMessage((frame) => socket.send(frame));
  });
  await ada.register('Ada');
  await bob.register('Bob');
  await ada.say('make me invalid');
  const failed = ada.log.locator('.message--failed');
  const why = failed.getByText('Not sent. It has characters that cannot be sent.');
  await why.waitFor();
  await ada.page.waitForFunction(() => {
    const bubble = getComputedStyle(document.querySelector('.message--failed .bubble')!);
    const words = getComputedStyle(document.querySelector('.message-failure')!);
    const probe = document.body.appendChild(document.createElement('p'));
    probe.style.cssText = 'color: var(--danger); background: var(--danger-soft)';
    const { color, backgroundColor } = getComputedStyle(probe);
    probe.remove();
    return words.color === color && bubble.backgroundColor === backgroundColor;
  });
  await ada.sayAndSee('after it');
  makesInvalid = false;
  await failed.getByRole('button', { name: 'Try again' }).dblclick();
  await failed.waitFor({ state: 'detached' });
  await ada.seeTexts(['after it', 'make me invalid']);
  assert.deepEqual(sent, ['make me invalid', 'make me invalid'], 'once, and once again');
  await bob.seeTexts(['after it', 'make me invalid']);

  makesInvalid = true;
  await ada.say('make me invalid too');
  await ada.say('make me invalid, and stay');
  await failed.nth(1).waitFor();
  await failed.filter({ hasText: 'too' }).getByRole('button', { name: 'Discard' }).click();
  await failed.filter({ hasText: 'too' }).waitFor({ state: 'detached' });
  assert.deepEqual(await failed.locator('.message-content').allInnerTexts(), ['make me invalid, and stay']);
  // Others have what they had, and so has the next page.
  await bob.sayAndSee('an answer');
  await bob.seeTexts(['after it', 'make me invalid', 'an answer']);
  await ada.page.reload();
  await ada.seeTexts(['after it', 'make me invalid', 'an answer', 'make me invalid, and stay']);
  assert.equal(sent.length, 4);
});

test('M7: a message that waited for the connection while its room was archived says so, keeps its text, and is sent later', async (t) => {
  const chat = await serveBuilt(t);
  const owner = await RawSocket.open(await chat.person('Bob'));
  const made = await owner.do('make-room', { name: 'Tea' });
  const { id: room } = made['room'] as { readonly id: string };
  const ada = await ChatWindow.open(t, browser, chat.url);
  const { page } = ada;
  const proxy = await SocketProxy.open(page);
  await ada.register('Ada');
  await ada.joinRoom('Tea');
  await ada.sayAndSee('before');
  proxy.cut();
  await ada.say('too late');
  await ada.log.locator('.message--pending').waitFor();
  await owner.do('archive-room', { room, archived: true });
  await proxy.restore();
  const failed = ada.log.locator('.message--failed', { hasText: 'too late' });
  await failed.getByText('Not sent. This room is archived.').waitFor();
  await page.reload();
  await failed.getByText('Not sent. This room is archived.').waitFor();
  await owner.do('archive-room', { room, archived: false });
  await ada.composer.waitFor();
  await failed.getByRole('button', { name: 'Try again' }).click();
  await ada.log.locator('.message--sent', { hasText: 'too late' }).waitFor();
  await ada.seeTexts(['before', 'too late']);
});

test('M7: a reply whose original is gone meanwhile, as by age, says so, and is sent without the quote', async (t) => {
  const chat = await serveBuilt(t);
  const bob = await RawSocket.open(await chat.person('Bob'));
  const ada = await ChatWindow.open(t, browser, chat.url);
  const proxy = await SocketProxy.open(ada.page);
  await ada.register('Ada');
  await bob.do('publish', { room: 'lobby', id: 'b1', data: { text: 'a question' } });
  await ada.rowOf('a question').waitFor();
  await ada.press('a question', 'Reply');
  proxy.cut();
  await ada.say('the answer');
  await ada.log.locator('.message--pending').waitFor();
  const { tables } = chat.database;
  await until(
    async () => (await tables.deleteFrom('message').where('seq', '=', 1).execute())[0]?.numDeletedRows === 1n,
  );
  await proxy.restore();
  const failed = ada.log.locator('.message--failed', { hasText: 'the answer' });
  await failed.getByText('Not sent. The message to which it replies is gone.').waitFor();
  await failed.getByRole('button', { name: 'Send without the quote' }).click();
  const sent = ada.log.locator('.message--sent', { hasText: 'the answer' });
  await sent.waitFor();
  assert.equal(await sent.locator('.quote').count(), 0);
});

test('M7: a message that was refused in a closed window is in the other windows of the browser, until one of them discards it', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.page.routeWebSocket(/\/socket$/, (socket) => {
    const upstream = socket.connectToServer();
    socket.onMessage((frame) => upstream.send(String(frame).replace('make me invalid', String.raw`\u0007`)));
  });
  await ada.register('Ada');
  const others: ChatWindow[] = [];
  for (let count = 0; count < 2; count++) {
    const other = new ChatWindow(await ada.page.context().newPage(), url);
    await other.page.goto(url);
    await other.composer.waitFor();
    others.push(other);
  }
  // All windows have loaded the part that does it.
  for (const { page } of [ada, ...others]) {
    await page.getByRole('button', { name: 'Your menu, Ada' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    await page.keyboard.press('Escape');
  }
  await ada.say('make me invalid');
  await ada.log.locator('.message--failed').waitFor();
  await ada.page.close();
  const failed = others.map(({ log }) => log.locator('.message--failed', { hasText: 'make me invalid' }));
  for (const each of failed) await each.getByText('Not sent. It has characters that cannot be sent.').waitFor();
  await failed[0]!.getByRole('button', { name: 'Discard' }).click();
  for (const each of failed) await each.waitFor({ state: 'detached' });
  await others[1]!.page.reload();
  await others[1]!.composer.waitFor();
  assert.equal(await failed[1]!.count(), 0);
});
