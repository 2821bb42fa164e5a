/** M27: a phone of 360×640 with touch: two views, no sideways scroll, Enter is a new line, the button sends, fields of 16 px. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket } from './support/raw-socket.ts';

const browser = await launchChromium();
after(() => browser.close());

const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };

async function seeNoSidewaysScroll(page: Page): Promise<void> {
  const { width, most } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    most: innerWidth,
  }));
  assert.ok(width <= most, `${width} px in a window of ${most} px`);
}

test('M27: a character as long as a message, which no line can break, ends with its bubble', async (t) => {
  const chat = await serveBuilt(t);
  const bob = await RawSocket.open(await chat.person('Bob'));
  const number = `${'\u0600'.repeat(300)}1`;
  await bob.do('publish', { room: 'lobby', id: 'number', data: { text: number } });
  const ada = await ChatWindow.open(t, browser, chat.url, phone);
  await ada.register('Ada');
  await ada.page.getByRole('link', { name: 'Lobby' }).tap();
  await ada.seeTexts([number]);
  const bubble = ada.log.locator('.bubble');
  assert.ok(await bubble.evaluate((element) => element.scrollWidth > element.clientWidth), 'the text is longer');
  assert.equal(await ada.log.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), 0);
});

test('M27: list and room are two views, and everything fits, also with a height of 300', async (t) => {
  const chat = await serveBuilt(t);
  const bob = await RawSocket.open(await chat.person('Bob'));
  const long = 'https://example.com/'.padEnd(300, 'long');
  await bob.do('publish', { room: 'lobby', id: 'long', data: { text: long } });
  const ada = await ChatWindow.open(t, browser, chat.url, phone);
  const { page } = ada;
  await ada.register('Ada');
  const list = page.getByRole('navigation', { name: 'Rooms' });
  await list.waitFor();
  assert.equal(await ada.composer.count(), 0);
  await seeNoSidewaysScroll(page);
  await page.getByRole('link', { name: 'Lobby' }).tap();
  await ada.seeTexts([long]);
  assert.ok(await list.isHidden());

  await ada.composer.tap();
  const size = await ada.composer.evaluate((field) => Number.parseFloat(getComputedStyle(field).fontSize));
  assert.ok(size >= 16, `${size} px`);
  await page.keyboard.type('one');
  await page.keyboard.press('Enter');
  await page.keyboard.type('two');
  assert.equal(await ada.composer.inputValue(), 'one\ntwo');
  assert.equal((await ada.texts()).length, 1, 'Enter does not send');
  await page.getByRole('button', { name: 'Send' }).dblclick();
  await ada.log.locator('.message--sent').waitFor();
  assert.deepEqual((await ada.texts()).slice(1), ['one\ntwo']);

  for (const height of [640, 300]) {
    await page.setViewportSize({ width: 360, height });
    await ada.composer.tap();
    await seeNoSidewaysScroll(page);
    assert.equal(await ada.log.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), 0);
    const send = (await page.getByRole('button', { name: 'Send' }).boundingBox())!;
    assert.ok(send.y >= 0 && send.y + send.height <= height, `the button is at ${send.y} of ${height} px`);
  }
  await ada.composer.fill('in a low window');
  await page.getByRole('button', { name: 'Send' }).tap();
  const newest = ada.log.locator('.message--sent', { hasText: 'in a low window' });
  await newest.waitFor();
  await page.waitForFunction(() => {
    const log = document.querySelector('[role=log]')!;
    return log.scrollHeight - log.scrollTop - log.clientHeight < 2;
  });
  await page.getByRole('link', { name: 'Back to the rooms' }).tap();
  await list.waitFor();
});
