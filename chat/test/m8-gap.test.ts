/** M8: after a long absence nothing is missing. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { assertRange, scrollBy, shownNumbers, startLongLobby, watchRows } from './support/history-window.ts';
import { SocketProxy } from './support/socket-proxy.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

for (const how of ['an open window without a connection', 'a closed window'] as const) {
  test(`M8: ${how} gets all 250 messages of the absence, without a hole or a repeat, with the line before the first`, async (t) => {
    const lobby = await startLongLobby(t, 20);
    const open = async (): Promise<{ ada: ChatWindow; proxy: SocketProxy }> => {
      const window = await ChatWindow.open(t, browser, lobby.server.url);
      const itsProxy = await SocketProxy.open(window.page);
      await window.logIn('Ada');
      return { ada: window, proxy: itsProxy };
    };
    let { ada, proxy } = await open();
    await ada.log.getByText('message 20', { exact: true }).waitFor();
    if (how.startsWith('an open')) {
      proxy.cut();
      await ada.page.getByText('Reconnecting').first().waitFor();
      await lobby.say(21, 270);
      await proxy.restore();
    } else {
      await ada.close();
      await lobby.say(21, 270);
      ({ ada, proxy } = await open());
    }
    await ada.log.locator('.unread-line').waitFor();
    const { read } = await watchRows(ada.page);
    const line = ada.log.locator('.unread-line + .message, .unread-line + .day-line + .message');
    assert.match(await line.first().innerText(), /message 21$/);
    // One that is sent while the gap is being read is after it.
    await lobby.say(271, 271);
    await until(async () => {
      await scrollBy(ada, 0.8);
      return (
        (await shownNumbers(ada)).at(-1) === 271 &&
        ada.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2)
      );
    }, 60_000);
    const shown = await shownNumbers(ada);
    assertRange(shown, shown[0] ?? 0, 271);
    const { numbers, repeated, movedPx } = await read();
    assertRange(
      numbers.filter((number) => number > 20),
      21,
      271,
    );
    assert.deepEqual(repeated, []);
    assert.ok(movedPx <= 2, `${movedPx} px`);
    // The stream keeps the newest 100.
    assert.ok(proxy.sent('read-history') > 0);
    await until(async () => (await ada.page.title()) === 'Lobby · Gale');
  });
}

test('M8: messages that were edited and deleted during the absence are so afterwards, also those before it', async (t) => {
  const lobby = await startLongLobby(t, 20);
  const ada = await ChatWindow.open(t, browser, lobby.server.url);
  const proxy = await SocketProxy.open(ada.page);
  await ada.logIn('Ada');
  await ada.log.getByText('message 20', { exact: true }).waitFor();
  proxy.cut();
  await ada.page.getByText('Reconnecting').first().waitFor();
  await lobby.bob.call('edit-message', { room: 'lobby', seq: 17, text: 'another 17' });
  await lobby.bob.call('delete-message', { room: 'lobby', seq: 18 });
  // The stream no longer has those two.
  await lobby.say(21, 170);
  await lobby.bob.call('edit-message', { room: 'lobby', seq: 22, text: 'another 22' });
  await lobby.bob.call('delete-message', { room: 'lobby', seq: 23 });
  await proxy.restore();
  await ada.log.locator('.unread-line').waitFor();
  const end = await until(async () => {
    const texts = await ada.texts();
    const from = texts.indexOf('message 16');
    return texts[from + 1] === 'another 17' && texts.slice(from, from + 9);
  });
  assert.deepEqual(end, [
    'message 16',
    'another 17',
    'message 19',
    'message 20',
    'message 21',
    'another 22',
    'message 24',
    'message 25',
    'message 26',
  ]);
  assert.equal(await ada.log.getByText(/^message (?:17|18|22|23)$/).count(), 0);
});
