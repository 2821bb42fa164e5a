/** M6: messages that were typed while the server was down survive a reload and the end of the page, and arrive once and in order. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { startServer, temporaryFolder } from './support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

for (const how of ['closed', 'reloaded'] as const) {
  test(`M6: three messages typed without a server are sent after the page was ${how}, once and in order`, async (t) => {
    const args = [`--data=${await temporaryFolder(t)}`];
    const server = await startServer(t, { args });
    let ada = await ChatWindow.open(t, browser, server.url);
    const bob = await ChatWindow.open(t, browser, server.url);
    await ada.register('Ada');
    await bob.register('Bob');
    await ada.sayAndSee('before');
    await bob.seeTexts(['before']);
    await server.end('SIGKILL');
    const typed = ['typed while offline', '断线时写的 🌙', 'and a third'];
    for (const text of typed) await ada.say(text);
    await ada.composer.pressSequentially('half a thought');
    await ada.seeTexts(['before', ...typed]);
    assert.equal(await ada.log.locator('.message--pending').count(), 3);
    if (how === 'closed') {
      const context = ada.page.context();
      await ada.page.close();
      ada = new ChatWindow(await context.newPage(), server.url);
      // Without a server there is no page, only what the browser has stored.
    } else await assert.rejects(ada.page.reload(), /ERR_CONNECTION_REFUSED/);
    await startServer(t, { args: [...args, `--port=${new URL(server.url).port}`] });
    await ada.page.goto(server.url);
    for (const window of [ada, bob]) await window.seeTexts(['before', ...typed]);
    await ada.log.locator('.message--pending').first().waitFor({ state: 'detached' });
    assert.equal(await ada.composer.inputValue(), 'half a thought');
    await bob.sayAndSee('after');
    for (const window of [ada, bob]) await window.seeTexts(['before', ...typed, 'after']);
  });
}
