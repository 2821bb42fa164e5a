/**
 * What a person in front of the page sees while the database or Redis is gone: what they send waits with a clock, and is sent once when it is
 * back. Other windows get it once, and the history has it once.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { outages } from './support/outages.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

for (const { name, skip, storesNothing, logs, start } of outages) {
  test(`${name}: what a person sends meanwhile is sent once, and nobody gets it twice`, { skip }, async (t) => {
    const { server, begin, end } = await start(t);
    const ada = await ChatWindow.open(t, browser, server.url);
    const bob = await ChatWindow.open(t, browser, server.url);
    await ada.register('Ada');
    await bob.register('Bob');
    await ada.sayAndSee('before');
    await bob.seeTexts(['before']);
    const texts = ['written meanwhile', '断开时写的 🌙', 'and **another**'];
    await begin();
    for (const text of texts) await ada.say(text);
    await ada.seeTexts(['before', 'written meanwhile', '断开时写的 🌙', 'and another']);
    // The composer works, and nothing is marked as failed.
    assert.equal(await ada.composer.isEnabled(), true);
    assert.equal(await ada.log.locator('.message--failed').count(), 0);
    // A change that needs the database says that it cannot be done now.
    await ada.page.getByRole('button', { name: 'New room' }).click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByRole('textbox').first().fill('Tea');
    await dialog.getByRole('textbox').first().press('Enter');
    assert.match(await dialog.getByRole('alert').innerText(), /^Nothing can be saved just now\. Please try again/);
    await ada.page.keyboard.press('Escape');
    if (storesNothing) {
      await ada.page.getByText('The server cannot save messages just now.').waitFor();
      assert.equal(
        await ada.log
          .locator('.message--pending')
          .getByRole('img', { name: /^Sending|^Waiting/ })
          .count(),
        3,
      );
      await bob.seeTexts(['before']);
    }
    await end();
    await ada.page.getByText('The server cannot save messages just now.').waitFor({ state: 'detached' });
    const all = ['before', 'written meanwhile', '断开时写的 🌙', 'and another'];
    await ada.log.locator('.message--pending').first().waitFor({ state: 'detached' });
    for (const window of [ada, bob]) await window.seeTexts(all);
    await bob.sayAndSee('after');
    for (const window of [ada, bob]) await window.seeTexts([...all, 'after']);
    await ada.page.reload();
    await ada.seeTexts([...all, 'after']);
    assert.equal(await ada.log.locator('.message--pending, .message--failed').count(), 0);
    // Of a full disk, the stream may complain first.
    await until(() => logs.test(server.output));
    assert.doesNotMatch(server.output, /UnhandledRejection|uncaught/i);
  });
}
