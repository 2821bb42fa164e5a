/** Parts of the page that arrive late, or not at all. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from '../../test/support/built-app.ts';
import { ChatWindow } from '../../test/support/chat-window.ts';
import { launchChromium } from '../../test/support/chromium.ts';
import { openBeforePart } from '../../test/support/held-part.ts';
import { LazyPart } from './lazy-part.ts';

const browser = await launchChromium();
after(() => browser.close());

test('a part that was loaded before somebody waits for it is there at once', async () => {
  const part = new LazyPart(() => Promise.resolve('the module'));
  const seen: unknown[] = [];
  part.onLoaded(() => seen.push(['early', part.loaded]));
  await part.load();
  // As a component does whose effect runs after the file has arrived.
  part.onLoaded(() => seen.push(['late', part.loaded]));
  await part.load();
  assert.deepEqual(seen, [
    ['early', 'the module'],
    ['late', 'the module'],
  ]);
});

test('keys after Ctrl+K open the room that they name, also if its list is loaded after them, and the next text is for that room', async (t) => {
  const { ada, release } = await openBeforePart(t, browser, /room-dialogs-.*\.js$/);
  await ada.page.evaluate(() => (location.hash = '#/rooms/nothing'));
  await ada.page.getByRole('heading', { name: 'There is no such room' }).waitFor();
  await ada.page.keyboard.press('Control+k');
  await ada.page.keyboard.type('lob');
  await ada.page.keyboard.press('Enter');
  await ada.page.getByRole('dialog').getByText('Loading').waitFor();
  release();
  await ada.page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
  await ada.sayAndSee('hello');
});

test('a dialog whose file cannot be loaded says why, keeps the keys, and is there after "Try again"', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  let isOffline = true;
  await ada.page.route(/room-dialogs-.*\.js/, (route) => (isOffline ? route.abort() : route.continue()));
  await ada.register('Ada');
  await ada.composer.waitFor();
  await ada.page.keyboard.press('Control+k');
  await ada.page.keyboard.type('lob');
  const dialog = ada.page.getByRole('dialog');
  await dialog.getByText('There is no connection just now').waitFor();
  isOffline = false;
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await dialog.getByRole('option', { name: 'Lobby' }).waitFor();
  assert.equal(await dialog.getByRole('combobox').inputValue(), 'lob');
});

test('keys before a dialog is loaded press none of its buttons, and the loaded dialog has the focus in its first field', async (t) => {
  const { ada, release } = await openBeforePart(t, browser, /room-dialogs-.*\.js$/);
  await ada.page.getByRole('button', { name: 'New room' }).click();
  const dialog = ada.page.getByRole('dialog');
  await dialog.getByText('Loading').waitFor();
  await ada.page.keyboard.type('Sec');
  await ada.page.keyboard.press('Enter');
  assert.ok(await dialog.getByText('Loading').isVisible());
  release();
  await dialog.getByRole('textbox', { name: 'Name' }).waitFor();
  await ada.page.keyboard.type('Second');
  await ada.page.keyboard.press('Enter');
  await ada.page.getByRole('heading', { name: 'Second', level: 1 }).waitFor();
  assert.equal(await ada.composer.inputValue(), '');
});
