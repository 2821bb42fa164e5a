/** M9: new messages and growing ones do not move what the person reads; at the end the newest message stays visible. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { scrollBy, startLongLobby, watchRows } from './support/history-window.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

/** Makes a message above, at the lower edge of or below what is on screen grow, as a picture does that has been loaded. */
async function grow(window: ChatWindow, where: 'above' | 'edge' | 'below' | 'last'): Promise<void> {
  await window.log.evaluate(async (log, place) => {
    const { top, bottom } = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll('.message')];
    const row = {
      above: rows.findLast((one) => one.getBoundingClientRect().bottom < top),
      edge: rows.find((one) => one.getBoundingClientRect().bottom > bottom),
      below: rows.find((one) => one.getBoundingClientRect().top > bottom),
      last: rows.at(-1),
    }[place]!;
    row.querySelector<HTMLElement>('.bubble')!.style.minHeight = '400px';
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }, where);
}

const fromEnd = (window: ChatWindow): Promise<number> =>
  window.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);

/** Waits until the whole of a message, or its end if it is higher than the window, is above the message field. */
async function seeWhole(window: ChatWindow, text: string): Promise<void> {
  const bubble = window.log.locator('.message', { hasText: text }).locator('.bubble');
  await bubble.waitFor();
  await until(async () => {
    const [row, log, field] = await Promise.all(
      [bubble, window.log, window.composer].map((element) => element.boundingBox()),
    );
    assert.ok(row && log && field);
    const end = row.y + row.height;
    return row.y >= log.y && end <= log.y + log.height && end <= field.y;
  });
}

test('M9: in the middle, 20 new messages and ones that grow move nothing, and a button counts them and leads down', async (t) => {
  const lobby = await startLongLobby(t, 80);
  const ada = await lobby.open(browser);
  await ada.log.getByText('message 80', { exact: true }).waitFor();
  await scrollBy(ada, -2);
  await ada.page.getByRole('button', { name: 'Jump to newest' }).waitFor();
  const topOf = (): Promise<number> =>
    ada.log.evaluate((log) => {
      const { top } = log.getBoundingClientRect();
      const row = [...log.querySelectorAll('.message')].find((one) => one.getBoundingClientRect().top > top + 100)!;
      row.id ||= 'watched';
      return document.querySelector('#watched')!.getBoundingClientRect().top;
    });
  const before = await topOf();
  const { read } = await watchRows(ada.page);
  await lobby.say(81, 100);
  await ada.page.getByRole('button', { name: 'Jump to newest, 20 unread messages' }).waitFor();
  assert.ok((await read()).movedPx <= 1, 'nothing moved, not even for a moment');
  for (const where of ['above', 'edge', 'below', 'last'] as const) {
    await grow(ada, where);
    assert.ok(Math.abs((await topOf()) - before) <= 1, where);
  }
  await ada.page.getByRole('button', { name: /Jump to newest/ }).click();
  await until(async () => (await fromEnd(ada)) <= 1);
  await ada.page.getByRole('button', { name: /Jump to newest/ }).waitFor({ state: 'detached' });
});

test('M9: at the end, the newest message stays wholly visible when 20 arrive, and when one grows', async (t) => {
  const lobby = await startLongLobby(t, 80);
  const ada = await lobby.open(browser);
  await seeWhole(ada, 'message 80');
  await lobby.say(81, 100);
  await seeWhole(ada, 'message 100');
  assert.ok((await fromEnd(ada)) <= 1);
  await grow(ada, 'above');
  await seeWhole(ada, 'message 100');
  await grow(ada, 'last');
  await seeWhole(ada, 'message 100');
  assert.equal(await ada.page.getByRole('button', { name: /Jump to newest/ }).count(), 0);
});

test('M9: who scrolls a little while the older rows of a room are added stays there, and the rows move nothing', async (t) => {
  const lobby = await startLongLobby(t, 100);
  const ada = await lobby.open(browser);
  // The steps that add rows take longer than the person.
  await ada.page.addInitScript(() => {
    const { setTimeout: real } = globalThis;
    Object.assign(globalThis, { setTimeout: (run: () => void, ms = 400) => real(run, ms) });
  });
  await ada.page.reload();
  const newest = ada.log.getByText('message 100', { exact: true });
  await newest.waitFor();
  const count = (): Promise<number> => ada.log.locator('.message').count();
  assert.ok((await count()) < 100, 'older rows are missing');
  await ada.log.hover();
  await ada.page.mouse.wheel(0, -60);
  await until(async () => (await fromEnd(ada)) >= 50);
  const { y } = (await newest.boundingBox())!;
  await until(async () => (await count()) === 100);
  assert.ok((await fromEnd(ada)) >= 50, `${await fromEnd(ada)} px from the end`);
  assert.ok(Math.abs((await newest.boundingBox())!.y - y) <= 1);
});
