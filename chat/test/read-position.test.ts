/** The read position: it follows the messages that were on screen while the window had the focus. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { Visitor } from './support/chat-server.ts';
import { manyMessages, serveAsProgram } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

interface Opened {
  readonly ada: ChatWindow;
  readonly page: Page;
  readonly say: (texts: readonly string[]) => Promise<void>;
}

/** Opens the lobby in a window of Ada, who has read "before" and missed `missed`. */
async function open(
  t: TestContext,
  missed: readonly string[] = [],
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const { url } = await serveAsProgram(t, manyMessages);
  const visitor = new Visitor(t, url);
  await visitor.register('Bob');
  const bob = visitor.connect();
  const say = async (texts: readonly string[]): Promise<void> => {
    await Promise.all(texts.map((text) => bob.publish('lobby', { text }).published));
  };
  await say(['before']);
  await new Visitor(t, url).register('Ada');
  await say(missed);
  const ada = await ChatWindow.open(t, browser, url, options);
  await ada.logIn('Ada');
  if (options.isMobile) await ada.page.getByRole('link', { name: /^Lobby/ }).click();
  await ada.seeTexts(['before', ...missed]);
  return { ada, page: ada.page, say };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `message ${index + 1}`);

/** Waits until the list of rooms counts this number of unread messages of the lobby, and the title has a dot if there are any. */
async function seeCount(page: Page, count: number): Promise<void> {
  const title = count === 0 ? 'Lobby · Gale' : '• Lobby · Gale';
  await page.waitForFunction(
    ([expected, text]) => {
      const badge = document.querySelector('.room-link[href$="lobby"] .badge [aria-hidden]');
      return document.title === expected && (badge?.textContent ?? '') === text;
    },
    [title, count === 0 ? '' : String(count)],
  );
}

/** Scrolls a message to the lower edge of the log. */
async function scrollTo(ada: ChatWindow, text: string): Promise<void> {
  await ada.log
    .getByText(text, { exact: true })
    .evaluate((one) => one.closest('.message')?.scrollIntoView({ block: 'end' }));
}

/** The last message whose end is on screen. */
function lastSeen(ada: ChatWindow): Promise<number> {
  return ada.log.evaluate((log) => {
    const edge = log.getBoundingClientRect().bottom + 1;
    const seen = [...log.querySelectorAll('.message')].filter((row) => row.getBoundingClientRect().bottom <= edge);
    return Number(seen.at(-1)?.querySelector('.bubble')?.textContent.replace('message ', ''));
  });
}

test('messages that were on screen are read, those below are not, also after a reload', async (t) => {
  const { ada, page } = await open(t, numbered(80));
  // It makes the log lower.
  await page.getByRole('button', { name: /^Jump to newest/ }).waitFor();
  const first = await lastSeen(ada);
  assert.ok(first > 3 && first < 40, `${first}`);
  await seeCount(page, 80 - first);
  await scrollTo(ada, `message ${first + 10}`);
  const second = await lastSeen(ada);
  assert.ok(second >= first + 10 && second < 80);
  await seeCount(page, 80 - second);
  await ada.seeUnread(numbered(80));
  await page.reload();
  await ada.seeUnread(numbered(80).slice(second));
});

test('messages that the person has jumped over stay unread, and a button leads to them', async (t) => {
  const { ada, page } = await open(t, numbered(80));
  // It makes the log lower.
  await page.getByRole('button', { name: /^Jump to newest/ }).waitFor();
  const first = await lastSeen(ada);
  await ada.log.evaluate((log) => (log.scrollTop = log.scrollHeight));
  const up = page.getByRole('button', { name: `Go to the first of ${80 - first} unread messages` });
  await up.click();
  await seeCount(page, 80 - (await lastSeen(ada)));
  assert.ok((await lastSeen(ada)) > first);
  // From there the person scrolls down without a jump.
  for (let last = await lastSeen(ada); last < 80; last = await lastSeen(ada)) {
    await scrollTo(ada, `message ${Math.min(80, last + 5)}`);
    await seeCount(page, 80 - (await lastSeen(ada)));
  }
  await seeCount(page, 0);
  await page.getByRole('button', { name: /unread/ }).waitFor({ state: 'detached' });
});

test('messages that arrived without the focus and left the screen stay unread; Esc marks them as read', async (t) => {
  const { ada, page, say } = await open(t);
  await ada.setFocused(false);
  await say(numbered(60));
  await seeCount(page, 60);
  await ada.setFocused(true);
  await page.getByRole('button', { name: 'Go to the first of 60 unread messages' }).waitFor();
  await ada.seeUnread(numbered(60));
  await page.keyboard.press('Escape');
  await seeCount(page, 0);
});

test('messages that were marked as unread stay unread after a reload and in a second window, until the room is left', async (t) => {
  const { ada, page, say } = await open(t);
  await say(numbered(5));
  await ada.seeTexts(['before', ...numbered(5)]);
  await seeCount(page, 0);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await seeCount(other, 0);
  await ada.choose('message 3', 'Mark unread from here');
  for (const window of [page, other]) await seeCount(window, 3);
  await say(['message 6']);
  await seeCount(page, 4);
  await page.reload();
  await ada.seeUnread(numbered(6).slice(2));
  await seeCount(page, 4);
  await page.getByRole('button', { name: 'New room' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name of the room' }).fill('Tea');
  await page.getByRole('dialog').getByRole('button', { name: 'Create room' }).click();
  await page.getByRole('heading', { name: 'Tea', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Lobby 4 unread messages' }).click();
  await seeCount(page, 0);
});

test('an own message marks all messages of the room as read', async (t) => {
  const { ada, page } = await open(t, numbered(80));
  await ada.say('answer');
  await seeCount(page, 0);
  await page.reload();
  await ada.seeTexts(['before', ...numbered(80), 'answer']);
  assert.deepEqual(await ada.unreadTexts(), []);
});

test('messages behind the list of a phone are not read', async (t) => {
  const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };
  const { page, say } = await open(t, [], phone);
  await page.getByRole('link', { name: 'Back to the rooms' }).tap();
  await say(['one', 'two']);
  await page.getByRole('link', { name: 'Lobby 2 unread messages' }).tap();
  await page.waitForFunction(() => document.title === 'Lobby · Gale');
});

for (const width of [360, 1280]) {
  test(`the button that jumps to the newest message covers no message at ${width} px, and moves none`, async (t) => {
    const isMobile = width < 760;
    const { ada, page } = await open(t, numbered(80), {
      viewport: { width, height: 720 },
      isMobile,
      hasTouch: isMobile,
    });
    const jump = page.getByRole('button', { name: /^Jump to newest/ });
    await jump.waitFor();
    const [button, log] = [await jump.boundingBox(), await ada.log.boundingBox()];
    assert.ok(button && log && button.y >= log.y + log.height, JSON.stringify([button, log]));
    await jump.click();
    await jump.waitFor({ state: 'detached' });
    await seeCount(page, 0);
    const fromEnd = await ada.log.evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight);
    assert.ok(fromEnd <= 1, `${fromEnd}`);
    const middle = ada.log.getByText('message 75', { exact: true });
    const before = await middle.boundingBox();
    await ada.log.evaluate((one) => (one.scrollTop -= 150));
    await jump.waitFor();
    assert.ok(Math.abs((await middle.boundingBox())!.y - before!.y - 150) <= 1);
  });
}
