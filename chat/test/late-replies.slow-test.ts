/** Replies that arrive late: they change the rooms, but not where the person is and types. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { WireRoom } from '../wire.ts';
import { startServer, temporaryFolder, Visitor } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { SocketProxy } from './support/socket-proxy.ts';

const browser = await launchChromium();
after(() => browser.close());

interface Opened {
  readonly ada: ChatWindow;
  readonly page: Page;
  readonly proxy: SocketProxy;
  readonly url: string;
  /** Address of Tea in the page. */
  readonly teaHash: string;
}

/** Opens the lobby in a window of Ada, behind a proxy. There is a room Tea, which Bob made. */
async function open(t: TestContext): Promise<Opened> {
  const { url } = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`] });
  const visitor = new Visitor(t, url);
  await visitor.register('Bob');
  const bob = visitor.connect();
  await new Promise<void>((resolve) => void bob.on('welcome', () => resolve()));
  const tea = (await bob.call<string>('make-room', { name: 'Tea' }))['room'] as WireRoom;
  const ada = await ChatWindow.open(t, browser, url);
  const proxy = await SocketProxy.open(ada.page);
  await ada.register('Ada');
  return { ada, page: ada.page, proxy, url, teaHash: `#/rooms/${tea.id}` };
}

/** Waits until the list of joined rooms contains a room. */
async function seeJoined(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).waitFor();
}

/** Opens the directory. @returns The button that joins Tea. */
async function findTea(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Browse rooms' }).click();
  const join = page.getByRole('dialog').getByRole('button', { name: 'Join Tea' });
  await join.waitFor();
  return join;
}

/** Opens the page of Tea by its address. */
async function lookAtTea(page: Page, teaHash: string): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), teaHash);
  await seeRoom(page, 'Tea');
}

/** Waits until the heading of the open room has this name. */
async function seeRoom(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

async function seeFocus(element: Locator): Promise<void> {
  assert.ok(await element.evaluate((one) => one === document.activeElement));
}

const newRoom = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('button', { name: 'New room' }).click();
  await page.getByLabel('Name of the room').fill(name);
};

test('a late reply to Join does not move a person who types in another room', async (t) => {
  const { ada, page, proxy } = await open(t);
  proxy.hold('join-room', 'joined');
  const join = await findTea(page);
  await join.click();
  assert.equal(await join.getAttribute('aria-busy'), 'true');
  await page.keyboard.press('Escape');
  await ada.composer.pressSequentially('for the lob');
  await proxy.holds(2);
  proxy.release();
  await seeJoined(page, 'Tea');
  await page.keyboard.type('by');
  await page.keyboard.press('Enter');
  await ada.seeTexts(['for the lobby']);
  await seeRoom(page, 'Lobby');
  assert.match(page.url(), /#\/rooms\/lobby$/);
});

test('the reply to Join opens the room for a person who waits for it, and sends one command for two presses', async (t) => {
  const { ada, page, proxy } = await open(t);
  proxy.hold('join-room', 'joined');
  const join = await findTea(page);
  await join.click();
  await join.click();
  await proxy.holds(2);
  assert.equal(proxy.sent('join-room'), 1);
  proxy.release();
  await seeRoom(page, 'Tea');
  await seeFocus(ada.composer);
});

test('a room that was joined on its own page leaves the focus where the person has moved it', async (t) => {
  const { ada, page, proxy, teaHash } = await open(t);
  await lookAtTea(page, teaHash);
  proxy.hold('join-room', 'joined');
  const join = page.getByRole('main').getByRole('button', { name: 'Join Tea' });
  await join.click();
  assert.equal(await join.getAttribute('aria-busy'), 'true');
  await page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await proxy.holds(2);
  proxy.release();
  await ada.composer.waitFor();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
  await seeFocus(page.getByRole('button', { name: 'Your menu, Ada' }));
});

test('a room that was joined in another window does not take the focus', async (t) => {
  const { ada, page, url, teaHash } = await open(t);
  await lookAtTea(page, teaHash);
  await page.getByRole('button', { name: 'Your menu, Ada' }).click();
  const second = new ChatWindow(await page.context().newPage(), url);
  await second.page.goto(url);
  await second.joinRoom('Tea');
  await ada.composer.waitFor();
  await seeFocus(page.getByRole('button', { name: 'Your menu, Ada' }));
});

test('a late reply to Create does not move a person who has closed the dialog', async (t) => {
  const { ada, page, proxy } = await open(t);
  proxy.hold('make-room', 'joined');
  await newRoom(page, 'Books');
  const create = page.getByRole('button', { name: 'Create room' });
  await create.click();
  assert.equal(await create.getAttribute('aria-busy'), 'true');
  await page.keyboard.press('Escape');
  await ada.composer.pressSequentially('still he');
  await proxy.holds(2);
  proxy.release();
  await seeJoined(page, 'Books');
  await page.keyboard.type('re');
  assert.equal(await ada.composer.inputValue(), 'still here');
  await seeRoom(page, 'Lobby');
});

test('a late reply to Create does not close the dialog for the next room', async (t) => {
  const { page, proxy } = await open(t);
  proxy.hold('make-room', 'joined');
  await newRoom(page, 'Books');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await newRoom(page, 'Fil');
  await proxy.holds(2);
  proxy.release();
  // The list is behind the dialog.
  await page.locator('.room-link', { hasText: 'Books' }).waitFor();
  await page.keyboard.type('ms');
  await page.keyboard.press('Enter');
  await seeRoom(page, 'Films');
});

test('a late refusal of Create does not take the focus from a person who has closed the dialog', async (t) => {
  const { ada, page, proxy } = await open(t);
  proxy.hold('make-room');
  await newRoom(page, 'Tea');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await ada.composer.pressSequentially('still he');
  await proxy.holds(1);
  proxy.release();
  await ada.page.keyboard.type('re');
  assert.equal(await ada.composer.inputValue(), 'still here');
  await page.getByRole('button', { name: 'New room' }).click();
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('a button does not say that there is no connection after it is back', async (t) => {
  const { page, proxy, teaHash } = await open(t);
  const words = page.getByText('There is no connection just now.');
  await lookAtTea(page, teaHash);
  const inDirectory = await findTea(page);
  proxy.cut();
  await page.getByText('Reconnecting…').waitFor();
  await inDirectory.click();
  await words.waitFor();
  await proxy.restore();
  await words.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  proxy.cut();
  await page.getByText('Reconnecting…').waitFor();
  await page.getByRole('main').getByRole('button', { name: 'Join Tea' }).click();
  await words.waitFor();
  await newRoom(page, 'Books');
  await page.keyboard.press('Enter');
  await words.nth(1).waitFor();
  await proxy.restore();
  for (const place of ['main', 'dialog']) {
    await page.locator(place).getByText('There is no connection just now.').waitFor({ state: 'detached' });
  }
  // Other errors stay.
  await page.getByLabel('Name of the room').fill('Tea');
  await page.keyboard.press('Enter');
  await page.getByText('There is a room of this name already.').waitFor();
});

test('the directory and the search for people that are opened without a connection are loaded when it is back', async (t) => {
  const { page, proxy } = await open(t);
  for (const [button, found] of [
    ['Browse rooms', page.getByRole('button', { name: 'Join Tea' })],
    ['New direct message', page.getByRole('dialog').getByRole('option', { name: 'Bob' })],
  ] as const) {
    proxy.cut();
    await page.getByText('Reconnecting…').waitFor();
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('dialog').getByText('There is no connection just now.').waitFor();
    await proxy.restore();
    await found.waitFor();
    await page.keyboard.press('Escape');
  }
});

test('a late reply to Leave keeps the person who types out of the lobby', async (t) => {
  const { ada, page, proxy } = await open(t);
  await ada.joinRoom('Tea');
  proxy.hold('leave-room', 'left');
  await page.getByRole('button', { name: 'More about this room' }).click();
  const leave = page.getByRole('button', { name: 'Leave room' });
  await leave.click();
  assert.equal(await leave.getAttribute('aria-busy'), 'true');
  await ada.composer.pressSequentially('for the tea');
  await proxy.holds(2);
  proxy.release();
  await page.getByText('You are not in this room').waitFor();
  await page.keyboard.type('room');
  assert.match(page.url(), /#\/rooms\/(?!lobby)/);
  await page.getByRole('link', { name: 'Lobby' }).click();
  await seeRoom(page, 'Lobby');
  assert.equal(await ada.composer.inputValue(), '');
});

test('the reply to Leave opens the lobby for a person who waits for it', async (t) => {
  const { ada, page } = await open(t);
  await ada.joinRoom('Tea');
  await page.getByRole('button', { name: 'More about this room' }).click();
  await page.getByRole('button', { name: 'Leave room' }).click();
  await seeRoom(page, 'Lobby');
  await seeFocus(ada.composer);
});

test('a person who types stays on the page of a room that they left in another window', async (t) => {
  const { ada, page, url } = await open(t);
  await ada.joinRoom('Tea');
  // The next window opens the same room by itself.
  const second = new ChatWindow(await page.context().newPage(), url);
  await second.page.goto(url);
  await seeRoom(second.page, 'Tea');
  await second.composer.pressSequentially('for the tea');
  await page.bringToFront();
  await page.getByRole('button', { name: 'More about this room' }).click();
  await page.getByRole('button', { name: 'Leave room' }).click();
  await seeRoom(page, 'Lobby');
  await second.page.getByText('You are not in this room').waitFor();
  await second.page.keyboard.type('room');
  await seeRoom(second.page, 'Tea');
  assert.equal(await ada.composer.inputValue(), '');
});
