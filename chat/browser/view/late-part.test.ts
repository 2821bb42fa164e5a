/** What the page loads when it is idle, and what happens before that. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from '../../test/support/built-app.ts';
import { ChatWindow } from '../../test/support/chat-window.ts';
import { launchChromium } from '../../test/support/chromium.ts';
import { openBeforePart } from '../../test/support/held-part.ts';

const browser = await launchChromium();
after(() => browser.close());

test('what a person opens later is there without a connection', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  // The language that the page does not show is the last part.
  const last = ada.page.waitForResponse(/zh-cn-.*\.js$/);
  await ada.register('Ada');
  await ada.sayAndSee('hello');
  await (await last).finished();
  await ada.page.context().setOffline(true);
  await ada.page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await ada.page.getByRole('link', { name: 'Settings' }).waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.page.getByRole('button', { name: 'Mentions of you' }).click();
  await ada.page.getByRole('dialog').waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.log.getByText('hello').hover();
  await ada.page.getByRole('button', { name: 'Reply' }).click();
  await ada.page.getByRole('button', { name: 'Cancel reply' }).waitFor();
  await ada.page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await ada.page.getByRole('button', { name: '简体中文' }).click();
  await ada.page.getByRole('button', { name: 'Ada的菜单' }).waitFor();
});

test('a menu that is opened before its entries are loaded says so, and then has them', async (t) => {
  const { ada, release } = await openBeforePart(t, browser, /late-parts-.*\.js$/);
  await ada.page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await ada.page.locator('.user-menu').getByText('Loading…').waitFor();
  release();
  await ada.page.getByRole('button', { name: 'Log out' }).waitFor();
});

test('a name that is typed before the suggestions are loaded stays, and Enter sends it', async (t) => {
  const { ada, release } = await openBeforePart(t, browser, /late-parts-.*\.js$/);
  await ada.composer.pressSequentially('hello @al');
  await ada.composer.press('Enter');
  await ada.log.locator('.message--sent', { hasText: 'hello @al' }).waitFor();
  await ada.composer.pressSequentially('@al');
  release();
  await ada.page.getByRole('listbox', { name: 'People to mention' }).getByText('all').first().waitFor();
  assert.equal(await ada.composer.inputValue(), '@al');
});

test('a name of an emoji that is typed before the list is loaded has it then', async (t) => {
  const { ada, release } = await openBeforePart(t, browser, /late-parts-.*\.js$/);
  await ada.composer.pressSequentially('so :tad');
  release();
  await ada.page.getByRole('listbox', { name: 'Emoji' }).getByRole('option', { name: 'tada' }).waitFor();
  await ada.composer.press('Enter');
  assert.equal(await ada.composer.inputValue(), 'so 🎉');
});

test('Up before what it does is loaded edits the last message then', async (t) => {
  const { ada, release } = await openBeforePart(t, browser, /late-parts-.*\.js$/);
  await ada.sayAndSee('hello');
  await ada.composer.press('ArrowUp');
  release();
  await ada.seeComposed('hello');
});

test('a message that is pointed at before its actions are loaded has them then', async (t) => {
  const { ada, release } = await openBeforePart(t, browser, /message-actions-.*\.js$/);
  await ada.sayAndSee('hello');
  await ada.rowOf('hello').hover();
  release();
  await ada.rowOf('hello').getByRole('button', { name: 'Reply' }).waitFor();
});

test('the late parts are loaded as soon as there is a connection', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  let isOffline = true;
  const failed = ada.page.waitForEvent('requestfailed', {
    predicate: (request) => request.url().includes('late-parts'),
  });
  await ada.page.route(/late-parts-.*\.js/, (route) => (isOffline ? route.abort() : route.continue()));
  await ada.register('Ada');
  await failed;
  isOffline = false;
  await ada.page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await ada.page.getByRole('button', { name: 'Log out' }).waitFor();
});
