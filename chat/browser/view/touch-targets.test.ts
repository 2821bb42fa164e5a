/** What a finger can hit, and what only a keyboard can. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { violations } from '../../test/support/accessibility.ts';
import { type ServedChat } from '../../test/support/app.ts';
import { serveBuilt } from '../../test/support/built-app.ts';
import { ChatWindow } from '../../test/support/chat-window.ts';
import { launchChromium } from '../../test/support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

async function open(t: TestContext, options: BrowserContextOptions): Promise<{ ada: ChatWindow; chat: ServedChat }> {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url, { ...options, reducedMotion: 'reduce' });
  await ada.register('Ada');
  await ada.page.locator('.room-link').first().waitFor();
  return { ada, chat };
}

/** The visible controls whose side is below 44 px. */
const small = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a, button, input, textarea')]
      .filter((control) => control.checkVisibility() && !control.matches('.skip-link'))
      .map((control) => ({ control, box: control.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && Math.min(box.width, box.height) < 43.5)
      .map(({ control, box }) => `${control.className}: ${box.width} x ${box.height} px`),
  );

for (const [name, options] of [
  ['a phone', phone],
  ['a tablet', { ...phone, viewport: { width: 1024, height: 768 } }],
] as const) {
  test(`targets are at least 44 px high and wide on ${name}, and no key is shown`, async (t) => {
    const { ada } = await open(t, options);
    assert.deepEqual(await small(ada.page), []);
    assert.equal(await ada.page.locator('kbd').isVisible(), false);
    await ada.page.getByRole('link', { name: 'Lobby' }).tap();
    await ada.page.getByRole('button', { name: 'Write the first message' }).waitFor();
    await ada.page.locator('.here-count').tap();
    await ada.page.locator('.people-row').waitFor();
    assert.deepEqual(await small(ada.page), []);
  });
}

test('on a phone the header shows the number of people, and its button keeps the words', async (t) => {
  const { ada } = await open(t, phone);
  await ada.page.getByRole('link', { name: 'Lobby' }).tap();
  const button = ada.page.getByRole('button', { name: '1 here', exact: true });
  await button.waitFor();
  assert.ok((await button.boundingBox())!.width < 70);
});

test('the switcher opens with the keyboard, and its field has space around it', async (t) => {
  const { ada } = await open(t, {});
  await ada.page.locator('kbd').waitFor();
  await ada.page.keyboard.press('Control+k');
  const dialog = (await ada.page.locator('dialog.switcher').boundingBox())!;
  const field = (await ada.page.locator('dialog.switcher input').boundingBox())!;
  assert.ok(field.x - dialog.x >= 8 && field.y - dialog.y >= 8);
});

test('the skip link of an archived room goes to the line in place of the message field', async (t) => {
  const { ada, chat } = await open(t, {});
  const { tables } = chat.database;
  const { id: me } = await tables.selectFrom('person').select('id').executeTakeFirstOrThrow();
  const room = { id: 'old', name: 'old', nameKey: 'old', topic: '', kind: 'public', madeBy: me, madeAt: 1 } as const;
  await chat.store.rooms.add(room, { most: 10, maxOfPerson: 10, since: 0 });
  await chat.store.rooms.keep('old');
  await tables.updateTable('room').set({ archivedAt: 1 }).where('id', '=', 'old').execute();
  await ada.page.goto(`${chat.url}/#/rooms/old`);
  await ada.page.reload();
  await ada.page.locator('.room-archived').waitFor();
  assert.deepEqual(await violations(ada.page), []);
});
