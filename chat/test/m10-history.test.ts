/** M10: a person scrolls back to the first message and forward again. Links to messages, and rooms that were left in the middle. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { launchChromium } from './support/chromium.ts';
import { assertRange, scrollBy, shownNumbers, startLongLobby, watchRows } from './support/history-window.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M10: back to the first of 1,000 messages and forward again: nothing moves, and at most 320 are in the page', async (t) => {
  const lobby = await startLongLobby(t, 1000);
  const ada = await lobby.open(browser);
  await ada.log.getByText('message 1000', { exact: true }).waitFor();
  const { read } = await watchRows(ada.page);
  await until(async () => {
    await scrollBy(ada, -0.9);
    return (await shownNumbers(ada))[0] === 1 && (await ada.log.evaluate((log) => log.scrollTop === 0));
  }, 60_000);
  await ada.log.getByText('The first message').waitFor();
  assertRange((await read()).numbers, 1, 1000);
  const jump = ada.page.getByRole('button', { name: 'Jump to newest' });
  await until(async () => {
    await scrollBy(ada, 0.9);
    return !(await jump.isVisible());
  }, 60_000);
  assert.equal((await shownNumbers(ada)).at(-1), 1000);
  const { most, movedPx, repeated } = await read();
  assert.ok(most <= 320, `${most} messages`);
  assert.ok(movedPx <= 2, `moved by ${movedPx} px`);
  assert.deepEqual(repeated, []);
});

test('M10: nothing moves at the very top either, and older messages are loaded before the top is reached', async (t) => {
  const lobby = await startLongLobby(t, 400);
  const ada = await lobby.open(browser);
  await ada.log.getByText('message 400', { exact: true }).waitFor();
  await scrollBy(ada, 0);
  const first = (await shownNumbers(ada))[0]!;
  assert.ok(first > 100, `${first}`);
  // Three quarters of a screen are left.
  await ada.log.evaluate((log) => (log.scrollTop = 0.75 * log.clientHeight));
  await until(async () => (await shownNumbers(ada))[0]! < first);
  assert.ok((await ada.log.evaluate((log) => log.scrollTop)) > 0);

  const { read } = await watchRows(ada.page);
  await until(async () => {
    await ada.log.evaluate((log) => (log.scrollTop = 0));
    await scrollBy(ada, 0);
    return (await shownNumbers(ada))[0] === 1;
  }, 60_000);
  const { numbers, movedPx, most } = await read();
  assertRange(numbers, 1, 400);
  assert.ok(movedPx <= 2, `moved by ${movedPx} px`);
  assert.ok(most <= 320, `${most} messages`);
  // From there an own message leads to the end.
  await ada.sayAndSee('an answer');
  await until(() => ada.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight <= 1));
  assert.deepEqual((await ada.texts()).slice(-2), ['message 400', 'an answer']);
});

test('M10: a link to a message opens the room there, lights it, focuses it, and the newest messages are one button away', async (t) => {
  const lobby = await startLongLobby(t, 400);
  const ada = await lobby.open(browser);
  await ada.log.getByText('message 400', { exact: true }).waitFor();
  await ada.page.evaluate(() => (location.hash = '#/rooms/lobby/57'));
  const lit = ada.log.locator('[data-lit]');
  await lit.getByText('message 57', { exact: true }).waitFor();
  const [row, log] = [await lit.boundingBox(), await ada.log.boundingBox()];
  assert.ok(row && log);
  const offCentre = row.y + row.height / 2 - (log.y + log.height / 2);
  assert.ok(Math.abs(offCentre) <= row.height, `${offCentre} px from the centre`);
  assert.ok(await lit.evaluate((element) => element === document.activeElement), 'it has the focus');
  // Not for ever.
  await lit.waitFor({ state: 'detached' });
  assert.equal(await ada.page.evaluate(() => location.hash), '#/rooms/lobby');
  // New messages are not put after old ones.
  await lobby.say(401, 401);
  await ada.page.getByRole('button', { name: 'Jump to newest, 1 unread message' }).click();
  await ada.log.getByText('message 401', { exact: true }).waitFor();
  assert.equal((await shownNumbers(ada)).at(-1), 401);
  await ada.page.goto('about:blank');
  await ada.page.goto(`${lobby.server.url}/#/rooms/lobby/3`);
  await ada.log.getByText('message 3', { exact: true }).waitFor();
});

test('M10: a room that was left in the middle of its history is found there again, also after a reload', async (t) => {
  const lobby = await startLongLobby(t, 300);
  const ada = await lobby.open(browser);
  await ada.log.getByText('message 300', { exact: true }).waitFor();
  await ada.page.evaluate(() => (location.hash = '#/rooms/lobby/100'));
  await ada.log.locator('[data-lit]').waitFor();
  await scrollBy(ada, 0.31);
  const place = (): Promise<number> =>
    ada.log.evaluate((log) => {
      const row = [...log.querySelectorAll('.message')].find((one) => one.textContent.includes('message 104'));
      return row ? row.getBoundingClientRect().top : Number.NaN;
    });
  const before = await place();
  assert.ok(before > 0);
  const stays = (): Promise<unknown> => until(async () => Math.abs((await place()) - before) <= 2);
  await ada.page.evaluate(() => (location.hash = '#/rooms/nowhere'));
  await ada.log.waitFor({ state: 'detached' });
  await ada.page.evaluate(() => (location.hash = '#/rooms/lobby'));
  await stays();
  await ada.page.reload();
  await stays();
});
