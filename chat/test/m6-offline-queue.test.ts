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

test('M6: what a closed window could not send is in another window of the browser, which sends it once and in order', async (t) => {
  const args = [`--data=${await temporaryFolder(t)}`];
  const server = await startServer(t, { args });
  const ada = await ChatWindow.open(t, browser, server.url);
  const bob = await ChatWindow.open(t, browser, server.url);
  await bob.register('Bob');
  await ada.register('Ada');
  await ada.sayAndSee('before');
  const second = new ChatWindow(await ada.page.context().newPage(), server.url);
  await second.page.goto(server.url);
  await second.seeTexts(['before']);
  // Both windows have loaded the part that does it.
  for (const { page } of [ada, second]) {
    await page.getByRole('button', { name: 'Your menu, Ada' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    await page.keyboard.press('Escape');
  }
  await server.end('SIGKILL');
  const typed = ['one', '断线时写的', 'three'];
  for (const text of typed) await ada.say(text);
  await ada.log.locator('.message--pending').nth(2).waitFor();
  await second.say('from here');
  await ada.page.close();
  const all = ['before', 'from here', ...typed];
  await second.seeTexts(all);
  await startServer(t, { args: [...args, `--port=${new URL(server.url).port}`] });
  await second.log.locator('.message--pending').first().waitFor({ state: 'detached' });
  await bob.sayAndSee('after');
  for (const window of [second, bob]) await window.seeTexts([...all, 'after']);
  await second.page.reload();
  await second.seeTexts([...all, 'after']);
});
