/** M4: a message is visible before the server has stored it, and everybody has it once. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { SocketProxy } from './support/socket-proxy.ts';
import { startServer, temporaryFolder } from './support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M4: a message is pale until the reply, and is one element before and after it', async (t) => {
  const server = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`] });
  const ada = await ChatWindow.open(t, browser, server.url);
  const proxy = await SocketProxy.open(ada.page);
  const bob = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  await bob.register('Bob');
  await ada.seePeople(2);
  proxy.hold('publish', 'message');
  await ada.say('hello');
  const row = ada.log.locator('.message', { hasText: 'hello' });
  await row.and(ada.log.locator('.message--pending')).waitFor();
  await row.evaluate((element) => element.setAttribute('data-test', 'the same'));
  await bob.seeTexts(['hello']);
  await proxy.holds(2);
  assert.equal(await ada.log.locator('.message--pending').count(), 1);
  proxy.release();
  await ada.log.locator('.message--sent[data-test="the same"]').waitFor();
  for (const window of [ada, bob]) await window.seeTexts(['hello']);
});
