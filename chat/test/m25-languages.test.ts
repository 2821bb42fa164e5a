/**
 * M25: every visible text in both languages, and the switch without losing the draft. locale/locale.test.ts and the types of the keys fail
 * the build for a missing text.
 */
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

/** Texts that are the same in every language: the product, names of languages, keys, roles of the test, numbers and times. */
const neutral =
  /Gale|English|PNG|JPEG|WebP|Mac|简体中文|Ctrl|Shift|Enter|Esc|Alt|Tab|CODE|QR|UTC|Chrome|Linux|Headless|https?:\/\/\S+|localhost\S*|127\.0\.0\.1\S*|\b(AM|PM)\b/gu;

/** All texts that a person sees or hears, of the page that is open. */
function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = [document.title];
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      if (element.closest('script, style, template, noscript, svg, bdi, .no-script, select')) continue;
      if (!element.checkVisibility()) continue;
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) found.push(element.getAttribute(name) ?? '');
      for (const node of element.childNodes) if (node instanceof Text) found.push(node.data);
    }
    return [...new Set(found.map((text) => text.trim()))].filter((text) => text !== '');
  });
}

/** Names of zones and languages of the chat are not in its own texts. */
async function seeOnly(page: Page, language: 'zh-CN' | 'en', where: string): Promise<void> {
  assert.equal(await page.locator('html').getAttribute('lang'), language, where);
  const foreign = language === 'en' ? /\p{Script=Han}/u : /[A-Za-z]{2,}/u;
  const wrong = (await textsOf(page)).filter((text) => foreign.test(text.replaceAll(neutral, '')));
  assert.deepEqual(wrong, [], where);
}

/** Names of the buttons that open dialogs: of rooms, and of a message. */
const buttons = {
  'zh-CN': { rooms: ['浏览房间', '发起私聊', '新建房间'], message: ['添加表情回应', '更多操作'] },
  en: { rooms: ['Browse rooms', 'New direct message', 'New room'], message: ['Add reaction', 'More actions'] },
} as const;

/** Opens each menu and each dialog of a room, and closes it with Escape. */
async function seeMenusAndDialogs({ page, log }: ChatWindow, language: 'zh-CN' | 'en'): Promise<void> {
  const dialog = page.getByRole('dialog');
  const look = async (where: string, open: () => Promise<void>, shown = dialog): Promise<void> => {
    await open();
    await shown.first().waitFor();
    await seeOnly(page, language, where);
    assert.deepEqual(await violations(page), [], where);
    await page.keyboard.press('Escape');
    await shown.first().waitFor({ state: 'detached' });
  };
  const items = page.locator('.menu-item');
  await look('the menu of the person', () => page.locator('.user-menu .disclosure-button').click(), items);
  await look('the menu of the room', () => page.locator('.room-menu .disclosure-button').click(), items);
  await look('the card of a person', () => page.locator('.people-row').first().click());
  await look('about the room', async () => {
    await page.locator('.room-menu .disclosure-button').click();
    await items.first().click();
  });
  for (const name of buttons[language].rooms)
    await look(name, () => page.getByRole('button', { name, exact: true }).first().click());
  const message = log.locator('.message').first();
  for (const more of buttons[language].message)
    await look(more, async () => {
      await message.hover();
      await message.getByRole('button', { name: more, exact: true }).click();
    });
}

for (const [language, locale, words] of [
  ['zh-CN', 'zh-CN', { name: '张三', text: '你好', room: '读书' }],
  ['en', 'en-GB', { name: 'Ada', text: 'hello', room: 'Books' }],
] as const) {
  test(`M25: every screen has only texts of ${language}`, async (t) => {
    const chat = await serveBuilt(t, { registration: 'invite' });
    const window = await ChatWindow.open(t, browser, chat.url, { locale });
    const { page } = window;
    await page.goto(`${chat.url}/setup`);
    await seeOnly(page, language, 'setup');
    await page.locator('input[name=name]').fill(words.name);
    await page.locator('input[name=password]').fill('short');
    await page.locator('form[method=post] button[type=submit]').first().click();
    await page.locator('.form-errors, .field-error, [id$=error]').first().waitFor();
    await seeOnly(page, language, 'a refused form');
    await page.locator('input[name=password]').fill(password);
    await page.locator('form[method=post] button[type=submit]').first().click();
    await window.composer.waitFor();
    await window.sayAndSee(words.text);
    await seeOnly(page, language, 'a room');

    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await seeOnly(page, language, 'the quick switcher');
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    await page.locator('.mentions-button').click();
    await page.getByRole('dialog').waitFor();
    await seeOnly(page, language, 'the mentions');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await window.log.locator('.message').first().hover();
    await seeOnly(page, language, 'the tools of a message');
    await seeMenusAndDialogs(window, language);
    for (const path of ['/settings', '/admin/people', '/admin/invites', '/admin/rooms', '/admin/audit', '/nowhere']) {
      await page.goto(chat.url + path);
      await seeOnly(page, language, path);
    }
    const visitor = await ChatWindow.open(t, browser, chat.url, { locale });
    for (const path of ['/login', '/register', '/invite/nothing', '/sign-in/nothing']) {
      await visitor.page.goto(chat.url + path);
      await seeOnly(visitor.page, language, path);
    }
  });
}

test('M25: changes the language without a reload, and keeps the typed text', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.register('Ada');
  await ada.composer.fill('half a thought');
  await ada.page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await ada.page.getByText('简体中文').click();
  await ada.page.getByRole('heading', { name: '大厅', level: 1 }).waitFor();
  assert.equal(await ada.page.locator('html').getAttribute('lang'), 'zh-CN');
  assert.equal(await ada.composer.inputValue(), 'half a thought');
  await ada.page.reload();
  await ada.page.getByRole('heading', { name: '大厅', level: 1 }).waitFor();
  assert.equal(await ada.composer.inputValue(), 'half a thought');
});

test('M25: a language that is chosen in the settings is that of the other window too, for screen readers and fonts as well', async (t) => {
  const chat = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.register('Ada');
  const settings = await ada.page.context().newPage();
  await settings.goto(`${chat.url}/settings`);
  await settings.locator('#preferences select[name=language]').selectOption('zh-CN');
  await settings.locator('#preferences button[type=submit]').click();
  await ada.page.getByRole('heading', { name: '大厅', level: 1 }).waitFor();
  await ada.page.locator('html[lang=zh-CN]').waitFor();
});
