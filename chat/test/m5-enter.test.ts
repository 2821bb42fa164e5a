/** M5: a key that ends a composition, as in Chinese input, sends, saves, chooses and closes nothing. The next one does, once. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { CDPSession, Locator } from 'playwright-core';
import { serveAsProgram, serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

interface Opened {
  readonly zhang: ChatWindow;
  readonly devtools: CDPSession;
  /** Another person in the same room. */
  readonly bob: ChatWindow;
}

async function open(t: TestContext): Promise<Opened> {
  const server = await serveAsProgram(t);
  const bob = await ChatWindow.open(t, browser, server.url);
  await bob.register('Bob');
  const zhang = await ChatWindow.open(t, browser, server.url, { locale: 'zh-CN' });
  await zhang.register('张三');
  await zhang.composer.focus();
  return { zhang, bob, devtools: await zhang.page.context().newCDPSession(zhang.page) };
}

/** Types letters in a composition, and ends it with Enter. As with an input method, the browser inserts nothing for the key. */
async function compose(devtools: CDPSession, letters: string, text: string): Promise<void> {
  const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13 };
  const selection = { selectionStart: letters.length, selectionEnd: letters.length };
  await devtools.send('Input.imeSetComposition', { text: letters, ...selection });
  await devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
  await devtools.send('Input.insertText', { text });
  await devtools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
}

/** A key as Safari sends it: the composition has ended before, and only the key code shows that it belongs to it. */
async function pressAsSafari(field: Locator, key: 'Enter' | 'Escape' | 'ArrowDown'): Promise<void> {
  await field.evaluate((element, pressed) => {
    const init = { key: pressed, keyCode: 229, bubbles: true, cancelable: true };
    element.dispatchEvent(new KeyboardEvent('keydown', init));
  }, key);
}

/** Waits until another person has exactly these messages, so that none was sent twice. */
async function seeOnce({ zhang, bob }: Opened, ...texts: readonly string[]): Promise<void> {
  await bob.sayAndSee('the end');
  for (const window of [zhang, bob]) await window.seeTexts([...texts, 'the end']);
}

test('M5: the Enter that ends a composition does not send, and the next one does, once', async (t) => {
  const opened = await open(t);
  const { zhang, devtools } = opened;
  await compose(devtools, 'ni hao', '你好');
  assert.deepEqual(await zhang.texts(), []);
  assert.equal(await zhang.composer.inputValue(), '你好');
  await pressAsSafari(zhang.composer, 'Enter');
  assert.deepEqual(await zhang.texts(), []);
  // The same without the key code: the composition ended in the same task.
  await zhang.composer.evaluate((field) => {
    field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
    field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 13, bubbles: true, cancelable: true }));
  });
  assert.deepEqual(await zhang.texts(), []);
  assert.equal(await zhang.composer.inputValue(), '你好');
  await zhang.page.keyboard.press('Enter');
  await zhang.seeTexts(['你好']);
  await seeOnce(opened, '你好');
});

test('M5: the Enter that ends a composition does not save an edit, and the next one does; Esc does not cancel it', async (t) => {
  const opened = await open(t);
  const { zhang, devtools } = opened;
  await zhang.sayAndSee('你好');
  await zhang.composer.press('ArrowUp');
  const edit = zhang.page.getByText('编辑消息');
  await edit.waitFor();
  await compose(devtools, 'ma', '吗');
  assert.equal(await zhang.composer.inputValue(), '你好吗');
  await pressAsSafari(zhang.composer, 'Enter');
  await pressAsSafari(zhang.composer, 'Escape');
  assert.ok(await edit.isVisible());
  assert.equal(await zhang.composer.inputValue(), '你好吗');
  assert.deepEqual(await zhang.texts(), ['你好']);
  await zhang.page.keyboard.press('Enter');
  await edit.waitFor({ state: 'detached' });
  await seeOnce(opened, '你好吗');
});

test('M5: a key that ends a composition chooses nobody in the list of people, and the next Enter does', async (t) => {
  const opened = await open(t);
  const { zhang, devtools } = opened;
  const options = zhang.page.getByRole('option');
  await zhang.composer.pressSequentially('@');
  await options.filter({ hasText: 'Bob' }).waitFor();
  await compose(devtools, 'bo', 'Bo');
  await options.filter({ hasText: 'Bob' }).waitFor();
  for (const key of ['Enter', 'Escape', 'ArrowDown'] as const) await pressAsSafari(zhang.composer, key);
  assert.equal(await zhang.composer.inputValue(), '@Bo');
  assert.equal(await options.filter({ hasText: 'Bob' }).getAttribute('aria-selected'), 'true');
  assert.deepEqual(await zhang.texts(), []);
  await zhang.page.keyboard.press('Enter');
  await options.first().waitFor({ state: 'detached' });
  assert.equal(await zhang.composer.inputValue(), '@Bob ');
  await zhang.page.keyboard.press('Enter');
  await seeOnce(opened, '@Bob');
});

test('M5: new messages and another window change nothing in a composition, and half a word is no draft', async (t) => {
  const { zhang, bob, devtools } = await open(t);
  const { page } = zhang;
  await page.clock.install();
  await page.reload();
  await zhang.composer.pressSequentially('说');
  await page.clock.runFor(1000);
  const drafts = (): Promise<string[]> =>
    page.evaluate(() => Object.entries(localStorage).flatMap(([key, value]) => (/ draft /.test(key) ? [value] : [])));
  assert.deepEqual(await drafts(), ['说']);
  await devtools.send('Input.imeSetComposition', { text: 'ni hao', selectionStart: 6, selectionEnd: 6 });
  await bob.sayAndSee('hello');
  await zhang.seeTexts(['hello']);
  await page.clock.runFor(1000);
  assert.deepEqual(await drafts(), ['说']);
  const second = new ChatWindow(await page.context().newPage(), page.url());
  await second.page.goto(page.url());
  await second.composer.fill('in another window');
  await until(async () => (await drafts())[0] === 'in another window');
  assert.equal(await zhang.composer.inputValue(), '说ni hao');
  await devtools.send('Input.insertText', { text: '你好' });
  assert.equal(await zhang.composer.inputValue(), '说你好');
  await zhang.page.bringToFront();
  await zhang.composer.press('Enter');
  await bob.seeTexts(['hello', '说你好']);
});

test('M5: a key that ends a composition changes nothing in the filter, the switcher and the search for people', async (t) => {
  const chat = await serveBuilt(t);
  // In a bigger room the panel of people has a search.
  for (let number = 1; number <= 10; number++) await chat.person(`Person ${number}`);
  const zhang = await ChatWindow.open(t, browser, chat.url, {
    locale: 'zh-CN',
    viewport: { width: 1000, height: 700 },
  });
  await zhang.register('张三');
  const { page } = zhang;
  const filter = page.getByRole('searchbox', { name: '筛选房间' });
  await filter.fill('大');
  for (const key of ['Escape', 'ArrowDown'] as const) await pressAsSafari(filter, key);
  assert.equal(await filter.inputValue(), '大');
  assert.ok(await filter.evaluate((field) => field === document.activeElement), 'the filter has the focus');
  await page.keyboard.press('Escape');
  await until(async () => (await filter.inputValue()) === '');

  await page.keyboard.press('Control+k');
  const switcher = page.getByRole('combobox');
  await switcher.fill('大厅');
  await page.getByRole('option', { name: '大厅' }).waitFor();
  await pressAsSafari(switcher, 'Enter');
  assert.ok(await switcher.isVisible());
  await page.keyboard.press('Enter');
  await switcher.waitFor({ state: 'detached' });

  // The panel covers the messages at this width, so Esc closes it.
  await page.locator('.here-count').click();
  const people = page.locator('#people').getByRole('searchbox');
  await people.fill('张');
  await pressAsSafari(people, 'Escape');
  assert.ok(await people.isVisible());
  assert.equal(await people.inputValue(), '张');
});
