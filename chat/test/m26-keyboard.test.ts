/** M26: setup, invite, signing in and sending by keyboard alone; axe in both themes; a new message is announced, the history is not. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { violations } from './support/accessibility.ts';
import { serveBuilt } from './support/built-app.ts';
import { password } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

/** Presses Tab until the focused element has this label or text. */
async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = [];
  for (let count = 0; count < 60; count++) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate(() => {
      const focused = document.activeElement as HTMLInputElement | null;
      const labels = [...(focused?.labels ?? [])].map((each) => each.textContent.trim()).join(' ');
      return labels || focused?.getAttribute('aria-label') || focused?.textContent.trim() || '';
    });
    if (label.startsWith(name)) return;
    seen.push(label);
  }
  assert.fail(`Tab does not reach ${JSON.stringify(name)}; it reached ${JSON.stringify(seen)}`);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`M26: from the setup to a message by keyboard alone, without anything that axe finds, ${colorScheme}`, async (t) => {
    const chat = await serveBuilt(t, { registration: 'invite' });
    const { page, ...ada } = await ChatWindow.open(t, browser, chat.url, { colorScheme });
    const window = new ChatWindow(page, chat.url);
    assert.ok(ada);
    await page.goto(chat.url);
    await page.getByRole('heading', { name: 'Set up your chat' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByLabel('Name').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('Ada');
    await tabTo(page, 'Password');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await window.composer.and(page.locator(':focus')).waitFor();
    await page.keyboard.type('the first message');
    await page.keyboard.press('Enter');
    await window.log.locator('.message--sent', { hasText: 'the first message' }).waitFor();
    assert.deepEqual(await violations(page), []);

    // An invite.
    await page.goto(`${chat.url}/admin/invites`);
    assert.deepEqual(await violations(page), []);
    await tabTo(page, 'Create link');
    await page.keyboard.press('Enter');
    await page.getByText('The link is ready').waitFor();
    const link = await page.locator('.copy-link').first().inputValue();

    const bob = await ChatWindow.open(t, browser, chat.url, { colorScheme });
    await bob.page.goto(link);
    await bob.page.getByText('Ada invites you to this chat.').waitFor();
    assert.deepEqual(await violations(bob.page), []);
    if ((await bob.page.locator('input:focus').count()) === 0) await tabTo(bob.page, 'Name');
    await bob.page.keyboard.type('Bob');
    await tabTo(bob.page, 'Password');
    await bob.page.keyboard.type(password);
    await bob.page.keyboard.press('Enter');
    await bob.composer.and(bob.page.locator(':focus')).waitFor();
    await bob.page.keyboard.type('hello');
    await bob.page.keyboard.press('Enter');
    await bob.log.locator('.message--sent', { hasText: 'hello' }).waitFor();

    // Logging out and signing in.
    await bob.page.keyboard.press('Control+k');
    await bob.page.keyboard.press('Escape');
    await tabTo(bob.page, 'Your menu, Bob');
    await bob.page.keyboard.press('Enter');
    // The entries may still be loading.
    await bob.page.getByRole('button', { name: 'Log out' }).waitFor();
    await tabTo(bob.page, 'Log out');
    await bob.page.keyboard.press('Enter');
    await bob.page.waitForURL('**/login**');
    await bob.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    assert.deepEqual(await violations(bob.page), []);
    if ((await bob.page.locator('input:focus').count()) === 0) await tabTo(bob.page, 'Name');
    await bob.page.keyboard.press('Control+a');
    await bob.page.keyboard.type('Bob');
    await tabTo(bob.page, 'Password');
    await bob.page.keyboard.type(password);
    await bob.page.keyboard.press('Enter');
    await bob.composer.and(bob.page.locator(':focus')).waitFor();
  });
}

test('M26: one new message is announced, and nothing of the history or of own messages', async (t) => {
  const chat = await serveBuilt(t);
  const bob = await ChatWindow.open(t, browser, chat.url);
  await bob.register('Bob');
  await bob.sayAndSee('from the history');
  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.register('Ada');
  await ada.log.getByText('from the history').waitFor();
  const announced = ada.page.locator('.announcer[aria-live=polite] p');
  await ada.sayAndSee('my own');
  await bob.sayAndSee('something new');
  await announced.first().waitFor({ state: 'attached' });
  assert.deepEqual(await announced.allTextContents(), ['Bob: something new']);
  assert.equal(await ada.log.getAttribute('aria-live'), 'off');
});

test('M26: Ctrl+/ and the own menu list the keyboard shortcuts, and Esc closes the list', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url, { colorScheme: 'dark' });
  await ada.register('Ada');
  await ada.composer.pressSequentially('half a thought');
  await ada.page.keyboard.press('Control+/');
  const list = ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await list.getByText('Go to a room or person').waitFor();
  const [frame, line] = await Promise.all([list.boundingBox(), list.locator('dl').boundingBox()]);
  assert.ok(frame && line && line.x - frame.x >= 12, 'it has space around it');
  assert.deepEqual(
    await list.locator('dl > div', { hasText: 'Previous or next unread room' }).locator('kbd').allInnerTexts(),
    ['Alt', 'Shift', '↑ ↓'],
  );
  assert.deepEqual(await violations(ada.page), []);
  await ada.page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  assert.equal(await ada.composer.inputValue(), 'half a thought');
  assert.ok(await ada.composer.evaluate((field) => field === document.activeElement));
  await ada.page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await ada.page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await list.getByText('This list').waitFor();
  const keysOf = (what: string): Promise<string[]> =>
    list.locator('dl > div', { hasText: what }).locator('kbd').allInnerTexts();
  assert.deepEqual([await keysOf('Send the message'), await keysOf('New line')], [['Enter'], ['Shift', 'Enter']]);
  const settings = await ada.page.context().newPage();
  await settings.goto(`${url}/settings`);
  await settings.getByRole('radio', { name: 'Ctrl+Enter', exact: true }).check();
  await settings.locator('#preferences button[type=submit]').click();
  await list.locator('kbd', { hasText: 'Shift' }).nth(1).waitFor({ state: 'detached' });
  assert.deepEqual([await keysOf('Send the message'), await keysOf('New line')], [['Ctrl', 'Enter'], ['Enter']]);
});

test('M26: a reaction that is taken back by keyboard leaves the focus on its message', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.sayAndSee('a plan');
  await ada.press('a plan', 'React with 👍');
  const row = ada.rowOf('a plan');
  await row.locator('.reaction').press('Enter');
  await row.locator('.reaction').waitFor({ state: 'detached' });
  await row.and(ada.page.locator(':focus')).waitFor();
});
