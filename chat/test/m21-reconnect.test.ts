/** M21: the banner about a lost connection: not in the first 2 seconds, there after 4, gone on the return; one can write all the time. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { SocketProxy } from './support/socket-proxy.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M21: a break of 2 seconds shows no banner, one of 4 does, and what was written meanwhile is sent once', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  const { page } = ada;
  const proxy = await SocketProxy.open(page);
  await page.clock.install();
  await ada.register('Ada');
  await ada.sayAndSee('before');
  const banner = page.locator('.banner');
  const pending = ada.log.locator('.message--pending');

  // The clock of the page stands, so that a slow machine does not make the break longer.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000));
  proxy.cut();
  await ada.say('in a short break');
  await page.clock.runFor(2000);
  await pending.waitFor();
  assert.equal(await banner.count(), 0);
  await page.clock.resume();
  await proxy.restore();
  await ada.log.locator('.message--sent', { hasText: 'in a short break' }).waitFor();
  // On a slow machine it may have come by now, and then stays for a moment.
  await page.clock.runFor(2000);
  await banner.waitFor({ state: 'detached' });

  proxy.cut();
  await ada.say('in a long break');
  await pending.waitFor();
  await page.clock.runFor(4000);
  await banner.getByText('Reconnecting…').waitFor();
  await ada.say('below the banner');
  await pending.nth(1).waitFor();
  await ada.composer.fill('half a');
  await proxy.restore();
  await pending.first().waitFor({ state: 'detached' });
  // A banner stays for a moment, so that it can be read.
  await page.clock.runFor(2000);
  await banner.waitFor({ state: 'detached' });
  assert.equal(await ada.composer.inputValue(), 'half a');
  await ada.seeTexts(['before', 'in a short break', 'in a long break', 'below the banner']);
});
