/** M26: dialogs with the keyboard and a screen reader: the focus stays inside, Escape returns it, and refusals are announced. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { violations } from './support/accessibility.ts';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

const focused = (locator: Locator): Promise<void> => locator.and(locator.page().locator(':focus')).waitFor();

/** Tab and Shift+Tab reach nothing of the page behind the dialog. Chromium itself may have the focus between the ends. */
async function staysInside(page: Page, dialog: Locator): Promise<void> {
  for (const key of ['Tab', 'Shift+Tab']) {
    const reached = new Set<string>();
    for (let count = 0; count < 12; count++) {
      await page.keyboard.press(key);
      const where = await dialog.evaluate((element) => {
        const { activeElement, body } = document;
        if (activeElement === body) return 'browser';
        return element.contains(activeElement) ? `inside ${activeElement!.outerHTML}` : 'behind';
      });
      reached.add(where);
    }
    assert.ok(!reached.has('behind'), key);
    assert.ok(
      [...reached].some((where) => where.startsWith('inside')),
      key,
    );
  }
}

/** Ada has made a room, and Bob is in the chat. */
async function adaInRoom(chat: Awaited<ReturnType<typeof serveBuilt>>, ada: ChatWindow): Promise<void> {
  await chat.person('Bob');
  await ada.register('Ada');
  const { page } = ada;
  await page.getByRole('button', { name: 'New room' }).click();
  await page.getByRole('dialog').getByLabel('Name of the room').fill('Tea');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Tea', level: 1 }).waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

test('M26: "Add people" opens by keyboard, keeps the focus, and Escape returns it to the menu of the room', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await adaInRoom(chat, ada);
  const { page } = ada;
  const menu = page.locator('.room-menu .disclosure-button');
  await menu.focus();
  await page.keyboard.press('Enter');
  await page.locator('.room-menu').getByRole('button', { name: 'Add people' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add people to Tea' });
  const field = dialog.getByRole('combobox', { name: 'Choose people' });
  await focused(field);
  await dialog.getByRole('option', { name: 'Bob' }).waitFor();
  await page.keyboard.type('bo');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Remove Bob' }).waitFor();
  await focused(field);
  await staysInside(page, dialog);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await focused(menu);
});

test('M26: a refusal in "Add people" is announced, the choice stays, and Escape still returns the focus', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await adaInRoom(chat, ada);
  const { page } = ada;
  const menu = page.locator('.room-menu .disclosure-button');
  await menu.click();
  await page.locator('.room-menu').getByRole('button', { name: 'Add people' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add people to Tea' });
  await dialog.getByRole('option', { name: 'Bob' }).click();
  const { tables } = chat.database;
  await tables.updateTable('person').set({ deactivatedAt: Date.now() }).where('name', '=', 'Bob').execute();
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').getByText('This person no longer uses the chat.').waitFor();
  await dialog.getByRole('button', { name: 'Remove Bob' }).waitFor();
  await focused(dialog.getByRole('combobox'));
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await focused(menu);
});

test('M26: the pins keep the focus, also after one is removed by keyboard, and Escape returns it to their button', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await adaInRoom(chat, ada);
  const { page } = ada;
  for (const text of ['first', 'second']) {
    await ada.sayAndSee(text);
    await ada.choose(text, 'Pin');
  }
  const button = page.getByRole('button', { name: 'Pinned messages' });
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Pinned messages' });
  await dialog.locator('.pin').nth(1).waitFor();
  await staysInside(page, dialog);
  assert.deepEqual(await violations(page), []);
  for (const left of [1, 0]) {
    await dialog.getByRole('button', { name: 'Unpin' }).first().focus();
    await page.keyboard.press('Enter');
    await dialog.locator('.pin').nth(left).waitFor({ state: 'detached' });
    await focused(dialog.locator('button').and(page.locator(':focus')));
  }
  await dialog.getByText('Nothing is pinned here').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await focused(button);
});

test('M26: a pin that cannot be removed is announced inside the list, which keeps it and the focus', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await adaInRoom(chat, ada);
  const { page } = ada;
  await ada.sayAndSee('first');
  await ada.choose('first', 'Pin');
  await page.getByRole('button', { name: 'Pinned messages' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pinned messages' });
  const unpin = dialog.getByRole('button', { name: 'Unpin' });
  await unpin.focus();
  await chat.database.tables.updateTable('room').set({ archivedAt: Date.now() }).where('name', '=', 'Tea').execute();
  await page.keyboard.press('Enter');
  await dialog.getByRole('status').getByText('This room is archived.').waitFor();
  assert.equal(await dialog.locator('.pin').count(), 1);
  await focused(unpin);
  assert.deepEqual(await violations(page), []);
});

test('M26: "back" of the browser leaves no dialog of the room before on the next one', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await adaInRoom(chat, ada);
  const { page } = ada;
  await page.getByRole('button', { name: 'More about this room' }).click();
  await page.getByRole('button', { name: 'Details' }).click();
  await page.getByRole('dialog', { name: 'About Tea' }).waitFor();
  await page.evaluate(() => history.back());
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await focused(ada.composer);
});

test('M26: a question in a dialog has the focus on its harmless answer, and the button that asked it has it after that', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await adaInRoom(chat, ada);
  const { page } = ada;
  const bob = await ChatWindow.open(t, browser, chat.url);
  await bob.logIn('Bob');
  await bob.joinRoom('Tea');
  const dialog = page.getByRole('dialog');
  const asks = async (button: string): Promise<void> => {
    await dialog.getByRole('button', { name: button }).press('Enter');
    await focused(dialog.getByRole('button', { name: 'Cancel' }));
    await page.keyboard.press('Enter');
    await focused(dialog.getByRole('button', { name: button }));
  };
  await page.locator('.people-row', { hasText: 'Bob' }).press('Enter');
  await asks('Remove from room');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More about this room' }).click();
  await page.getByRole('button', { name: 'Details' }).click();
  await asks('Delete room');
});
