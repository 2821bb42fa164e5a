/** Texts that cannot be sent because the person is no longer in the room: they stay visible, with the reason. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { SocketProxy } from './support/socket-proxy.ts';

const browser = await launchChromium();
after(() => browser.close());

test('unsent texts of a room that was removed stay until they are discarded', async (t) => {
  // Long enough to create a room and to cut the connection before it is removed.
  const { url, person } = await serveBuilt(t, { emptyRoomMs: 5000 });
  const bob = (await person('Bob')).connect();
  const ada = await ChatWindow.open(t, browser, url);
  const { page } = ada;
  const proxy = await SocketProxy.open(page);
  await ada.register('Ada');
  const removed = new Promise<void>((resolve) => {
    bob.on('event', ({ type }) => {
      if (type === 'room-removed') resolve();
    });
  });
  await page.getByRole('button', { name: 'New room' }).click();
  await page.getByLabel('Name of the room').fill('Short-lived');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Short-lived', level: 1 }).waitFor();
  proxy.cut();
  await ada.say('never sent');
  await ada.composer.pressSequentially('half a thought');
  await removed;
  await proxy.restore();

  const texts = page.getByRole('main').locator('.bubble');
  const check = async (): Promise<void> => {
    await page.getByRole('heading', { name: 'This room is gone' }).waitFor();
    await texts.nth(1).waitFor();
    assert.deepEqual(await texts.allInnerTexts(), ['never sent', 'half a thought']);
    assert.equal(await page.getByText('Not sent. This room is gone.').count(), 2);
    assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0);
    await page.getByRole('heading', { name: 'Short-lived', level: 1 }).waitFor();
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Short-lived.*Not sent$/ })
      .waitFor();
  };
  await page.getByText('Not sent. This room is gone.').nth(1).waitFor();
  await check();
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Lobby' }).click();
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Short-lived' }).click();
  await check();
  await page.getByRole('button', { name: 'Discard' }).first().click();
  await texts.nth(1).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Discard' }).click();
  await texts.first().waitFor({ state: 'detached' });
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Lobby' }).click();
  await page.getByRole('link', { name: 'Short-lived' }).waitFor({ state: 'detached' });
});

test('the draft of a room that the person left in another window stays visible, and is in the field after joining again', async (t) => {
  const { url, person } = await serveBuilt(t);
  const bob = (await person('Bob')).connect();
  await new Promise<void>((resolve) => void bob.on('welcome', () => resolve()));
  await bob.call('make-room', { name: 'Tea' });
  const ada = await ChatWindow.open(t, browser, url);
  const { page } = ada;
  await ada.register('Ada');
  await ada.joinRoom('Tea');
  await page.getByRole('heading', { name: 'Tea', level: 1 }).waitFor();
  await ada.composer.pressSequentially('half a thought');
  const second = new ChatWindow(await page.context().newPage(), url);
  await second.page.goto(page.url());
  await second.page.getByRole('button', { name: 'More about this room' }).click();
  await second.page.getByRole('button', { name: 'Leave room' }).click();
  await page.getByText('You are not in this room').waitFor();
  await page.getByRole('main').locator('.bubble', { hasText: 'half a thought' }).waitFor();
  await page.getByText('Not sent. You are no longer in this room.').waitFor();
  await page.getByRole('main').getByRole('button', { name: 'Join Tea' }).click();
  await ada.composer.waitFor();
  assert.equal(await ada.composer.inputValue(), 'half a thought');
});

test('a text that was typed right before the page is closed is in the field afterwards', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  // In one turn of the page, so that the timer of the draft cannot be due before.
  await ada.composer.evaluate((field: HTMLTextAreaElement) => {
    field.value = 'the last words';
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    location.reload();
  });
  await ada.page.waitForFunction(() => document.querySelector('textarea')?.value === 'the last words');
});
