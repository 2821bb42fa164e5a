/** "Back" on a phone: the arrow in the page leads to the list, "back" of the system closes a panel or goes where the person came from. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { startServer, temporaryFolder } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

const phone = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };

interface Opened {
  readonly ada: ChatWindow;
  readonly page: Page;
  readonly url: string;
  /** The list of rooms. */
  readonly list: Locator;
  /** The arrow in the page. */
  readonly arrow: Locator;
}

/** Opens the list in a window of Ada on a phone. */
async function open(t: TestContext): Promise<Opened> {
  const { url } = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`] });
  const ada = await ChatWindow.open(t, browser, url, phone);
  await ada.register('Ada');
  const { page } = ada;
  const list = page.getByRole('navigation', { name: 'Rooms' });
  await list.waitFor();
  return { ada, page, url, list, arrow: page.getByRole('link', { name: 'Back to the rooms' }) };
}

/** Comes from another page to a room by its address. */
async function openLink({ page, url, ada }: Opened): Promise<void> {
  await page.goto(`${url}/health`);
  await page.goto(`${url}/#/rooms/lobby`);
  await ada.composer.waitFor();
}

test('the system goes back where a person came from who opened a room by its address', async (t) => {
  const opened = await open(t);
  const { page, url } = opened;
  await openLink(opened);
  await page.goBack();
  assert.equal(page.url(), `${url}/health`);
});

test('the arrow in a room that was opened by its address leads to the list, and the system back from there', async (t) => {
  const opened = await open(t);
  const { page, url, list, arrow, ada } = opened;
  await openLink(opened);
  await arrow.tap();
  await list.waitFor();
  await page.getByRole('link', { name: 'Lobby' }).tap();
  await ada.composer.waitFor();
  await page.goBack();
  await list.waitFor();
  await page.goBack();
  assert.equal(page.url(), `${url}/health`);
});

test('the system closes the panel of people, the menus and the dialogs before it leaves the room or the list', async (t) => {
  const { page, list, ada } = await open(t);
  const newRoom = page.getByRole('button', { name: 'New room' });
  await newRoom.tap();
  await page.getByLabel('Name of the room').waitFor();
  await page.goBack();
  await page.getByLabel('Name of the room').waitFor({ state: 'hidden' });
  const menu = page.getByRole('button', { name: 'Your menu, Ada' });
  await menu.tap();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Log out' }).waitFor({ state: 'hidden' });
  assert.ok(await list.isVisible());

  await page.getByRole('link', { name: 'Lobby' }).tap();
  await ada.composer.waitFor();
  const panel = page.getByRole('complementary', { name: 'People here' });
  await page.getByRole('button', { name: '1 here' }).tap();
  await panel.waitFor();
  await page.goBack();
  await panel.waitFor({ state: 'detached' });
  assert.ok(await ada.composer.isVisible());
  await page.goBack();
  await list.waitFor();
});

test('a panel that was closed in the page adds no step back', async (t) => {
  const opened = await open(t);
  const { page, url, list, arrow, ada } = opened;
  const panel = page.getByRole('complementary', { name: 'People here' });
  const openAndClosePanel = async (): Promise<void> => {
    await page.getByRole('button', { name: '1 here' }).tap();
    await panel.getByRole('button', { name: 'Close' }).tap();
    await panel.waitFor({ state: 'detached' });
  };
  await page.getByRole('link', { name: 'Lobby' }).tap();
  await ada.composer.waitFor();
  const entries = await page.evaluate(() => history.length);
  await openAndClosePanel();
  await openAndClosePanel();
  assert.equal(await page.evaluate(() => history.length), entries + 1);
  await page.goBack();
  await list.waitFor();
  await page.goForward();
  await ada.composer.waitFor();
  await openAndClosePanel();
  await page.reload();
  await ada.composer.waitFor();
  await arrow.tap();
  await list.waitFor();

  // From a room that was opened by its address, too.
  await openLink(opened);
  await openAndClosePanel();
  await arrow.tap();
  await list.waitFor();
  await page.goBack();
  await page.waitForURL(`${url}/health`);
  await openLink(opened);
  await openAndClosePanel();
  await page.goBack();
  await page.waitForURL(`${url}/health`);
});

test('"back" after leaving a room by its menu shows the list, also if the room was opened from a dialog', async (t) => {
  const { page, list } = await open(t);
  await page.getByRole('button', { name: 'New room' }).tap();
  await page.getByLabel('Name of the room').fill('Short-lived');
  await page.getByRole('button', { name: 'Create room' }).tap();
  await page.getByRole('heading', { name: 'Short-lived', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'More about this room' }).tap();
  await page.getByRole('button', { name: 'Leave room' }).tap();
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  await page.goBack();
  await list.waitFor();
  assert.doesNotMatch(page.url(), /rooms/);
});

test('a phone that is turned has no list to go back to', async (t) => {
  const { page, list, arrow, ada } = await open(t);
  await page.setViewportSize({ width: 800, height: 360 });
  await ada.composer.waitFor();
  await page.getByRole('button', { name: 'New room' }).tap();
  await page.getByLabel('Name of the room').fill('Tea');
  await page.getByRole('button', { name: 'Create room' }).tap();
  await page.getByRole('heading', { name: 'Tea', level: 1 }).waitFor();
  await page.setViewportSize({ width: 360, height: 640 });
  await arrow.tap();
  await list.waitFor();
});
