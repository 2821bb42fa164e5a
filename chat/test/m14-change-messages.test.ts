/**
 * M14: edit, delete, recall, react, reply and copy the link, seen by another person at once; by mouse, keyboard and touch.
 */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { violations } from './support/accessibility.ts';
import { serveAsProgram, serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

async function adaAndZhang(t: TestContext): Promise<{ ada: ChatWindow; zhang: ChatWindow }> {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  const zhang = await ChatWindow.open(t, browser, server.url, { locale: 'zh-CN' });
  await ada.register('Ada');
  await zhang.register('张三');
  await ada.seePeople(2);
  return { ada, zhang };
}

const clipboardOf = (window: ChatWindow): Promise<string> => window.page.evaluate(() => navigator.clipboard.readText());

test('M14: others see an edit, a reaction, a reply and a deletion, and the room is not unread because of them', async (t) => {
  const { ada, zhang } = await adaAndZhang(t);
  await ada.sayAndSee('helo');
  await zhang.rowOf('helo').waitFor();
  await zhang.setFocused(false);

  await ada.press('helo', 'Edit');
  assert.equal(await ada.composer.inputValue(), 'helo');
  await ada.composer.fill('hello');
  await ada.composer.press('Enter');
  await zhang.rowOf('hello').getByText('（已编辑）').waitFor();
  await ada.seeComposed('');

  await zhang.press('hello', '添加表情回应');
  await zhang.page.getByRole('dialog').getByRole('button', { name: '用 🎉 回应' }).first().click();
  const reaction = ada.rowOf('hello').getByRole('button', { name: '🎉 1 person' });
  await reaction.click();
  await zhang.rowOf('hello').getByRole('button', { name: '🎉 2 人', pressed: true }).waitFor();
  await ada.rowOf('hello').getByRole('button', { name: '🎉 2 people', pressed: true }).click();
  await zhang.rowOf('hello').getByRole('button', { name: '🎉 1 人', pressed: true }).waitFor();

  await zhang.press('hello', '回复');
  await zhang.page.getByText('回复Ada').waitFor();
  await zhang.say('收到');
  await ada
    .rowOf('收到')
    .getByRole('button', { name: /You\s*hello/u })
    .waitFor();
  await ada.page.reload();
  await ada
    .rowOf('收到')
    .getByRole('button', { name: /You\s*hello/u })
    .waitFor();

  await ada.sayAndSee('another');
  await zhang.rowOf('another').waitFor();
  await zhang.setFocused(true);
  await zhang.page.waitForFunction(() => /^[^(•]/.test(document.title));
  await zhang.setFocused(false);
  await ada.choose('another', 'Recall');
  await zhang.log.getByText('撤回了一条消息', { exact: true }).waitFor();
  await ada.seeComposed('another');
  await ada.composer.fill('');
  await ada.choose('hello', 'Recall');
  await zhang.rowOf('收到').getByText('原消息已删除').waitFor();
  assert.equal(await zhang.page.getByText('hello').count(), 0);
  assert.equal(await zhang.page.title(), '大厅 · Gale');
});

test('M14: the messages of others cannot be edited or deleted, and text and link can be copied', async (t) => {
  const { ada, zhang } = await adaAndZhang(t);
  await zhang.say('**你好**');
  await ada.rowOf('你好').waitFor();
  await ada.choose('你好', 'Copy text');
  await ada.page.getByText('Text copied').waitFor();
  assert.equal(await clipboardOf(ada), '**你好**');
  await ada.choose('你好', 'Copy link');
  await ada.page.getByText('Link copied').waitFor();
  assert.match(await clipboardOf(ada), /^http:\/\/127\.0\.0\.1:\d+\/#\/rooms\/lobby\/1$/);
  await ada.press('你好', 'More actions');
  const entries = await ada.page.getByRole('dialog').getByRole('button').allInnerTexts();
  for (const entry of ['Edit', 'Delete', 'Recall', 'Pin']) assert.ok(!entries.includes(entry), entry);
  assert.deepEqual(await violations(ada.page), []);
  await ada.page.keyboard.press('Escape');
  await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('M14: everything is possible with the keyboard', async (t) => {
  const { ada, zhang } = await adaAndZhang(t);
  await zhang.sayAndSee('first');
  await ada.rowOf('first').waitFor();
  await ada.sayAndSee('second');
  await ada.composer.focus();

  await ada.page.keyboard.press('ArrowUp');
  await ada.seeComposed('second');
  await ada.page.keyboard.press('Escape');
  assert.equal(await ada.composer.inputValue(), '');
  await ada.page.keyboard.press('ArrowUp');
  await ada.seeComposed('second');
  await ada.page.keyboard.type('!');
  await ada.page.keyboard.press('Enter');
  await zhang.rowOf('second!').waitFor();

  await ada.log.focus();
  await ada.page.keyboard.press('ArrowUp');
  await ada.page.locator('.message:focus', { hasText: 'second!' }).waitFor();
  await ada.page.keyboard.press('ArrowUp');
  await ada.page.locator('.message:focus', { hasText: 'first' }).waitFor();
  await ada.page.getByRole('group', { name: 'Message actions' }).waitFor();
  assert.deepEqual(await violations(ada.page), []);
  await ada.page.keyboard.press('Tab');
  await ada.page.keyboard.press('Enter');
  await zhang.rowOf('first').getByRole('button', { name: '👍 1 人' }).waitFor();
  await ada.page.keyboard.press('Shift+Tab');
  await ada.page.locator('.reaction:focus').waitFor();
  await ada.page.keyboard.press('Shift+Tab');
  await ada.page.locator('.message:focus', { hasText: 'first' }).waitFor();
  await ada.page.keyboard.press('Enter');
  await ada.page.getByRole('dialog', { name: 'Message actions' }).waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.page.locator('.message:focus', { hasText: 'first' }).waitFor();
  await ada.page.keyboard.type('new');
  assert.equal(await ada.composer.inputValue(), 'new');
});

test('M14: each button of the toolbar works with keys alone, and the focus returns to it', async (t) => {
  const { ada, zhang } = await adaAndZhang(t);
  await zhang.sayAndSee('a question');
  await ada.rowOf('a question').waitFor();
  const { keyboard } = ada.page;
  const focused = (name: string): Promise<void> =>
    ada.page
      .getByRole('group', { name: 'Message actions' })
      .getByRole('button', { name })
      .and(ada.page.locator(':focus'))
      .waitFor();
  /** Presses the focused button, and closes what it opens. */
  const openAndClose = async (button: string, title: string): Promise<void> => {
    await focused(button);
    await keyboard.press('Enter');
    const dialog = ada.page.getByRole('dialog', { name: title });
    await dialog.locator(':focus').waitFor();
    await keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await focused(button);
  };
  await ada.log.focus();
  await keyboard.press('ArrowUp');
  await ada.page.locator('.message:focus', { hasText: 'a question' }).waitFor();
  for (let count = 0; count < 4; count++) await keyboard.press('Tab');
  await openAndClose('Add reaction', 'Add reaction');
  await keyboard.press('Tab');
  await focused('Reply');
  await keyboard.press('Tab');
  await openAndClose('More actions', 'Message actions');
  await keyboard.press('Shift+Tab');
  await focused('Reply');
  await keyboard.press('Enter');
  await ada.page.locator('#composer:focus').waitFor();
  await ada.page.getByText('Reply to 张三').waitFor();
  await keyboard.type('an answer');
  await keyboard.press('Enter');
  await zhang.rowOf('an answer').waitFor();
});

test('M14: a button of one message never acts on another, to which the toolbar moved meanwhile', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  for (const text of ['one', 'two']) await ada.sayAndSee(text);
  await ada.rowOf('one').hover();
  const edit = await ada.rowOf('one').getByRole('button', { name: 'Edit' }).elementHandle();
  await ada.rowOf('two').hover();
  await ada.rowOf('two').getByRole('button', { name: 'Edit' }).waitFor();
  await edit.evaluate((button) => (button as HTMLElement).click());
  await ada.seeComposed('one');
});

test('M14: a message is edited after its author was renamed, and an administrator deletes it under the new name', async (t) => {
  const { url, database } = await serveBuilt(t);
  const boss = await ChatWindow.open(t, browser, url);
  const ada = await ChatWindow.open(t, browser, url);
  await boss.register('Boss');
  await ada.register('Ada');
  await database.tables.updateTable('person').set({ role: 'administrator' }).where('name', '=', 'Boss').execute();
  await ada.sayAndSee('helo');
  await database.tables.updateTable('person').set({ name: 'Ada Lovelace' }).where('name', '=', 'Ada').execute();
  await ada.page.reload();
  await boss.page.reload();
  await ada.press('helo', 'Edit');
  await ada.composer.fill('hello');
  await ada.composer.press('Enter');
  await boss.rowOf('hello').getByText('(edited)').waitFor();
  await boss.log.getByText('Ada Lovelace').waitFor();
  await boss.choose('hello', 'Delete');
  await boss.page.getByRole('dialog').getByText('You delete the message of Ada Lovelace.').waitFor();
});

test('M14: a long press opens the menu on a touch screen', async (t) => {
  const { ada: other } = await adaAndZhang(t);
  const server = new URL(other.page.url()).origin;
  await other.sayAndSee('hold me');
  const phone = await ChatWindow.open(t, browser, server, {
    viewport: { width: 360, height: 640 },
    hasTouch: true,
    isMobile: true,
  });
  await phone.logIn('张三');
  await phone.page.getByRole('link', { name: 'Lobby' }).tap();
  const row = phone.rowOf('hold me');
  await row.waitFor();
  const { x, y } = (await row.locator('.bubble').boundingBox())!;
  const session = await phone.page.context().newCDPSession(phone.page);
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 5, y: y + 5 }] });
  const menu = phone.page.getByRole('dialog', { name: 'Message actions' });
  await menu.waitFor();
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  assert.deepEqual(await violations(phone.page), []);
  await menu.getByRole('button', { name: 'React with 👍' }).tap();
  await other.rowOf('hold me').getByRole('button', { name: '👍 1 person' }).waitFor();
});

test('a reply and an edit survive a reload, with the draft of the room', async (t) => {
  const { ada } = await adaAndZhang(t);
  await ada.sayAndSee('one');
  await ada.composer.fill('a draft');
  await ada.press('one', 'Edit');
  await ada.composer.fill('one, changed');
  await ada.composer.blur();
  await ada.page.reload();
  await ada.page.getByText('Edit message').waitFor();
  assert.equal(await ada.composer.inputValue(), 'one, changed');
  await ada.page.getByRole('button', { name: 'Cancel edit' }).click();
  await ada.page.getByText('Edit message').waitFor({ state: 'detached' });
  assert.equal(await ada.composer.inputValue(), 'a draft');
  await ada.press('one', 'Reply');
  await ada.page.reload();
  await ada.page.getByText('Reply to yourself').waitFor();
  await ada.composer.press('Enter');
  await ada
    .rowOf('a draft')
    .getByRole('button', { name: /You\s*one/u })
    .waitFor();
});

test('M14: a reply to a reply quotes only the message that it answers, and goes there; it stays when that is deleted', async (t) => {
  const { ada, zhang } = await adaAndZhang(t);
  await ada.sayAndSee('first');
  await zhang.rowOf('first').waitFor();
  await zhang.press('first', '回复');
  await zhang.sayAndSee('second');
  await ada.rowOf('second').waitFor();
  await ada.press('second', 'Reply');
  await ada.sayAndSee('third');
  const quote = zhang.rowOf('third').getByRole('button', { name: /second/u });
  await quote.waitFor();
  assert.equal(await zhang.rowOf('third').getByText('first').count(), 0);
  await quote.click();
  await zhang.rowOf('second').and(zhang.page.locator(':focus')).waitFor();
  await zhang.choose('second', '撤回', '更多操作');
  await ada.rowOf('third').getByText('Deleted message').waitFor();
  assert.equal(await ada.page.getByText('second').count(), 0);
});

test('M14: an administrator pins and deletes messages of others, and the list of pins leads to them', async (t) => {
  const { url, database } = await serveBuilt(t);
  const boss = await ChatWindow.open(t, browser, url);
  const ada = await ChatWindow.open(t, browser, url);
  await boss.register('Boss');
  await ada.register('Ada');
  await database.tables.updateTable('person').set({ role: 'administrator' }).where('name', '=', 'Boss').execute();
  await boss.page.reload();
  await ada.sayAndSee('the plan');
  await ada.sayAndSee('rude');
  await boss.rowOf('rude').waitFor();
  await boss.choose('the plan', 'Pin');
  await ada.rowOf('the plan').getByRole('img', { name: 'Pinned' }).waitFor();
  await boss.choose('rude', 'Delete');
  await boss.page.getByRole('dialog').getByText('You delete the message of Ada.').waitFor();
  assert.deepEqual(await violations(boss.page), []);
  await boss.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await ada.log.getByText('An administrator deleted this message').waitFor();
  await ada.page.getByRole('button', { name: 'Pinned messages' }).click();
  const pins = ada.page.getByRole('dialog', { name: 'Pinned messages' });
  await pins.getByText('the plan').waitFor();
  assert.deepEqual(await violations(ada.page), []);
  assert.equal(await pins.getByRole('button', { name: 'Unpin' }).count(), 0);
  await pins.getByRole('button', { name: /the plan/ }).click();
  await pins.waitFor({ state: 'detached' });
  await boss.sayAndSee('also this');
  await boss.choose('also this', 'Pin');
  await ada.page.getByRole('button', { name: 'Pinned messages' }).click();
  await pins.getByText('also this').waitFor();
  await boss.choose('also this', 'Recall');
  await pins.getByText('also this').waitFor({ state: 'detached' });
  await ada.page.keyboard.press('Escape');
  await boss.composer.fill('');
  await boss.page.getByRole('button', { name: 'Pinned messages' }).click();
  await boss.page.getByRole('dialog').getByRole('button', { name: 'Unpin' }).click();
  await boss.page.getByRole('dialog').getByText('Nothing is pinned here').waitFor();
  await ada.rowOf('the plan').getByRole('img', { name: 'Pinned' }).waitFor({ state: 'detached' });
});
