/** M15: mentions. The list of people after `@`, also directly after a Chinese character, and what a mention does for its person. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { askDelayMs } from '../browser/view/use-mentions.ts';

const browser = await launchChromium();
after(() => browser.close());

test('你好@张 lists 张三, Enter chooses, and the message has the name that the person has now', async (t) => {
  const { url, database } = await serveBuilt(t);
  const zhang = await ChatWindow.open(t, browser, url);
  await zhang.register('张三');
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const options = ada.page.getByRole('option');

  await ada.composer.pressSequentially('你好@张');
  await options.filter({ hasText: '张三' }).waitFor();
  await ada.composer.press('Enter');
  assert.equal(await ada.composer.inputValue(), '你好@张三 ');
  await options.first().waitFor({ state: 'detached' });
  assert.deepEqual(await ada.texts(), [], 'Enter in the list does not send');
  await ada.composer.pressSequentially('开会');
  await ada.composer.press('Enter');
  await ada.log.locator('.message--sent .mention', { hasText: '@张三' }).waitFor();
  await ada.seeTexts(['你好@张三 开会']);
  await zhang.log.locator('.mention--me', { hasText: '@张三' }).waitFor();
  const { id } = await database.tables
    .selectFrom('person')
    .select('id')
    .where('name', '=', '张三')
    .executeTakeFirstOrThrow();
  assert.equal(await zhang.log.locator('.mention--me').getAttribute('data-person'), id);
  await zhang.log.locator('.message--mention').waitFor();
  assert.equal(await ada.log.locator('.message--mention').count(), 0);

  // A rename follows: the text has the id.
  await database.tables.updateTable('person').set({ name: '张三丰' }).where('id', '=', id).execute();
  await ada.page.reload();
  await ada.seeTexts(['你好@张三丰 开会']);
});

test('a deactivated person is shown and not offered; a deleted one has the neutral name, also in a message that is edited', async (t) => {
  const { url, database, person } = await serveBuilt(t);
  await person('Bob');
  await person('Cy');
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const { tables } = database;
  const { id } = await tables.selectFrom('person').select('id').where('name', '=', 'Cy').executeTakeFirstOrThrow();
  const { id: bob } = await tables
    .selectFrom('person')
    .select('id')
    .where('name', '=', 'Bob')
    .executeTakeFirstOrThrow();
  await ada.say(`<@${bob}> and <@${id}> for tea`);
  await ada.log.locator('.message--sent', { hasText: '@Cy for tea' }).waitFor();
  await tables.updateTable('person').set({ deactivatedAt: 1 }).where('id', '=', bob).execute();
  await tables.updateTable('person').set({ name: '', deletedAt: 1 }).where('id', '=', id).execute();
  await ada.page.reload();
  await ada.seeTexts(['@Bob and @Deleted person for tea']);

  await ada.composer.pressSequentially('@');
  const options = ada.page.getByRole('option');
  await options.filter({ hasText: 'Ada' }).waitFor();
  assert.deepEqual(await options.allInnerTexts(), ['Ada', 'all\nNotify everybody in this room']);
  await ada.composer.fill('');

  await ada.choose('for tea', 'Edit');
  await ada.seeComposed('@Bob and @Deleted person for tea');
  await ada.composer.pressSequentially('!');
  await ada.composer.press('Enter');
  await ada.seeTexts(['@Bob and @Deleted person for tea!']);
  assert.deepEqual(
    await ada.log.locator('.mention').evaluateAll((all) => all.map((each) => each.getAttribute('data-person'))),
    [bob, id],
  );
});

test('the list opens by initials, full-width ＠ and keys, and closes on Escape; not in addresses and code', async (t) => {
  const { url, person } = await serveBuilt(t);
  await person('张三');
  await person('张三丰');
  await person('Bob');
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const options = ada.page.getByRole('option');
  const { composer } = ada;

  await composer.pressSequentially('＠zs');
  await options.nth(1).waitFor();
  assert.deepEqual(await options.allInnerTexts(), ['张三', '张三丰']);
  await composer.press('ArrowDown');
  await composer.press('Tab');
  assert.equal(await composer.inputValue(), '@张三丰 ');

  await composer.fill('');
  await composer.pressSequentially('@b');
  await options.filter({ hasText: 'Bob' }).waitFor();
  await composer.press('Escape');
  await options.first().waitFor({ state: 'detached' });
  await composer.pressSequentially('o');
  assert.equal(await options.count(), 0, 'the person has closed the list of this @');

  // The first list that opens is that of the last @.
  await composer.fill('');
  await composer.pressSequentially('ada@bob `@bob` @zhangs');
  await options.filter({ hasText: '张三丰' }).waitFor();
  await options.filter({ hasText: '张三丰' }).click();
  assert.equal(await composer.inputValue(), 'ada@bob `@bob` @张三丰 ');
  await composer.press('Enter');
  await ada.log.locator('.message--sent').waitFor();
  assert.deepEqual(await ada.log.locator('.mention').allInnerTexts(), ['@张三丰']);
});

test('Enter right after more text was inserted sends all of it, and a message that is edited opens no list', async (t) => {
  const { url, person } = await serveBuilt(t);
  await person('王老师');
  const ada = await ChatWindow.open(t, browser, url);
  /** For which names the page asked. */
  const asked: string[] = [];
  ada.page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const { type, text } = JSON.parse(String(payload)) as { type: string; text: string };
      if (type === 'find-people') asked.push(text);
    }),
  );
  await ada.register('Ada');
  const { composer, page } = ada;
  const option = page.getByRole('option', { name: '王老师' });
  await composer.pressSequentially('你好 @王老师');
  await option.waitFor();
  // In one turn, before the list can follow.
  await composer.evaluate((field: HTMLTextAreaElement) => {
    document.execCommand('insertText', false, ' OK');
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  });
  await ada.rowOf('你好 @王老师 OK').and(page.locator('.message--sent')).waitFor();

  await composer.pressSequentially('@王老');
  await option.waitFor();
  await composer.press('Enter');
  await composer.press('Enter');
  await ada.log.locator('.message--sent').nth(1).waitFor();
  await composer.press('ArrowUp');
  await ada.seeComposed('@王老师');
  await page.locator('.intent').waitFor();
  asked.length = 0;
  await composer.press('End');
  await composer.press('ArrowLeft');
  await composer.press('End');
  // As long as the page waits before it asks.
  await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), askDelayMs);
  await composer.pressSequentially(' @ad');
  await page.getByRole('option', { name: 'Ada' }).waitFor();
  assert.equal(asked.at(-1), 'ad');
  assert.ok(!asked.some((text) => text.startsWith('王')), asked.join());
  await composer.press('Escape');
  for (let count = 0; count < 4; count++) await composer.press('Backspace');
  await composer.pressSequentially('x');
  await composer.press('Backspace');
  await option.waitFor();
});

test('Enter that ends a composition chooses nobody and sends nothing', async (t) => {
  const { url, person } = await serveBuilt(t);
  await person('张三');
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const options = ada.page.getByRole('option');
  await ada.composer.pressSequentially('@');
  await options.filter({ hasText: '张三' }).waitFor();
  const cdp = await ada.page.context().newCDPSession(ada.page);
  await cdp.send('Input.imeSetComposition', { text: 'zhang', selectionStart: 5, selectionEnd: 5 });
  await options.filter({ hasText: '张三' }).waitFor();
  await ada.composer.press('Enter');
  // Without an input method the browser writes a line break.
  assert.match(await ada.composer.inputValue(), /^@zhang\n?$/);
  assert.deepEqual(await ada.texts(), []);
  await ada.composer.fill('');
  await ada.composer.pressSequentially('@');
  await cdp.send('Input.imeSetComposition', { text: 'zhang', selectionStart: 5, selectionEnd: 5 });
  await cdp.send('Input.insertText', { text: '张' });
  await options.filter({ hasText: '张三' }).waitFor();
  await ada.composer.press('Enter');
  assert.equal(await ada.composer.inputValue(), '@张三 ');
});

test('a mention of everybody asks first in a room of more than five people', async (t) => {
  const { url, person } = await serveBuilt(t);
  for (const name of ['B', 'C', 'D', 'E']) await person(name);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.say('@all five');
  await ada.log.locator('.message--sent', { hasText: '@all five' }).waitFor();
  await person('F');
  await ada.say('@all six');
  const question = ada.page.getByRole('alertdialog', { name: 'Notify all 6 people in this room?' });
  await question.waitFor();
  await ada.page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  assert.equal(await ada.composer.inputValue(), '@all six');
  await ada.composer.press('Enter');
  await question.getByRole('button', { name: 'Send' }).press('Enter');
  await ada.seeTexts(['@all five', '@all six']);
  assert.equal(await ada.composer.inputValue(), '');
});

test('a mention of everybody is what was in the field at Enter, also if the person writes on or opens another room before the members are counted', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.page.getByRole('button', { name: 'New room' }).click();
  await ada.page.getByRole('textbox', { name: 'Name of the room' }).fill('Garden');
  await ada.page.keyboard.press('Enter');
  await ada.page.getByRole('heading', { name: 'Garden', level: 1 }).waitFor();
  /** Presses Enter, and does something before the server receives the question for the number of members. */
  const beforeTheCount = async (act: () => Promise<void>): Promise<void> => {
    await ada.page.evaluate(() => {
      const { send } = WebSocket.prototype;
      const held = Promise.withResolvers<void>();
      Object.assign(window, { letGo: held.resolve });
      WebSocket.prototype.send = function (data) {
        if (!String(data).includes('"find-people"')) send.call(this, data);
        else void held.promise.then(() => send.call(this, data));
      };
    });
    await ada.composer.press('Enter');
    await act();
    await ada.page.evaluate(() => (window as unknown as { letGo: () => void }).letGo());
  };
  await ada.composer.fill('@all water');
  await beforeTheCount(() => ada.page.keyboard.type('and now'));
  await ada.log.locator('.message--sent', { hasText: '@all water' }).waitFor();
  assert.equal(await ada.composer.inputValue(), 'and now');
  await ada.composer.fill('@all seeds');
  await beforeTheCount(async () => {
    await ada.page.getByRole('link', { name: /^Lobby/ }).click();
    await ada.page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  });
  // Without the pencil of a draft.
  await ada.page.getByRole('link', { name: 'Garden', exact: true }).click();
  await ada.seeTexts(['@all water', '@all seeds']);
  assert.equal(await ada.composer.inputValue(), '');
});

test('a member cannot mention everybody in a room of more than 50 people: the page says why and keeps the text', async (t) => {
  const { url, database } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const people = Array.from({ length: 50 }, (_, at) => ({
    id: `p${at}`,
    name: `P${at}`,
    nameKey: `p${at}`,
    passwordHash: '',
    createdAt: 1,
    role: 'member' as const,
  }));
  await database.tables.insertInto('person').values(people).execute();
  await ada.say('@all of you');
  const answer = ada.page.getByRole('alertdialog', { name: /only its owners and administrators can notify everybody/ });
  await answer.waitFor();
  assert.equal(await answer.getByRole('button').count(), 1);
  await ada.page.keyboard.press('Enter');
  await answer.waitFor({ state: 'detached' });
  assert.equal(await ada.composer.inputValue(), '@all of you');
  assert.deepEqual(await ada.texts(), []);
});

test('a mention counts in the list of rooms, the title and the icon until it is read, also after a reload and in both windows', async (t) => {
  const { url } = await serveBuilt(t);
  const zhang = await ChatWindow.open(t, browser, url);
  await zhang.register('张三');
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const { page } = zhang;
  const badge = page.locator('.room-link .badge--mention');
  const icon = page.locator('link[rel=icon]');
  const plainIcon = await icon.getAttribute('href');
  await zhang.setFocused(false);
  await ada.sayAndSee('nothing for anybody');
  await page.waitForFunction(() => document.title.startsWith('• '));
  assert.equal(await badge.count(), 0);
  const otherIcon = await icon.getAttribute('href');
  assert.notEqual(otherIcon, plainIcon);
  await ada.composer.pressSequentially('@张');
  await ada.page.getByRole('option').first().waitFor();
  await ada.composer.press('Enter');
  await ada.say(`${await ada.composer.inputValue()}please look`);
  await badge.waitFor();
  assert.equal(await badge.locator('[aria-hidden]').innerText(), '@1');
  await page.waitForFunction(() => document.title.startsWith('(1) '));
  await page.waitForFunction(
    (other) => document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href !== other,
    otherIcon,
  );
  await page.addInitScript(() => (document.hasFocus = () => false));
  await page.reload();
  await badge.waitFor();
  assert.equal(await badge.locator('[aria-hidden]').innerText(), '@1');
  await zhang.setFocused(true);
  await badge.waitFor({ state: 'detached' });
  await page.waitForFunction(() => /^[^(•]/.test(document.title));
  assert.equal(await icon.getAttribute('href'), plainIcon);
});

test('the list of mentions has the newest first and leads to the message', async (t) => {
  const { url } = await serveBuilt(t);
  const zhang = await ChatWindow.open(t, browser, url);
  await zhang.register('张三');
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const { page } = zhang;
  await page.getByRole('button', { name: 'Mentions of you' }).click();
  const dialog = page.getByRole('dialog', { name: 'Mentions of you' });
  await dialog.getByText('Nobody has mentioned you yet.').waitFor();
  await page.keyboard.press('Escape');
  await ada.composer.pressSequentially('@张');
  await ada.page.getByRole('option').first().waitFor();
  await ada.composer.press('Enter');
  await ada.say(`${await ada.composer.inputValue()}first`);
  await ada.log.locator('.message--sent', { hasText: 'first' }).waitFor();
  await ada.say('@张三 second');
  await zhang.log.locator('.message--mention', { hasText: 'second' }).waitFor();
  const entries = dialog.locator('.mention-entry-text');
  // The history copies messages into the table after they are sent.
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    await page.getByRole('button', { name: 'Mentions of you' }).click();
    await dialog.locator('.mention-entry, .mentions-words strong').first().waitFor();
    if ((await entries.count()) === 2) break;
    await page.keyboard.press('Escape');
  }
  assert.deepEqual(await entries.allInnerTexts(), ['@张三 second', '@张三 first']);
  await entries.last().click();
  await dialog.waitFor({ state: 'detached' });
  await zhang.log.locator('.message', { hasText: 'first' }).waitFor();
});
