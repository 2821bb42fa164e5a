/** M11: what is unread, the same in all windows of a person; and all of it marked as read, with an undo. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { launchChromium } from './support/chromium.ts';
import { startLongLobby } from './support/history-window.ts';

const browser = await launchChromium();
after(() => browser.close());

/** Titles of a window. The dot is for unread messages that are not for this person. */
const read = 'Lobby · Gale';
const unread = '• Lobby · Gale';

test('messages are unread until the window has the focus and shows them, and then in the second window too', async (t) => {
  const lobby = await startLongLobby(t, 5);
  const one = await lobby.open(browser);
  const other = await lobby.open(browser);
  for (const window of [one, other]) {
    await window.log.getByText('message 5', { exact: true }).waitFor();
    await window.setFocused(false);
  }
  await lobby.say(6, 8);
  for (const window of [one, other]) {
    await window.page.waitForFunction((expected) => document.title === expected, unread);
    await window.seeUnread(['message 6', 'message 7', 'message 8']);
    await window.page.getByRole('link', { name: 'Lobby 3 unread messages' }).waitFor();
  }
  await one.setFocused(true);
  for (const window of [one, other]) {
    await window.page.waitForFunction((expected) => document.title === expected, read);
    await window.page.getByRole('link', { name: 'Lobby', exact: true }).waitFor();
  }
  assert.deepEqual(await other.unreadTexts(), ['message 6', 'message 7', 'message 8'], 'the line stays');
});

test('all is marked as read from the menu, and an undo makes it unread again in all windows', async (t) => {
  const lobby = await startLongLobby(t, 5);
  const one = await lobby.open(browser);
  const other = await lobby.open(browser);
  for (const window of [one, other]) await window.setFocused(false);
  await lobby.say(6, 8);
  const see = async (title: string): Promise<void> => {
    for (const { page } of [one, other]) {
      await page.waitForFunction((expected) => document.title === expected, title);
    }
  };
  await see(unread);
  await one.page.getByRole('button', { name: /^Your menu/ }).click();
  await one.page.getByRole('button', { name: 'Mark all as read' }).click();
  await see(read);
  await one.page.getByRole('button', { name: 'Undo' }).click();
  await see(unread);
});
