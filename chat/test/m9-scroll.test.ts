/** M9: new messages and growing ones do not move what the person reads; at the end the newest message stays visible. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { launchChromium } from './support/chromium.ts';
import { scrollBy, startLongLobby } from './support/history-window.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

test('in the middle, 20 new messages and one that grows move nothing, and a button counts them and leads down', async (t) => {
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
  await lobby.say(81, 100);
  await ada.page.getByRole('button', { name: 'Jump to newest, 20 unread messages' }).waitFor();
  assert.ok(Math.abs((await topOf()) - before) <= 1);
  // Something above the screen grows, as a picture that has been loaded.
  await ada.log.evaluate(async (log) => {
    const { top } = log.getBoundingClientRect();
    const above = [...log.querySelectorAll('.message')].findLast((one) => one.getBoundingClientRect().bottom < top)!;
    above.querySelector<HTMLElement>('.bubble')!.style.minHeight = '400px';
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
  assert.ok(Math.abs((await topOf()) - before) <= 1);
  await ada.page.getByRole('button', { name: /Jump to newest/ }).click();
  const fromEnd = (): Promise<number> => ada.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
  await until(async () => (await fromEnd()) <= 1);
  await lobby.say(101, 103);
  await ada.log.getByText('message 103', { exact: true }).waitFor();
  await until(async () => (await fromEnd()) <= 1);
  await ada.log.evaluate((log) => {
    [...log.querySelectorAll<HTMLElement>('.bubble')].at(-1)!.style.minHeight = '300px';
  });
  await until(async () => (await fromEnd()) <= 1);
});
