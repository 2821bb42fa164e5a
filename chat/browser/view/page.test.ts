/** Behaviour of the page that needs a real browser: scroll position, focus, attention. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { RoomsClient } from 'gale/client';
import { manyMessages, serveAsProgram } from '../../test/support/built-app.ts';
import { ChatWindow } from '../../test/support/chat-window.ts';
import { launchChromium } from '../../test/support/chromium.ts';
import { SocketProxy } from '../../test/support/socket-proxy.ts';
import { Visitor } from '../../test/support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

/** Opens the lobby in a window of Ada, and connects Bob without a window. */
async function open(
  t: TestContext,
  earlier: readonly string[] = [],
  options: BrowserContextOptions = {},
): Promise<{ ada: ChatWindow; page: Page; bob: RoomsClient; say: (...texts: string[]) => Promise<void> }> {
  const server = await serveAsProgram(t, manyMessages);
  const visitor = new Visitor(t, server.url);
  await visitor.register('Bob');
  const bob = visitor.connect();
  const say = async (...texts: string[]): Promise<void> => {
    await Promise.all(texts.map((text) => bob.publish('lobby', { text }).published));
  };
  await say(...earlier);
  const ada = await ChatWindow.open(t, browser, server.url, options);
  await ada.register('Ada');
  // On a phone the page opens with the list.
  if (options.isMobile) await ada.page.getByRole('link', { name: 'Lobby' }).click();
  await ada.composer.waitFor();
  await ada.seeTexts(earlier);
  return { ada, page: ada.page, bob, say };
}

const numbered = (word: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${word} ${i + 1}`);
const fromEnd = (page: Page): Promise<number> =>
  page.getByRole('log').evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
const frame = (page: Page): Promise<unknown> =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

test('does not scroll in the middle when messages arrive; a button shows their count and jumps to the newest', async (t) => {
  const { ada, page, say } = await open(t, numbered('old', 60));
  await ada.log.evaluate((log) => (log.scrollTop = log.scrollHeight / 2));
  const jump = page.getByRole('button', { name: /^Jump to newest/ });
  await jump.waitFor();
  const middle = ada.log.getByText('old 30', { exact: true });
  const before = (await middle.boundingBox())?.y ?? NaN;
  await say(...numbered('new', 20));
  await page.getByRole('button', { name: 'Jump to newest, 20 unread messages' }).waitFor();
  await frame(page);
  assert.ok(Math.abs(((await middle.boundingBox())?.y ?? NaN) - before) <= 1);
  await page.waitForFunction(() => document.title === '• Lobby · Gale');
  await jump.click();
  await page.waitForFunction(() => document.title === 'Lobby · Gale');
  assert.ok((await fromEnd(page)) <= 1);
  await jump.waitFor({ state: 'hidden' });
});

/** In a page: its socket keeps the frames that arrive while `held` is a list. */
declare global {
  interface Window {
    held?: (() => void)[] | undefined;
  }
}

function holdFrames(): void {
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', (event) => {
        if (!window.held) return;
        event.stopImmediatePropagation();
        window.held.push(() => this.dispatchEvent(new MessageEvent('message', { data: event.data })));
      });
    }
  };
}

test('a person who scrolls up in the moment in which a message arrives stays there', async (t) => {
  const { ada, page, say } = await open(t, numbered('old', 60));
  await page.addInitScript(holdFrames);
  await page.reload();
  await ada.seeTexts(numbered('old', 60));
  await page.evaluate(() => (window.held = []));
  await say('new');
  await page.waitForFunction(() => window.held!.length > 0);
  // A page that gets no frame for some time draws without one, so that the scroll event comes after the message.
  await ada.log.evaluate(async (log) => {
    const frames = window.held!;
    window.held = undefined;
    const { setTimeout } = window;
    window.setTimeout = queueMicrotask as unknown as typeof setTimeout;
    log.scrollTop = 0;
    for (const arrive of frames) arrive();
    for (let step = 0; step < 10; step++) await Promise.resolve();
    window.setTimeout = setTimeout;
    if (!log.textContent.includes('new')) throw new Error('The message is not drawn before the frame.');
  });
  await page.getByRole('button', { name: 'Jump to newest, 1 unread message' }).waitFor();
  await ada.log.getByText('new', { exact: true }).waitFor();
  assert.equal(await ada.log.evaluate((log) => log.scrollTop), 0);
});

test('in the middle, what changes its size in the moment in which the person scrolls moves nothing', async (t) => {
  const { ada, page } = await open(t, numbered('old', 60));
  const row = ada.log.getByText('old 30', { exact: true });
  await row.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await page.getByRole('button', { name: /^Jump to newest/ }).waitFor();
  await frame(page);
  const top = (): Promise<number> => row.evaluate((element) => element.getBoundingClientRect().top);
  const before = await top();
  for (const [index, heightPx] of [47, 0].entries()) {
    // The event of the scroll comes in the next frame, before the observer of sizes.
    await ada.log.evaluate((log, px) => {
      log.scrollTop -= 20;
      document.querySelector('main')!.style.paddingTop = `${px}px`;
    }, heightPx);
    await frame(page);
    const movedPx = (await top()) - before;
    assert.ok(Math.abs(movedPx - 20 * (index + 1)) <= 1, `moved by ${movedPx} px`);
  }
});

test('stays at the end when messages arrive, the field grows or the window shrinks', async (t) => {
  const { ada, page, say } = await open(t, numbered('old', 40));
  assert.ok((await fromEnd(page)) <= 1);
  await say('a\nmessage\nof\nmany\nlines', 'and another');
  await ada.log.getByText('and another').waitFor();
  await frame(page);
  assert.ok((await fromEnd(page)) <= 1);
  await ada.composer.fill('one\ntwo\nthree\nfour\nfive\nsix');
  await frame(page);
  assert.ok((await fromEnd(page)) <= 1);
  await page.setViewportSize({ width: 700, height: 400 });
  await frame(page);
  assert.ok((await fromEnd(page)) <= 1);
});

/** Changes sizes between two frames, so that the scroll events of all changes arrive together. */
async function resizeAtOnce(page: Page, ...heights: [selector: string, height: string][]): Promise<void> {
  await page.evaluate((changes) => {
    for (const [selector, height] of changes) {
      const element = document.querySelector<HTMLElement>(selector)!;
      element.style.setProperty(selector === ':root' ? '--visible-height' : 'height', height);
      // The browser corrects the scroll position only when it lays out the page.
      element.getBoundingClientRect();
    }
  }, heights);
  await frame(page);
}

test('stays at the end when the field becomes smaller and a keyboard then covers half of the window', async (t) => {
  const { ada, page } = await open(t, numbered('old', 40));
  const jump = page.getByRole('button', { name: /^Jump to newest/ });
  await ada.composer.fill('one\ntwo\nthree\nfour\nfive\nsix');
  await frame(page);
  await ada.composer.fill('');
  await page.setViewportSize({ width: 1280, height: 400 });
  await frame(page);
  assert.ok((await fromEnd(page)) <= 1, 'the window shrank');

  await page.setViewportSize({ width: 1280, height: 800 });
  await resizeAtOnce(page, ['#composer', '160px']);
  await resizeAtOnce(page, ['#composer', '40px'], [':root', '360px']);
  assert.ok((await fromEnd(page)) <= 1, 'the keyboard of Safari covered the page');
  await resizeAtOnce(page, [':root', '800px'], [':root', '300px']);
  assert.ok((await fromEnd(page)) <= 1, 'the keyboard closed and opened');
  await resizeAtOnce(page, ['.message', '0px'], ['.message', '500px']);
  assert.ok((await fromEnd(page)) <= 1, 'a message became smaller, then larger');
  assert.ok(await jump.isHidden());

  await resizeAtOnce(page, [':root', '800px'], ['.message', '500px']);
  await ada.log.hover();
  await page.mouse.wheel(0, -400);
  await jump.waitFor();
  await resizeAtOnce(page, [':root', '500px'], [':root', '700px']);
  assert.ok((await fromEnd(page)) > 100, 'a person who scrolled up stays there');
});

test('a window that grows to the newest message is at the end', async (t) => {
  const { ada, page, say } = await open(t, numbered('old', 12), { viewport: { width: 1280, height: 300 } });
  await ada.log.evaluate((log) => (log.scrollTop = 0));
  await page.getByRole('button', { name: 'Jump to newest' }).waitFor();
  await page.setViewportSize({ width: 1280, height: 1000 });
  await page.getByRole('button', { name: 'Jump to newest' }).waitFor({ state: 'hidden' });
  await say('read at once');
  await ada.log.getByText('read at once').waitFor();
  await page.waitForFunction(() => document.title === 'Lobby · Gale');
});

test('scrolls to an own message', async (t) => {
  const { ada, page } = await open(t, numbered('old', 60));
  await ada.log.evaluate((log) => (log.scrollTop = 0));
  await page.getByRole('button', { name: 'Jump to newest' }).waitFor();
  await ada.sayAndSee('mine');
  await frame(page);
  assert.ok((await fromEnd(page)) <= 1);
});

test('messages without attention stay unread, below a line, until the window has attention', async (t) => {
  const { ada, page, say } = await open(t, ['before']);
  await ada.setFocused(false);
  await say('one', 'two');
  await ada.seeUnread(['one', 'two']);
  await page.waitForFunction(() => document.title === '• Lobby · Gale');
  assert.equal(await page.locator('.room-link--unread .badge').innerText(), '2\n2 unread messages');
  await ada.setFocused(true);
  await page.waitForFunction(() => document.title === 'Lobby · Gale');
  await ada.seeUnread(['one', 'two']);
  await ada.sayAndSee('seen');
  assert.deepEqual(await ada.unreadTexts(), []);
});

test('a draft belongs to its room and survives a reload, and the field has the focus', async (t) => {
  const { ada, page } = await open(t);
  await ada.composer.fill('half a thought');
  await page.getByRole('button', { name: 'New room' }).click();
  await page.getByLabel('Name of the room').fill('Elsewhere');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Elsewhere', level: 1 }).waitFor();
  assert.equal(await ada.composer.inputValue(), '');
  await page.getByRole('link', { name: /^Lobby.*Draft$/ }).click();
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  assert.equal(await ada.composer.inputValue(), 'half a thought');
  await page.reload();
  await ada.composer.waitFor();
  assert.equal(await ada.composer.inputValue(), 'half a thought');
  await page.keyboard.type('!');
  assert.equal(await ada.composer.inputValue(), 'half a thought!');
});

test('announces new messages of others to a screen reader, but not the history', async (t) => {
  const { ada, page, say } = await open(t, numbered('old', 5));
  const announcements = page.locator('.announcer p');
  assert.equal(await announcements.count(), 0);
  await ada.sayAndSee('mine');
  await say('开会了');
  await announcements.first().waitFor({ state: 'attached' });
  assert.deepEqual(await announcements.allInnerTexts(), ['Bob: 开会了']);
});

test('rooms and menus can be used with the keyboard only', async (t) => {
  const { ada, page } = await open(t);
  await page.getByRole('button', { name: 'New room' }).click();
  // Its file may still be loading.
  await page.getByLabel('Name of the room').waitFor();
  await page.keyboard.type('Second');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Second', level: 1 }).waitFor();
  await page.keyboard.press('Alt+ArrowUp');
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByRole('heading', { name: 'Second', level: 1 }).waitFor();
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  await ada.log.focus();
  await page.keyboard.type('typed anywhere');
  assert.equal(await ada.composer.inputValue(), 'typed anywhere');
  await page.getByRole('button', { name: 'Your menu, Ada' }).press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), '简体中文');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Your menu, Ada');
  await page.getByRole('button', { name: 'Log out' }).waitFor({ state: 'hidden' });
});

test('on a phone "Back to the rooms" goes back in the history, and replaces a room that was opened by its address', async (t) => {
  const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };
  const { ada, page } = await open(t, [], phone);
  const back = page.getByRole('link', { name: 'Back to the rooms' });
  const list = page.getByRole('navigation', { name: 'Rooms' });
  const entries = (): Promise<number> => page.evaluate(() => history.length);
  const count = await entries();
  // The lobby is open, and was opened from the list.
  for (let visit = 0; visit < 2; visit++) {
    await back.tap();
    await list.waitFor();
    assert.ok(await ada.composer.isHidden());
    await page.getByRole('link', { name: 'Lobby' }).tap();
    await ada.composer.waitFor();
  }
  assert.equal(await entries(), count, 'visits of a room add no entries');
  await page.reload();
  await back.tap();
  await list.waitFor();
  await page.goForward();
  await ada.composer.waitFor();
  // Back of the browser does the same.
  await page.goBack();
  await list.waitFor();

  const linked = await page.context().newPage();
  await linked.goto(`${new URL(page.url()).origin}/#/rooms/lobby`);
  await linked.getByRole('link', { name: 'Back to the rooms' }).tap();
  await linked.getByRole('navigation', { name: 'Rooms' }).waitFor();
  await linked.getByRole('link', { name: 'Lobby' }).tap();
  await linked.locator('#composer').waitFor();
  await linked.goBack();
  await linked.getByRole('navigation', { name: 'Rooms' }).waitFor();
});

test('on a phone "back" after leaving a room shows the list, not the room that was left', async (t) => {
  const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };
  const { page } = await open(t, [], phone);
  await page.goBack();
  await page.getByRole('button', { name: 'New room' }).tap();
  await page.getByLabel('Name of the room').fill('Short-lived');
  await page.getByRole('button', { name: 'Create room' }).tap();
  await page.getByRole('heading', { name: 'Short-lived', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'More about this room' }).tap();
  await page.getByRole('button', { name: 'Leave room' }).tap();
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  await page.goBack();
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
});

test('a closed panel of people stays closed in other rooms and after a reload, until it is opened again', async (t) => {
  const { page } = await open(t);
  const panel = page.getByRole('complementary', { name: 'People here' });
  await panel.getByRole('button', { name: 'Close' }).click();
  await panel.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'New room' }).click();
  await page.getByLabel('Name of the room').fill('Elsewhere');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Elsewhere', level: 1 }).waitFor();
  assert.equal(await panel.count(), 0);
  await page.reload();
  await page.getByRole('heading', { name: 'Elsewhere', level: 1 }).waitFor();
  assert.equal(await panel.count(), 0);
  await page.getByRole('button', { name: '1 here' }).click();
  await panel.waitFor();
  await page.getByRole('link', { name: 'Lobby' }).click();
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  await panel.waitFor();
});

test('a banner that is shown stays for a second, also if the connection is back at once', async (t) => {
  const { ada, page } = await open(t);
  const proxy = await SocketProxy.open(page);
  await page.reload();
  await ada.composer.waitFor();
  await page.evaluate(() => {
    const shown: number[] = [];
    Object.assign(window, { shown });
    new MutationObserver(() => {
      if ((document.querySelector('.banner') !== null) === (shown.length % 2 === 0)) shown.push(performance.now());
    }).observe(document.body, { childList: true, subtree: true });
  });
  proxy.cut();
  await page.getByText('Reconnecting…').waitFor();
  await proxy.restore();
  await ada.sayAndSee('back');
  await page.getByText('Reconnecting…').waitFor({ state: 'detached' });
  const shown = await page.evaluate(() => (window as unknown as { shown: number[] }).shown);
  assert.equal(shown.length, 2, 'shown once');
  assert.ok(shown[1]! - shown[0]! >= 1000, `shown for ${shown[1]! - shown[0]!} ms`);
});

test('two windows share a draft, and sending it in one clears it in both', async (t) => {
  const { ada, page } = await open(t);
  const second = await page.context().newPage();
  await second.goto(page.url());
  const other = new ChatWindow(second, page.url());
  await other.composer.focus();
  await ada.composer.fill('send me once');
  await second.waitForFunction(() => document.querySelector('textarea')?.value === 'send me once');
  await other.page.getByRole('heading', { level: 1 }).click();
  await page.reload();
  assert.equal(await ada.composer.inputValue(), 'send me once');
  await ada.composer.press('Enter');
  await second.waitForFunction(() => document.querySelector('textarea')?.value === '');
  await other.composer.press('Enter');
  await ada.seeTexts(['send me once']);
});

test('shows soon that the browser is offline, and sends messages after the reconnect', async (t) => {
  const { ada, page } = await open(t);
  await page.context().setOffline(true);
  await ada.say('in a tunnel');
  await page.getByText('Reconnecting…').waitFor({ timeout: 8_000 });
  assert.equal(await ada.log.locator('.message--pending').count(), 1);
  await page.context().setOffline(false);
  await ada.log.locator('.message--sent').waitFor();
  await ada.seeTexts(['in a tunnel']);
});

test('Esc or a press elsewhere closes a panel of people that covers the messages', async (t) => {
  const { page } = await open(t, [], { viewport: { width: 800, height: 700 } });
  const panel = page.getByRole('complementary', { name: 'People here' });
  const button = page.getByRole('button', { name: '2 here' }).or(page.getByRole('button', { name: '1 here' }));
  await button.first().click();
  await panel.waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await button.first().click();
  await panel.waitFor();
  await page.getByRole('log').click({ position: { x: 20, y: 200 } });
  await panel.waitFor({ state: 'detached' });
});
