/** M11: what is unread, the same in all windows of a person; and all of it marked as read, with an undo. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { Locator } from 'playwright-core';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { startLongLobby } from './support/history-window.ts';
import { within } from './support/within.ts';

const browser = await launchChromium();
after(() => browser.close());

/** Titles of a window. The dot is for unread messages that are not for this person. */
const read = 'Lobby · Gale';
const unread = '• Lobby · Gale';

test('M11: messages are unread until the window has the focus and shows them, and then in the second window too', async (t) => {
  const lobby = await startLongLobby(t, 5);
  const one = await lobby.open(browser);
  const other = await lobby.open(browser);
  // What the icon of the installed page shows.
  await one.page.addInitScript(() => {
    Object.assign(navigator, {
      setAppBadge: async (count?: number) => void (document.documentElement.dataset['badge'] = String(count ?? 'dot')),
      clearAppBadge: async () => void (document.documentElement.dataset['badge'] = 'none'),
    });
  });
  await one.page.reload();
  const badge = (shown: string): Promise<unknown> =>
    one.page.waitForFunction((expected) => document.documentElement.dataset['badge'] === expected, shown);
  await badge('none');
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
  await badge('dot');
  await one.setFocused(true);
  await badge('none');
  for (const window of [one, other]) {
    await window.page.waitForFunction((expected) => document.title === expected, read);
    await window.page.getByRole('link', { name: 'Lobby', exact: true }).waitFor();
  }
  assert.deepEqual(await other.unreadTexts(), ['message 6', 'message 7', 'message 8'], 'the line stays');
});

test('M11: all is marked as read from the menu, and an undo makes it unread again in all windows', async (t) => {
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

interface OpenedTwice {
  /** Ada's window, in the room Tea. */
  readonly ada: ChatWindow;
  /** Bob's window, in the lobby. */
  readonly bob: ChatWindow;
  /** A second tab of Bob's browser, in the lobby too. */
  readonly tab: ChatWindow;
}

/** Opens windows of Ada and Bob, who are both in the room Tea. */
async function openTwice(t: TestContext): Promise<OpenedTwice> {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.page.getByRole('button', { name: 'New room' }).click();
  await ada.page.getByLabel('Name of the room').fill('Tea');
  await ada.page.keyboard.press('Enter');
  await ada.page.getByRole('heading', { name: 'Tea', level: 1 }).waitFor();
  const bob = await ChatWindow.open(t, browser, url);
  await bob.register('Bob');
  await bob.joinRoom('Tea');
  await ada.sayAndSee('before');
  await bob.seeTexts(['before']);
  await goTo(bob, 'Lobby');
  const tab = new ChatWindow(await bob.page.context().newPage(), url);
  await tab.page.goto(`${url}/#/rooms/lobby`);
  await tab.page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  return { ada, bob, tab };
}

async function goTo({ page }: ChatWindow, room: string): Promise<void> {
  await page.getByRole('link', { name: new RegExp(`^${room}`) }).click();
  await page.getByRole('heading', { name: room, level: 1 }).waitFor();
}

/** The room in the list, with this number of unread messages. */
function entry({ page }: ChatWindow, unread: number): Locator {
  if (unread === 0) return page.getByRole('link', { name: 'Tea', exact: true });
  return page.getByRole('link', { name: `Tea ${unread} unread message${unread === 1 ? '' : 's'}`, exact: true });
}

const weightOf = (one: Locator): Promise<number> =>
  one.locator('.room-link-name').evaluate((name) => Number(getComputedStyle(name).fontWeight));

test('M11: an unread room is bold and has a number in the list, the line is before its first unread message, and a second tab has it as read within a second', async (t) => {
  const { ada, bob, tab } = await openTwice(t);
  for (const window of [bob, tab]) assert.ok((await weightOf(entry(window, 0))) < 600);
  await ada.sayAndSee('one');
  await ada.sayAndSee('two');
  for (const window of [bob, tab]) {
    await entry(window, 2).waitFor();
    assert.ok((await weightOf(entry(window, 2))) >= 600, 'bold');
    await window.page.waitForFunction((title) => document.title === title, unread);
  }

  // Opened without the focus, it stays unread.
  await bob.setFocused(false);
  await goTo(bob, 'Tea');
  await bob.seeTexts(['before', 'one', 'two']);
  await bob.seeUnread(['one', 'two']);
  await ada.sayAndSee('three');
  for (const window of [bob, tab]) await entry(window, 3).waitFor();
  const isRead = tab.page.waitForFunction((title) => document.title === title, read);
  await bob.setFocused(true);
  await within(Promise.all([isRead, entry(tab, 0).waitFor()]), () => 'the second tab', 1000);
  assert.ok((await weightOf(entry(tab, 0))) < 600);
  await entry(bob, 0).waitFor();

  // The line stays while Bob reads, and is gone when he comes back.
  await bob.seeUnread(['one', 'two', 'three']);
  await goTo(bob, 'Lobby');
  await goTo(bob, 'Tea');
  await bob.seeTexts(['before', 'one', 'two', 'three']);
  assert.deepEqual(await bob.unreadTexts(), []);

  // A message that arrives without the focus brings it, and an own message removes it.
  await bob.setFocused(false);
  await ada.sayAndSee('four');
  await bob.seeUnread(['four']);
  await bob.setFocused(true);
  await bob.sayAndSee('an answer');
  await bob.seeUnread([]);
  await entry(tab, 0).waitFor();
});

test('M11: a room is not unread after its only unread message was deleted, nor after a reload', async (t) => {
  const { ada, bob, tab } = await openTwice(t);
  await ada.sayAndSee('a mistake');
  for (const window of [bob, tab]) await entry(window, 1).waitFor();
  await ada.choose('a mistake', 'Recall');
  for (const window of [bob, tab]) {
    await entry(window, 0).waitFor();
    await window.page.waitForFunction((title) => document.title === title, read);
  }
  await bob.page.reload();
  await entry(bob, 0).waitFor();
  await ada.sayAndSee('for real');
  await entry(bob, 1).waitFor();
  await goTo(bob, 'Tea');
  await bob.seeUnread(['for real']);
});

test('M11: messages below the screen are unread in all windows until the person scrolls to them', async (t) => {
  const lobby = await startLongLobby(t, 60);
  const one = await lobby.open(browser);
  const other = await lobby.open(browser);
  for (const window of [one, other]) await window.log.getByText('message 60', { exact: true }).waitFor();
  await other.setFocused(false);
  await one.log.evaluate((log) => (log.scrollTop = 0));
  await one.page.getByRole('button', { name: 'Jump to newest' }).waitFor();
  await lobby.say(61, 63);
  for (const window of [one, other]) {
    await window.page.waitForFunction((expected) => document.title === expected, unread);
    await window.page.getByRole('link', { name: 'Lobby 3 unread messages' }).waitFor();
  }
  await one.log.evaluate((log) => (log.scrollTop = log.scrollHeight));
  for (const window of [one, other]) await window.page.getByRole('link', { name: 'Lobby', exact: true }).waitFor();
});
