/** M28: the theme follows the system live; an own choice survives a reload, and the first paint has it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

/** Whether the ground of the page is dark. */
function isDark(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d')!;
    canvas.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data[0]! < 128;
  });
}

test('a page follows the system until the person chooses, and all windows follow the choice', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url, { colorScheme: 'light' });
  await ada.register('Ada');
  assert.equal(await isDark(ada.page), false);
  await ada.page.emulateMedia({ colorScheme: 'dark' });
  assert.equal(await isDark(ada.page), true);
  await ada.page.emulateMedia({ colorScheme: 'light' });

  const settings = await ada.page.context().newPage();
  await settings.goto(`${url}/settings`);
  await settings.getByRole('radio', { name: 'Dark' }).check();
  await settings.getByRole('radio', { name: 'Ctrl+Enter', exact: true }).check();
  await settings.locator('#preferences button[type=submit]').click();
  await settings.getByText('Saved.').waitFor();
  assert.equal(await isDark(settings), true);
  await ada.page.locator('html[data-theme=dark]').waitFor();
  assert.equal(await isDark(ada.page), true);
  await ada.composer.fill('first');
  await ada.composer.press('Enter');
  assert.equal(await ada.composer.inputValue(), 'first\n');

  // The server writes the choice into the page, so it is there before any script.
  const html = await (await ada.page.context().request.get(url)).text();
  assert.match(html, /<html[^>]* data-theme="dark">/);
  await ada.page.reload();
  assert.equal(await isDark(ada.page), true);
  await ada.page.context().clearCookies({ name: /session/ });
  await ada.page.goto(`${url}/login`);
  assert.equal(await isDark(ada.page), true);
});

test('a picture and a new name are in open pages of others', async (t) => {
  const { url } = await serveBuilt(t);
  const [ada, bob] = [await ChatWindow.open(t, browser, url), await ChatWindow.open(t, browser, url)];
  await ada.register('Ada');
  await bob.register('Bob');
  await bob.sayAndSee('hello');
  await ada.seeTexts(['hello']);
  await bob.page.goto(`${url}/settings`);
  const png = await bob.page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = 800;
    canvas.height = 600;
    const context = canvas.getContext('2d')!;
    context.fillStyle = 'orange';
    context.fillRect(0, 0, 800, 600);
    return canvas.toDataURL('image/png').split(',')[1]!;
  });
  const file = { name: 'me.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') };
  await bob.page.locator('#picture-file').setInputFiles(file);
  await bob.page.getByText('Your picture is saved.').waitFor();
  await ada.log.locator('.avatar img').waitFor();
  await bob.page.locator('#profile input[name=name]').fill('Robert');
  await bob.page.locator('#profile form:has(input[name=name]) button[type=submit]').click();
  await bob.page.getByText('Saved.').waitFor();
  await ada.log.getByText('Robert').first().waitFor();
  const broken = { name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') };
  await bob.page.locator('#picture-file').setInputFiles(broken);
  await bob.page.getByText('The picture could not be read.').waitFor();
  await bob.page.getByText('Saved.').waitFor({ state: 'detached' });
});
