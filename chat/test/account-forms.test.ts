/** The forms for sign-in and registration in Chromium: names, descriptions, focus, languages and the button that shows the password. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { seeFocus, violations } from './support/accessibility.ts';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

async function open(t: TestContext, options: BrowserContextOptions = {}): Promise<{ page: Page; url: string }> {
  const { url } = await serveBuilt(t);
  const { page } = await ChatWindow.open(t, browser, url, options);
  return { page, url };
}

const name = (page: Page): Locator => page.locator('input[name=name]');
const password = (page: Page): Locator => page.locator('input[name=password]');
const send = (page: Page): Promise<void> => page.locator('form button[type=submit]').click();

/** The text of the elements that describe an input. */
const description = (input: Locator): Promise<string> =>
  input.evaluate((element) =>
    (element.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => (id === '' ? '' : (document.getElementById(id)?.innerText ?? `no element ${id}`)))
      .join(' '),
  );

test('both wrong fields of a registration have their errors at once, and the first has the focus', async (t) => {
  const { page, url } = await open(t);
  await page.goto(`${url}/register`);
  await seeFocus(page, '[name=name]');
  assert.equal(await description(name(page)), 'Everybody sees it. Up to 32 characters, any language.');
  await password(page).fill('short');
  await send(page);
  await page.locator('[aria-invalid]').first().waitFor();
  assert.equal(
    await description(name(page)),
    'Please choose a name. Everybody sees it. Up to 32 characters, any language.',
  );
  assert.equal(
    await description(password(page)),
    'This password is too short. Use at least 8 characters. At least 8 characters.',
  );
  await seeFocus(page, '[name=name]');
  assert.equal(await password(page).inputValue(), '');
  await name(page).fill('Ann');
  await send(page);
  await seeFocus(page, '[name=password]');
  assert.equal(await name(page).inputValue(), 'Ann');
});

test('after a wrong password the password has the focus, and the error describes it', async (t) => {
  const { page, url } = await open(t);
  await page.goto(`${url}/login`);
  await name(page).fill('Ann');
  await password(page).fill('wrong horse');
  await send(page);
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByRole('alert').innerText(), 'The name or the password is wrong.');
  await seeFocus(page, '[name=password]');
  assert.equal(await description(password(page)), 'The name or the password is wrong.');
  assert.equal(await description(name(page)), '');
});

test('password managers recognize the fields', async (t) => {
  const { page, url } = await open(t);
  for (const [path, expected] of [
    ['/login', 'current-password'],
    ['/register', 'new-password'],
  ] as const) {
    await page.goto(url + path);
    assert.equal(await name(page).getAttribute('autocomplete'), 'username');
    assert.equal(await password(page).getAttribute('autocomplete'), expected);
  }
});

test('a button shows the password, and its form sends it hidden', async (t) => {
  const { page, url } = await open(t);
  await page.goto(`${url}/login`);
  await password(page).fill('correct horse');
  const button = page.getByRole('button', { name: 'Show password' });
  await button.click();
  assert.equal(await password(page).getAttribute('type'), 'text');
  await page.getByRole('button', { name: 'Hide password', pressed: true }).click();
  assert.equal(await password(page).getAttribute('type'), 'password');
  await button.click();
  await page.evaluate(() => {
    document.addEventListener('submit', (event) => event.preventDefault());
  });
  await send(page);
  assert.equal(await password(page).getAttribute('type'), 'password');
});

for (const [locale, wrongName, wrongLogin] of [
  ['en-GB', 'Please enter your name.', 'The name or the password is wrong.'],
  ['zh-CN', '请输入你的名字。', '名字或密码不对。'],
] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`the forms break no rule of axe and fit a phone, in ${locale} and ${colorScheme}`, async (t) => {
      const { page, url } = await open(t, { locale, colorScheme, viewport: { width: 360, height: 740 } });
      const check = async (): Promise<void> => {
        assert.deepEqual(await violations(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways');
      };
      await page.goto(`${url}/register`);
      await check();
      await name(page).fill('x'.repeat(200));
      await send(page);
      await page.locator('[aria-invalid]').first().waitFor();
      await check();
      await page.goto(`${url}/login`);
      await check();
      await send(page);
      await page.getByText(wrongName).waitFor();
      await check();
      await name(page).fill('Ann');
      await password(page).fill('wrong horse');
      await send(page);
      await page.getByText(wrongLogin).waitFor();
      await check();
    });
  }
}
