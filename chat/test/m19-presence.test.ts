/** M19: who is here: two windows of a person count as one, and a killed browser is gone within 75 seconds. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveAsProgram } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M19: a person appears, counts once with two windows, and is gone after their browser was killed', async (t) => {
  const { url } = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.seePeople(1);
  const here = ada.page.locator('.people-list:not(.people-list--away) .people-name');
  await here.filter({ hasText: 'Ada' }).waitFor();

  const other = await launchChromium();
  // The locale is that of the system, which may be none.
  const context = await other.newContext();
  const zhang = new ChatWindow(await context.newPage(), url);
  await zhang.register('张三');
  await zhang.seePeople(2);
  await here.filter({ hasText: '张三' }).waitFor();
  await ada.log.getByText('张三 came in').waitFor();

  const second = new ChatWindow(await context.newPage(), url);
  await second.page.goto(url);
  await second.composer.waitFor();
  await second.seePeople(2);
  await zhang.page.close();
  // The window that is left keeps the person here.
  await ada.sayAndSee('after it');
  await second.log.getByText('after it').waitFor();
  assert.deepEqual((await here.allInnerTexts()).toSorted(), ['Ada', '张三']);
  assert.equal(await ada.log.getByText('张三 left').count(), 0);

  const cdp = await other.newBrowserCDPSession();
  const isGone = new Promise<void>((resolve) => other.once('disconnected', () => resolve()));
  cdp.send('Browser.crash').catch(() => {});
  await isGone;
  await here.filter({ hasText: '张三' }).waitFor({ state: 'detached', timeout: 75_000 });
  await ada.seePeople(1);
});
