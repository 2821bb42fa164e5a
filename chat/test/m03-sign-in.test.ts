/** M3: signing in returns to the page that was asked for; the 11th wrong password within three minutes is refused in the reader's language. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveChat } from './support/app.ts';
import { password } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

const distPath = fileURLToPath(new URL('../dist', import.meta.url));

test('a person who signs in gets the asked page, and too many wrong passwords a text with the time to wait', async (t) => {
  const chat = await serveChat(t, { distPath });
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

  const eve = chat.visitor();
  for (let guess = 0; guess < 10; guess++) {
    assert.equal((await eve.submit('/login', { name: `Name ${guess}`, password: 'a wrong one' })).status, 400);
  }
  const reader = await ChatWindow.open(t, browser, chat.url, { locale: 'zh-CN' });
  await reader.page.goto(`${chat.url}/login`);
  await reader.page.getByLabel('名字').fill('Ada');
  await reader.page.getByLabel('密码', { exact: true }).fill(password);
  const [response] = await Promise.all([
    reader.page.waitForResponse((answer) => answer.request().method() === 'POST'),
    reader.page.getByRole('button', { name: '登录' }).click(),
  ]);
  assert.equal(response.status(), 429);
  await reader.page.getByText('尝试次数太多').waitFor();
});
