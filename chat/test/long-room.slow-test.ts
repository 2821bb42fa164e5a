/** A room with 10,000 messages, of which 5,000 are unread: links into its middle, scrolling from there, jumps, the line and the counts. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Locator } from 'playwright-core';
import type { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { assertRange, scrollBy, shownNumbers, startLongLobby, watchRows } from './support/history-window.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

/** Numbers of the messages on screen. */
function numbersOnScreen(window: ChatWindow): Promise<number[]> {
  return window.log.evaluate((log) => {
    const { top, bottom } = log.getBoundingClientRect();
    return [...log.querySelectorAll('.message')]
      .filter((row) => row.getBoundingClientRect().bottom > top && row.getBoundingClientRect().top < bottom)
      .map((row) => Number(/message (\d+)/.exec(row.textContent)?.[1]));
  });
}

test('10,000 messages of which 5,000 are unread', async (t) => {
  // Ada registers after the first half, which she has read.
  const lobby = await startLongLobby(t, 5000, { args: ['--limits=off'] });
  await lobby.say(5001, 10_000);
  const ada = await lobby.open(browser);
  const button = (name: string | RegExp): Locator => ada.page.getByRole('button', { name });

  // It opens at the line, with the number in the list, the title and the button.
  await ada.log.locator('.unread-line').waitFor();
  const line = ada.log.locator('.unread-line + .message, .unread-line + .day-line + .message');
  assert.match(await line.first().innerText(), /message 5001$/);
  await until(async () => (await numbersOnScreen(ada)).includes(5001));
  await ada.page.getByRole('link', { name: 'Lobby 999+ unread messages' }).waitFor();
  assert.equal(await ada.page.title(), '• Lobby · Gale');

  // A jump to the newest message reads all of them, and can be undone. Then a button leads to the first one.
  await button('Jump to newest, 999+ unread messages').click();
  await ada.log.getByText('message 10000', { exact: true }).waitFor();
  await ada.page.waitForFunction(() => document.title === 'Lobby · Gale');
  await ada.page.getByText('Marked 1 room as read').waitFor();
  await button('Undo').click();
  await ada.page.waitForFunction(() => document.title === '• Lobby · Gale');
  assert.equal((await numbersOnScreen(ada)).at(-1), 10_000, 'the undo moves nothing');
  await button('Go to the first of 999+ unread messages').click();
  await ada.log.locator('.unread-line').waitFor();
  const first = await until(async () => {
    const numbers = await numbersOnScreen(ada);
    return numbers.length > 0 && numbers[0]! > 4900 && numbers[0]! < 5050 && numbers;
  });
  assert.ok(first.includes(5001) || first[0]! > 5001, `${first}`);

  // A link into the middle, and a while of scrolling from there.
  await ada.page.evaluate(() => (location.hash = '#/rooms/lobby/5000'));
  await ada.log.locator('[data-lit]').getByText('message 5000', { exact: true }).waitFor();
  const { read } = await watchRows(ada.page);
  for (let count = 0; count < 40; count++) await scrollBy(ada, -0.9);
  const [top] = await numbersOnScreen(ada);
  for (let count = 0; count < 80; count++) await scrollBy(ada, 0.9);
  const bottom = (await numbersOnScreen(ada)).at(-1);
  assert.ok(top !== undefined && bottom !== undefined && top < 4700 && bottom > 5300, `${top} to ${bottom}`);
  const shown = await shownNumbers(ada);
  assertRange(shown, shown[0]!, shown[0]! + shown.length - 1);
  const { numbers } = await read();
  assertRange(numbers, numbers[0]!, numbers.at(-1)!);

  // To the newest and back to where the link leads.
  await button(/^Jump to newest/).click();
  await ada.log.getByText('message 10000', { exact: true }).waitFor();
  await until(async () => (await numbersOnScreen(ada)).at(-1) === 10_000);
  await ada.page.evaluate(() => (location.hash = '#/rooms/lobby/5000'));
  await ada.log.locator('[data-lit]').getByText('message 5000', { exact: true }).waitFor();
  assert.ok((await numbersOnScreen(ada)).includes(5000));
  const { most, movedPx, repeated } = await read();
  assert.ok(most <= 320, `${most} messages`);
  assert.ok(movedPx <= 2, `moved by ${movedPx} px`);
  assert.deepEqual(repeated, []);
});
