/** M3: signing in returns to the page that was asked for; the 11th wrong password within three minutes is refused in the reader's language. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { password } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M3: a person who signs in gets the asked page, and too many wrong passwords a text with the time to wait', async (t) => {
  const chat = await serveBuilt(t);
  await chat.person('Ada');
  const ada = await ChatWindow.open(t, browser, chat.url);
  const { page } = ada;
  await page.goto(`${chat.url}/settings`);
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await page.goto(chat.url);
  await page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  // The person is out: the next page asks again, and leads to the room that was asked for.
  await page.goto(`${chat.url}/settings`);
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await page.goto(`${chat.url}/#/rooms/lobby`);
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();

  const eve = chat.visitor();
  for (let guess = 0; guess < 10; guess++) {
    assert.equal((await eve.submit('/login', { name: `Name ${guess}`, password: 'a wrong one' })).status, 400);
  }
  for (const [locale, name, word, button, text] of [
    ['zh-CN', '名字', '密码', '登录', '尝试次数太多'],
    ['en-GB', 'Name', 'Password', 'Log in', 'Too many attempts'],
  ] as const) {
    const reader = await ChatWindow.open(t, browser, chat.url, { locale });
    await reader.page.goto(`${chat.url}/login`);
    await reader.page.getByLabel(name).fill('Ada');
    await reader.page.getByLabel(word, { exact: true }).fill(password);
    const [response] = await Promise.all([
      reader.page.waitForResponse((answer) => answer.request().method() === 'POST'),
      reader.page.getByRole('button', { name: button }).click(),
    ]);
    assert.equal(response.status(), 429);
    assert.ok(Number(response.headers()['retry-after']) > 0);
    await reader.page.getByText(text).waitFor();
    assert.equal(await reader.page.getByLabel(name).inputValue(), 'Ada');
  }
});
