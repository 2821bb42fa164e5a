/** When the element that has the focus disappears, the focus goes to the nearest place, never to the body. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { RoomsClient } from 'gale/client';
import type { WireRoom } from '../wire.ts';
import { manyMessages, startServer, temporaryFolder, Visitor } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { SocketProxy } from './support/socket-proxy.ts';

const browser = await launchChromium();
after(() => browser.close());

const phone = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };

interface Opened {
  readonly ada: ChatWindow;
  readonly page: Page;
  readonly proxy: SocketProxy;
  readonly url: string;
  readonly bob: RoomsClient;
  /** Ada in another window, without a page. */
  readonly elsewhere: RoomsClient;
  /** The room Tea, which Bob made. */
  readonly tea: WireRoom;
}

async function connected(visitor: Visitor): Promise<RoomsClient> {
  const client = visitor.connect();
  await new Promise<void>((resolve) => void client.on('welcome', () => resolve()));
  return client;
}

/** Opens a window of Ada: on a phone the list, elsewhere the lobby. */
async function open(
  t: TestContext,
  options: BrowserContextOptions = {},
  args: readonly string[] = [],
): Promise<Opened> {
  const { url } = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`, ...manyMessages, ...args] });
  const visitor = new Visitor(t, url);
  await visitor.register('Bob');
  const bob = await connected(visitor);
  const tea = (await bob.call<string>('make-room', { name: 'Tea' }))['room'] as WireRoom;
  const ada = await ChatWindow.open(t, browser, url, options);
  const proxy = await SocketProxy.open(ada.page);
  await ada.register('Ada');
  const second = new Visitor(t, url);
  await second.logIn('Ada');
  return { ada, page: ada.page, proxy, url, bob, tea, elsewhere: await connected(second) };
}

/** What has the focus, in words. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = document;
    const words = activeElement?.getAttribute('aria-label') ?? (activeElement as HTMLElement | null)?.innerText ?? '';
    return `${activeElement?.tagName} ${activeElement?.className} ${words.slice(0, 60)}`;
  });
}

/** Waits until an element that matches a selector has the focus. */
async function seeFocus(page: Page, selector: string): Promise<void> {
  await page
    .waitForFunction((wanted) => document.activeElement?.matches(wanted), selector)
    .catch(async () => assert.fail(`the focus is on ${await focused(page)}, not on ${selector}`));
}

/** Joins Tea, loses the connection, says the texts, leaves Tea in another window, and connects again: nothing can be sent. */
async function failIn({ ada, page, proxy, elsewhere, tea }: Opened, ...texts: string[]): Promise<void> {
  await elsewhere.call<string>('join-room', { room: tea.id });
  await page.getByRole('navigation').getByRole('link', { name: 'Tea' }).click();
  // Each room has a composer of its own: that of the room before disappears with its text.
  await page.getByRole('heading', { name: 'Tea', level: 1 }).waitFor();
  await ada.composer.waitFor();
  proxy.cut();
  for (const text of texts) {
    await ada.composer.fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  }
  await elsewhere.call<string>('leave-room', { room: tea.id });
  await proxy.restore();
  await page
    .locator('.unsent .message--failed')
    .nth(texts.length - 1)
    .waitFor();
}

async function pasteFile(page: Page): Promise<void> {
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(['x'], 'x.png', { type: 'image/png' }));
    const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(paste);
  });
  await page.locator('.file-refusal').waitFor();
}

test('Close of the refusal of a file moves the focus to the field; on a phone to the heading of the room', async (t) => {
  for (const [options, place] of [
    [{}, '#composer'],
    [phone, 'h1.room-name'],
  ] as const) {
    const { page, ada } = await open(t, options);
    if (options === phone) await page.getByRole('link', { name: 'Lobby' }).tap();
    await ada.composer.waitFor();
    await pasteFile(page);
    await page.locator('.file-refusal button').focus();
    await page.keyboard.press('Enter');
    await page.locator('.file-refusal').waitFor({ state: 'detached' });
    await seeFocus(page, place);
  }
});

test('Discard and Try again of a message that was not sent move the focus to the next one, then to the field', async (t) => {
  const opened = await open(t);
  const { page, ada } = opened;
  await failIn(opened, 'one', 'two', 'three', 'four');
  await page.getByText('Not sent. You are no longer in this room.').first().waitFor();
  await page.getByRole('main').getByRole('button', { name: 'Join Tea' }).click();
  await seeFocus(page, '#composer');
  // The reason has gone. Messages with one reason, or none, say so once.
  await page.locator('.message-failure').nth(3).waitFor();
  assert.deepEqual(await page.locator('.message-failure > span').allInnerTexts(), ['Not sent']);
  const row = (text: string): ReturnType<Page['locator']> => ada.log.locator('.message', { hasText: text });
  const press = async (text: string, button: string): Promise<void> => {
    await row(text).getByRole('button', { name: button }).focus();
    await page.keyboard.press('Enter');
  };
  await press('two', 'Discard');
  await seeFocus(page, '.message--failed');
  assert.match(await focused(page), /three/);
  await press('three', 'Try again');
  await row('three').and(page.locator('.message--sent')).waitFor();
  assert.match(await focused(page), /four/);
  await press('four', 'Discard');
  await row('four').waitFor({ state: 'detached' });
  assert.match(await focused(page), /one/);
  // A key moves from the message to the field.
  await page.keyboard.type('x');
  await seeFocus(page, '#composer');
  await press('one', 'Try again');
  await seeFocus(page, '#composer');
  await ada.seeTexts(['three', 'one']);
});

test('a person who is removed from a room is on its heading, and Discard moves along what was not sent', async (t) => {
  const opened = await open(t);
  const { page, ada, elsewhere, tea } = opened;
  await failIn(opened, 'one', 'two');
  await seeFocus(page, 'h1.room-name');
  await page.getByRole('button', { name: 'Discard' }).first().focus();
  await page.keyboard.press('Enter');
  await seeFocus(page, '.message--failed');
  assert.match(await focused(page), /two/);
  await page.getByRole('button', { name: 'Discard' }).click();
  await seeFocus(page, 'h1.room-name');
  // The person has not moved the focus, so it goes to the field of the room that was joined elsewhere.
  await elsewhere.call<string>('join-room', { room: tea.id });
  await seeFocus(page, '#composer');
  await page.keyboard.type('half a thought');
  assert.equal(await ada.composer.inputValue(), 'half a thought');
  await elsewhere.call<string>('leave-room', { room: tea.id });
  await seeFocus(page, 'h1.room-name');
  await page.getByRole('button', { name: 'Discard' }).focus();
  await page.keyboard.press('Enter');
  await seeFocus(page, 'h1.room-name');
});

test('the buttons that jump, and the one that connects, move the focus to the field when they disappear', async (t) => {
  const { page, ada, bob, proxy } = await open(t);
  await Promise.all(Array.from({ length: 60 }, (_, i) => bob.publish('lobby', { text: `old ${i}` }).published));
  await ada.log.getByText('old 59').waitFor();
  await ada.log.evaluate((log) => (log.scrollTop = 0));
  await page.getByRole('button', { name: 'Jump to newest' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.jump').waitFor({ state: 'detached' });
  await seeFocus(page, '#composer');

  await ada.setFocused(false);
  await Promise.all(Array.from({ length: 60 }, (_, i) => bob.publish('lobby', { text: `new ${i}` }).published));
  await page.locator('.jump--up').focus();
  await page.keyboard.press('Enter');
  await page.locator('.jump--up').waitFor({ state: 'detached' });
  // The first unread message has it.
  await seeFocus(page, '.message');
  await ada.setFocused(true);

  proxy.cut();
  const now = page.getByRole('button', { name: 'Try now' });
  await now.focus();
  await page.keyboard.press('Enter');
  await seeFocus(page, '.banner button');
  await proxy.restore();
  await now.waitFor({ state: 'detached' });
  await seeFocus(page, '#composer');
});

test('a button of the directory keeps the focus when the room is joined or left elsewhere', async (t) => {
  const { page, elsewhere, tea } = await open(t);
  await page.getByRole('button', { name: 'Browse rooms' }).click();
  await page.getByRole('button', { name: 'Join Tea' }).focus();
  await elsewhere.call<string>('join-room', { room: tea.id });
  await page.getByRole('button', { name: 'Open: Tea' }).waitFor();
  await seeFocus(page, '.listed-room button');
  await elsewhere.call<string>('leave-room', { room: tea.id });
  await page.getByRole('button', { name: 'Join Tea' }).waitFor();
  await seeFocus(page, '.listed-room button');
});

test('a dialog that is closed returns the focus to its button, and a room that is left elsewhere to the next link', async (t) => {
  const { page, elsewhere, tea } = await open(t);
  await page.getByRole('button', { name: 'Browse rooms' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('searchbox').waitFor();
  await page.keyboard.press('Escape');
  await seeFocus(page, '[aria-label="Browse rooms"]');
  await elsewhere.call<string>('join-room', { room: tea.id });
  const link = page.getByRole('navigation').getByRole('link', { name: 'Tea' });
  await link.focus();
  await elsewhere.call<string>('leave-room', { room: tea.id });
  await link.waitFor({ state: 'detached' });
  await seeFocus(page, 'a[href="#/rooms/lobby"]');
});

test('the button that loads names again moves the focus to Close of the panel when all are loaded', async (t) => {
  const { page, proxy } = await open(t, {}, ['--presence-names-max=0']);
  await page.getByRole('button', { name: 'Close' }).click();
  proxy.cut();
  await page.getByText('Reconnecting…').waitFor();
  await page.getByRole('button', { name: /\d here/ }).click();
  const again = page.locator('.people').getByRole('button', { name: 'Try again' });
  await again.waitFor();
  await proxy.restore();
  await page.getByText('Reconnecting…').waitFor({ state: 'detached' });
  await again.focus();
  await page.keyboard.press('Enter');
  await again.waitFor({ state: 'detached' });
  await seeFocus(page, '.people button');
});

test('a link that opens a room on a phone moves the focus to its heading, and "back" to the link', async (t) => {
  const { page, elsewhere, tea } = await open(t, phone);
  await elsewhere.call<string>('join-room', { room: tea.id });
  const link = page.getByRole('link', { name: 'Tea' });
  await link.focus();
  await page.keyboard.press('Enter');
  await page.locator('#composer').waitFor();
  await seeFocus(page, 'h1.room-name');
  await elsewhere.call<string>('leave-room', { room: tea.id });
  await page.getByRole('main').getByRole('button', { name: 'Join Tea' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('#composer').waitFor();
  await seeFocus(page, 'h1.room-name');
  await page.getByRole('link', { name: 'Back to the rooms' }).focus();
  await page.keyboard.press('Enter');
  await link.waitFor();
  await seeFocus(page, `a[href="#/rooms/${tea.id}"]`);
});

test('a person who leaves the focus by a press on nothing keeps it nowhere, and rows that move keep it', async (t) => {
  const { page, ada, bob, elsewhere, tea } = await open(t);
  await elsewhere.call<string>('join-room', { room: tea.id });
  const link = page.getByRole('navigation').getByRole('link', { name: 'Tea' });
  await link.focus();
  await page.locator('.side > .brand').click();
  assert.match(await focused(page), /^BODY/);
  await elsewhere.call<string>('leave-room', { room: tea.id });
  await link.waitFor({ state: 'detached' });
  await bob.publish('lobby', { text: 'hello' }).published;
  await ada.log.getByText('hello').waitFor();
  assert.match(await focused(page), /^BODY/);
  await page.getByRole('link', { name: 'Lobby' }).focus();
  await page.evaluate(() => {
    const row = document.activeElement!.closest('li')!;
    row.parentElement!.append(row);
  });
  await seeFocus(page, '.room-link');
});

/**
 * Presses the visible buttons with the keyboard, each label once, and checks that something has the focus after each.
 *
 * @param labels - Which labels.
 * @param pressed - The labels that were pressed before; those that are pressed are added.
 */
async function pressAll(page: Page, labels: RegExp, pressed: Set<string>): Promise<void> {
  for (;;) {
    const found = await page.evaluate(
      ([source, done]) => {
        const dialog = document.querySelector('dialog[open]') ?? document;
        const isWanted = (label: string): boolean => new RegExp(source).test(label) && !done.includes(label);
        const next = [...dialog.querySelectorAll<HTMLElement>('button, a.icon-button, a.button')].find(
          (button) => button.checkVisibility() && isWanted(button.ariaLabel ?? button.innerText),
        );
        next?.focus();
        return next && (next.ariaLabel ?? next.innerText);
      },
      [labels.source, [...pressed]] as const,
    );
    if (found === undefined) {
      const dialog = page.locator('dialog[open]');
      if ((await dialog.count()) === 0) return;
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      continue;
    }
    pressed.add(found);
    await page.keyboard.press('Enter');
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page
      .waitForFunction(() => ![document.body, null].includes(document.activeElement as HTMLElement | null))
      .catch(() => assert.fail(`${found} loses the focus`));
  }
}

for (const [name, options] of [
  ['a wide window', {}],
  ['a phone', phone],
] as const) {
  test(`no button of the page loses the focus when it is pressed, on ${name}`, async (t) => {
    const opened = await open(t, options);
    const { page, ada, proxy } = opened;
    await failIn(opened, 'one', 'two', 'three');
    const pressed = new Set<string>();
    // Logging out and messages to people open other places, and another language changes the labels.
    await pressAll(page, /^(?!Join|Open:|Send a message|Note to|Back|Log out|简体中文)/, pressed);
    await page.keyboard.press('Escape');
    await page.getByRole('main').getByRole('button', { name: 'Join Tea' }).click();
    await ada.composer.waitFor();
    await pasteFile(page);
    pressed.delete('Discard');
    await pressAll(page, /^(?!Leave|Send a message|Note to|Back|Log out|简体中文)/, pressed);
    await page.keyboard.press('Escape');
    await pasteFile(page);
    proxy.cut();
    await page.getByText('Reconnecting…').waitFor();
    pressed.delete('Close');
    await pressAll(page, /^(?:Try now|Close)$/, pressed);
    await proxy.restore();
    await page.getByText('Reconnecting…').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'More about this room' }).click();
    await pressAll(page, /^Leave/, pressed);
    await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
    await pressAll(page, /^(?:Join|Back)/, pressed);
    t.diagnostic(`pressed: ${[...pressed].join(', ')}`);
    const seen = ['Discard', 'Try again', 'Close', 'Try now', 'Send', 'More about this room', 'Leave room'];
    for (const label of seen) assert.ok(pressed.has(label), label);
    if (options === phone) assert.ok(pressed.has('Back to the rooms'));
    else for (const label of ['New room', 'Cancel', 'English', 'Your menu, Ada']) assert.ok(pressed.has(label), label);
  });
}
