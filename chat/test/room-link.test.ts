/**
 * A link to a room leads there, whatever is between: signing in, a wrong password, registration, another language, a log-out.
 */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { SignInLimits } from '../accounts/attempt-limit.ts';
import type { WireRoom } from '../wire.ts';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { password, Visitor } from './support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

/** Starts a server with a room 读书 of Bob, and opens a window of a visitor without a session. */
async function open(
  t: TestContext,
  options: BrowserContextOptions = {},
  signIn: SignInLimits = {},
): Promise<{ url: string; link: string; window: ChatWindow; page: Page; bob: Visitor }> {
  const { url } = await serveBuilt(t, { signIn });
  const bob = new Visitor(t, url);
  await bob.register('Bob');
  const client = bob.connect();
  await new Promise<void>((resolve) => client.on('welcome', () => resolve()));
  const room = (await client.call<string>('make-room', { name: '读书' }))['room'] as WireRoom;
  const window = await ChatWindow.open(t, browser, url, options);
  return { url, link: `/#/rooms/${room.id}`, window, page: window.page, bob };
}

async function fill(page: Page, name: string, word: string): Promise<void> {
  await page.locator('#form-name').fill(name);
  await page.locator('#form-password').fill(word);
  await page.locator('form button[type=submit]').click();
}

async function seeRoom(page: Page, url: string, link: string): Promise<void> {
  await page.getByRole('heading', { name: '读书', level: 1 }).waitFor();
  assert.equal(page.url(), url + link);
}

test('a link to a room survives wrong passwords, the switch of the language and signing in', async (t) => {
  const { url, link, page } = await open(t);
  await page.goto(url + link);
  await fill(page, 'Bob', 'wrong horse battery');
  await page.getByText('The name or the password is wrong.').waitFor();
  await page.getByRole('link', { name: '简体中文' }).click();
  await page.getByRole('button', { name: '登录' }).waitFor();
  await fill(page, '', password);
  await page.locator('#form-name-error, .form-errors').first().waitFor();
  await page.getByRole('link', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await fill(page, 'Bob', password);
  await seeRoom(page, url, link);
});

test('a link to a room survives registration, and the room can be joined', async (t) => {
  const { url, link, page, window } = await open(t);
  await page.goto(url + link);
  await page.getByRole('link', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Create your account' }).waitFor();
  await fill(page, 'Ada', 'short');
  await page.getByText('This password is too short').waitFor();
  await page.getByRole('link', { name: 'Log in' }).click();
  await page.getByRole('link', { name: '简体中文' }).click();
  await page.getByRole('link', { name: '注册' }).click();
  await page.locator('#form-password-hint').waitFor();
  await fill(page, 'Ada', password);
  await seeRoom(page, url, link);
  await page.getByRole('main').getByRole('button', { name: /读书/ }).click();
  await window.composer.waitFor();
  await window.sayAndSee('这里');
});

test('a link to a room opens the room on a phone, and the query of the address is kept', async (t) => {
  const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };
  const { url, link, page, window } = await open(t, phone);
  await page.goto(url + link.replace('/#', '/?from=mail#'));
  await fill(page, 'Bob', password);
  await seeRoom(page, url, link.replace('/#', '/?from=mail#'));
  await window.composer.waitFor();
});

test('the room of a window opens again after a log-out, in every window, and after the session ended', async (t) => {
  const { url, link, page, bob } = await open(t, {}, { sessionsPerPerson: 1 });
  await page.goto(url + link);
  await fill(page, 'Bob', password);
  await seeRoom(page, url, link);
  const second = new ChatWindow(await page.context().newPage(), url).page;
  await second.goto(url + link);
  await seeRoom(second, url, link);

  await page.getByRole('button', { name: 'Your menu, Bob' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  for (const left of [page, second]) await left.waitForURL(`${url}/login${link.slice(1)}`);
  await fill(page, 'Bob', password);
  await seeRoom(page, url, link);
  await second.close();

  await bob.logIn('Bob');
  await page.getByText('You have been signed out.').waitFor();
  await page.getByRole('link', { name: '简体中文' }).click();
  await page.getByRole('button', { name: '登录' }).waitFor();
  await fill(page, 'Bob', password);
  await seeRoom(page, url, link);
});

test('an error page leads back to the room of its address', async (t) => {
  const { url, link, page } = await open(t);
  await page.goto(`${url}/nowhere${link.slice(1)}`);
  await page.getByRole('link', { name: 'Back to the chat' }).click();
  await fill(page, 'Bob', password);
  await seeRoom(page, url, link);
});

test('an address leads to no other site', async (t) => {
  const { url, link, page } = await open(t);
  for (const address of [
    '/login?next=//evil.example',
    '/login#//evil.example',
    '/login?next=%2F%5Cevil.example#https://evil.example/',
    `/login?next=https://evil.example/${link}`,
    `/login?next=//evil.example${link.slice(1)}`,
    '/register?next=/.//evil.example#/rooms/..//evil.example',
  ]) {
    await page.goto(url + address);
    for (const target of await page
      .locator('a')
      .evaluateAll((links) => links.map((a) => (a as HTMLAnchorElement).href))) {
      assert.equal(new URL(target).origin, url);
    }
    if (address.startsWith('/register')) continue;
    await fill(page, 'Bob', password);
    await page.locator('#app .shell').waitFor();
    const { origin, pathname, hash } = new URL(page.url());
    assert.deepEqual([origin, pathname], [url, '/']);
    if (address.endsWith(link.slice(1))) assert.equal(hash, link.slice(1));
    await page.context().clearCookies();
  }
});
