/** M8: after a long absence nothing is missing. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { launchChromium } from './support/chromium.ts';
import { assertRange, scrollBy, shownNumbers, startLongLobby, watchRows } from './support/history-window.ts';
import { SocketProxy } from './support/socket-proxy.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

for (const how of ['an open window without a connection', 'a closed window'] as const) {
  test(`${how} gets all 250 messages of the absence, without a hole or a repeat, with the line before the first`, async (t) => {
    const lobby = await startLongLobby(t, 20);
    const isOpen = how.startsWith('an open');
    let ada = await lobby.open(browser);
    await ada.log.getByText('message 20', { exact: true }).waitFor();
    if (isOpen) {
      const proxy = await SocketProxy.open(ada.page);
      await ada.page.reload();
      await ada.log.getByText('message 20', { exact: true }).waitFor();
      proxy.cut();
      await ada.page.getByText('Reconnecting').first().waitFor();
      await lobby.say(21, 270);
      await proxy.restore();
    } else {
      await ada.close();
      await lobby.say(21, 270);
      ada = await lobby.open(browser);
    }
    await ada.log.locator('.unread-line').waitFor();
    const { read } = await watchRows(ada.page);
    const line = ada.log.locator('.unread-line + .message, .unread-line + .day-line + .message');
    assert.match(await line.first().innerText(), /message 21$/);
    await until(async () => {
      await scrollBy(ada, 0.8);
      return (
        (await shownNumbers(ada)).at(-1) === 270 &&
        ada.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2)
      );
    }, 60_000);
    const numbers = await shownNumbers(ada);
    assertRange(numbers, numbers[0] ?? 0, 270);
    const seen = (await read()).numbers;
    assertRange(
      seen.filter((number) => number > 20),
      21,
      270,
    );
    assert.ok((await read()).movedPx <= 2);
    await until(async () => (await ada.page.title()) === 'Lobby · Gale');
  });
}
