/** What people do with messages all day, in a browser, on a server whose database is PostgreSQL. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { assertRange, scrollBy, shownNumbers, startLongLobby, watchRows } from './support/history-window.ts';
import { storagesWithPostgres } from './support/storages.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

const storage = storagesWithPostgres[0]!;
const { name, skip } = storage;

test(`${name}: writing, editing, deleting, reacting, mentioning, and what is unread`, { skip }, async (t) => {
  const lobby = await startLongLobby(t, 200, { storage });
  const ada = await lobby.open(browser);
  const zhang = await ChatWindow.open(t, browser, lobby.server.url);
  await zhang.register('张三');
  for (const window of [ada, zhang]) await window.log.getByText('message 200', { exact: true }).waitFor();
  await zhang.setFocused(false);
  for (const text of ['helo', '二 🌙', 'a mistake']) await ada.sayAndSee(text);
  await zhang.seeUnread(['helo', '二 🌙', 'a mistake']);
  await zhang.page.getByRole('link', { name: 'Lobby 3 unread messages' }).waitFor();
  await ada.press('helo', 'Edit');
  await ada.composer.fill('hello');
  await ada.composer.press('Enter');
  await zhang.rowOf('hello').getByText('(edited)').waitFor();
  await ada.choose('a mistake', 'Recall');
  await ada.seeComposed('a mistake');
  await zhang.seeUnread(['hello', '二 🌙']);
  await zhang.page.getByRole('link', { name: 'Lobby 2 unread messages' }).waitFor();
  await ada.composer.fill('');
  await ada.composer.pressSequentially('你好@zs');
  await ada.page.getByRole('option').filter({ hasText: '张三' }).waitFor();
  await ada.composer.press('Enter');
  await ada.composer.press('Enter');
  await zhang.log.locator('.mention--me', { hasText: '@张三' }).waitFor();
  await zhang.page.waitForFunction(() => document.title === '(1) Lobby · Gale');

  await zhang.setFocused(true);
  await zhang.page.waitForFunction(() => document.title === 'Lobby · Gale');
  await zhang.press('hello', 'Add reaction');
  await zhang.page.getByRole('dialog').getByRole('button', { name: 'React with 🎉' }).first().click();
  await ada.rowOf('hello').getByRole('button', { name: '🎉 1 person' }).waitFor();
  await zhang.press('hello', 'Reply');
  await zhang.sayAndSee('a reply');
  await ada
    .rowOf('a reply')
    .getByRole('button', { name: /You\s*hello/u })
    .waitFor();
  for (const window of [ada, zhang]) {
    await window.page.reload();
    await window.rowOf('hello').getByText('(edited)').waitFor();
    await window.rowOf('hello').getByRole('button', { name: '🎉 1 person' }).waitFor();
    await window.rowOf('a reply').waitFor();
    assert.deepEqual((await window.texts()).slice(-5), ['message 200', 'hello', '二 🌙', '你好@张三', 'a reply']);
    assert.equal(await window.page.title(), 'Lobby · Gale');
  }
});

test(`${name}: back through 300 messages, a link to one of them, and a pin`, { skip }, async (t) => {
  const lobby = await startLongLobby(t, 300, { storage });
  const ada = await lobby.open(browser);
  await ada.log.getByText('message 300', { exact: true }).waitFor();
  const { read } = await watchRows(ada.page);
  await until(async () => {
    await scrollBy(ada, -0.9);
    return (await shownNumbers(ada))[0] === 1 && (await ada.log.evaluate((log) => log.scrollTop === 0));
  }, 60_000);
  const { numbers, movedPx, repeated } = await read();
  assertRange(numbers, 1, 300);
  assert.ok(movedPx <= 2, `moved by ${movedPx} px`);
  assert.deepEqual(repeated, []);
  await ada.page.evaluate(() => (location.hash = '#/rooms/lobby/57'));
  await ada.log.locator('[data-lit]').getByText('message 57', { exact: true }).waitFor();

  await ada.page.getByRole('button', { name: 'New room' }).click();
  await ada.page.getByLabel('Name of the room').fill('茶室');
  await ada.page.keyboard.press('Enter');
  await ada.page.getByRole('heading', { name: '茶室', level: 1 }).waitFor();
  await ada.sayAndSee('the rules');
  await ada.choose('the rules', 'Pin');
  await ada.rowOf('the rules').getByRole('img', { name: 'Pinned' }).waitFor();
  await ada.page.reload();
  await ada.rowOf('the rules').getByRole('img', { name: 'Pinned' }).waitFor();
});
