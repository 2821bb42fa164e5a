/**
 * A log-out removes all texts of the person from the browser, which other people may use. The person can keep unsent texts.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { serveAsProgram, serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { serveChat } from './support/app.ts';
import { password, Visitor } from './support/chat-server.ts';
import { SocketProxy } from './support/socket-proxy.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

/** Folder for screenshots of the dialog; undefined for none. */
const picturesFolder = process.env['GALE_PICTURES'];

interface Words {
  readonly menu: RegExp;
  readonly logOut: string;
  readonly title: string;
  readonly remove: string;
  readonly keep: string;
  readonly cancel: string;
}

const english: Words = {
  menu: /^Your menu/,
  logOut: 'Log out',
  title: 'Log out and remove unsent texts?',
  remove: 'Remove and log out',
  keep: 'Keep and log out',
  cancel: 'Cancel',
};
const chinese: Words = {
  menu: /的菜单$/,
  logOut: '退出登录',
  title: '退出登录并删除未发送的内容？',
  remove: '删除并退出',
  keep: '保留并退出',
  cancel: '取消',
};

/** Opens the lobby in a window of Ada. */
async function openAda(t: TestContext, options: BrowserContextOptions = {}): Promise<ChatWindow> {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url, options);
  await ada.register('Ada');
  return ada;
}

async function pressLogOut(page: Page, words: Words = english): Promise<Locator> {
  await page.getByRole('button', { name: words.menu }).click();
  await page.getByRole('button', { name: words.logOut, exact: true }).click();
  return page.getByRole('dialog', { name: words.title });
}

/** The kinds of the keys in `localStorage` that begin with `gale-chat`. */
async function kept(page: Page): Promise<string[]> {
  const keys = await page.evaluate(() => Object.keys(localStorage));
  return keys
    .filter((key) => key.startsWith('gale-chat'))
    .map((key) => key.split(' ')[1] ?? '')
    .toSorted();
}

/** Waits for the page for signing in. It must not say that the session ended: the person ended it. */
async function seeLogIn(page: Page): Promise<void> {
  await page.waitForURL(/\/login/);
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
}

/** Opens another window of the same browser. */
async function openSecond(ada: ChatWindow, url: string): Promise<ChatWindow> {
  const second = new ChatWindow(await ada.page.context().newPage(), url);
  await second.page.goto(url);
  await second.composer.waitFor();
  return second;
}

/** Registers another account in the same browser and types a draft. */
async function registerBob(ada: ChatWindow, url: string, draft: string): Promise<void> {
  await ada.page.goto(`${url}/register`);
  await ada.register('Bob');
  await ada.composer.fill(draft);
}

test('asks at log-out if there is a draft; by default all texts of this person are removed', async (t) => {
  const ada = await openAda(t);
  const { page } = ada;
  // Log out at once, before the delay after which a draft is stored.
  await ada.composer.fill('half a sentence');
  const dialog = await pressLogOut(page);
  assert.deepEqual(await kept(page), ['draft', 'room']);
  await dialog.getByText('This browser has 1 text of yours that was not sent.').waitFor();
  const remove = dialog.getByRole('button', { name: english.remove });
  assert.ok(await remove.evaluate((button) => button === document.activeElement), 'the default has the focus');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/login$/);
  assert.deepEqual(await kept(page), []);
  assert.deepEqual(
    (await page.context().cookies()).filter(({ name }) => name.startsWith('signed-out')),
    [],
  );
  await ada.logInInPage('Ada');
  assert.equal(await ada.composer.inputValue(), '');
});

test('keeps the texts if the person chooses that, and shows them after the next log-in', async (t) => {
  const ada = await openAda(t);
  await ada.composer.fill('half a sentence');
  const dialog = await pressLogOut(ada.page);
  await dialog.getByRole('button', { name: english.keep }).click();
  await ada.page.waitForURL(/\/login$/);
  assert.deepEqual(await kept(ada.page), ['draft', 'room']);
  await ada.logInInPage('Ada');
  assert.equal(await ada.composer.inputValue(), 'half a sentence');
});

test('logs out once, and the pressed button shows progress, while the server does not respond', async (t) => {
  const ada = await openAda(t);
  const { page } = ada;
  await ada.composer.fill('half a sentence');
  const dialog = await pressLogOut(page);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let requests = 0;
  await page.route('**/logout', async (route) => {
    requests++;
    await released;
    await route.continue();
  });
  const { promise: busy, resolve: onBusy } = Promise.withResolvers<string>();
  await page.exposeFunction('onBusy', onBusy);
  // Playwright reads nothing from a page that navigates. So the page reports the button itself.
  await page.evaluate(() => {
    const { onBusy } = window as unknown as { onBusy(text: string | null): void };
    new MutationObserver(() => {
      const button = document.querySelector('dialog button[aria-busy=true]');
      if (button) onBusy(button.textContent);
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['aria-busy'] });
  });
  await dialog.getByRole('button', { name: english.keep }).dblclick({ noWaitAfter: true });
  assert.equal(await busy, english.keep);
  release();
  await seeLogIn(page);
  assert.equal(requests, 1);
  assert.deepEqual(await kept(page), ['draft', 'room']);
});

test('stays signed in after Cancel, Escape and a click outside the dialog, and the focus returns to the menu', async (t) => {
  const ada = await openAda(t);
  const { page } = ada;
  await ada.composer.fill('half a sentence');
  for (const close of [
    (dialog: Locator) => dialog.getByRole('button', { name: english.cancel }).click(),
    () => page.keyboard.press('Escape'),
    () => page.mouse.click(5, 5),
  ]) {
    const dialog = await pressLogOut(page);
    await dialog.waitFor();
    await close(dialog);
    await dialog.waitFor({ state: 'hidden' });
    const menu = page.getByRole('button', { name: english.menu });
    assert.ok(await menu.evaluate((button) => button === document.activeElement));
  }
  assert.equal(await ada.composer.inputValue(), 'half a sentence');
  await ada.sayAndSee('half a sentence, sent');
});

test('keeps the focus inside the dialog while it is open', async (t) => {
  const ada = await openAda(t);
  await ada.composer.fill('x');
  const dialog = await pressLogOut(ada.page);
  const names: string[] = [];
  for (let press = 0; press < 3; press++) {
    names.push(await ada.page.evaluate(() => document.activeElement?.textContent ?? ''));
    await ada.page.keyboard.press('Tab');
  }
  assert.deepEqual(names, [english.remove, english.keep, english.cancel]);
  assert.ok(await dialog.isVisible());
});

test('logs out without a question if nothing is unsent', async (t) => {
  const ada = await openAda(t);
  await ada.sayAndSee('all sent');
  await pressLogOut(ada.page);
  await seeLogIn(ada.page);
  assert.deepEqual(await kept(ada.page), []);
});

test('no window says that the session ended after a log-out, also not one without a connection', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  const second = await openSecond(ada, server.url);
  const asleep = new ChatWindow(await ada.page.context().newPage(), server.url);
  const proxy = await SocketProxy.open(asleep.page);
  await asleep.page.goto(server.url);
  await asleep.composer.waitFor();
  proxy.cut();
  await asleep.page.getByText('Reconnecting…').waitFor();
  await pressLogOut(ada.page);
  await seeLogIn(ada.page);
  await seeLogIn(second.page);
  await proxy.restore();
  await seeLogIn(asleep.page);
});

test('a window whose session another window ended gets the page for signing in at log-out', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  const asleep = new ChatWindow(await ada.page.context().newPage(), server.url);
  const proxy = await SocketProxy.open(asleep.page);
  // The page does not notice that its session ended.
  await asleep.page.route('**/me', (route) => route.abort());
  await asleep.page.goto(server.url);
  await asleep.composer.waitFor();
  proxy.cut();
  await asleep.page.getByText('Reconnecting…').waitFor();
  await pressLogOut(ada.page);
  await seeLogIn(ada.page);
  await pressLogOut(asleep.page);
  await seeLogIn(asleep.page);
});

test('says that the session ended if the person did not end it', async (t) => {
  const server = await serveBuilt(t, { signIn: { sessionsPerPerson: 1 } });
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  const phone = new Visitor(t, server.url);
  await phone.logIn('Ada');
  await ada.page.waitForURL(/\/login\?ended=1/);
  await ada.page.getByText('You have been signed out.').waitFor();
});

test('a window becomes that of the person who signs in to the same browser, and sends nothing of the person before', async (t) => {
  const server = await serveAsProgram(t);
  await new Visitor(t, server.url).register('Bob');
  const bob = await ChatWindow.open(t, browser, server.url);
  await bob.page.goto(`${server.url}/login`);
  const ada = new ChatWindow(await bob.page.context().newPage(), server.url);
  await ada.register('Ada');
  const asleep = new ChatWindow(await bob.page.context().newPage(), server.url);
  const proxy = await SocketProxy.open(asleep.page);
  await asleep.page.goto(server.url);
  await asleep.sayAndSee('of Ada');
  proxy.cut();
  await asleep.say('unsent of Ada');
  await asleep.log.locator('.message--pending').waitFor();
  await bob.page.getByLabel('Name').fill('Bob');
  await bob.page.getByLabel('Password', { exact: true }).fill(password);
  await bob.page.keyboard.press('Enter');
  for (const { page } of [bob, ada]) await page.getByRole('button', { name: 'Your menu, Bob' }).waitFor();
  await proxy.restore();
  await asleep.page.getByRole('button', { name: 'Your menu, Bob' }).waitFor();
  await asleep.sayAndSee('of Bob');
  await asleep.seeTexts(['of Ada', 'of Bob']);
});

test('a window that finds no session while another window signs in asks again, and stays open', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  const proxy = await SocketProxy.open(ada.page);
  await ada.register('Ada');
  await ada.sayAndSee('before');
  let loads = 0;
  ada.page.on('load', () => (loads += 1));
  let asked = 0;
  await ada.page.route(/\/me$/, async (route) => {
    asked += 1;
    await (asked === 1 ? route.fulfill({ json: { person: null } }) : route.continue());
  });
  proxy.cut();
  await until(() => asked > 1);
  await proxy.restore();
  await ada.sayAndSee('after');
  assert.equal(loads, 0);
});

test('counts messages that wait for the connection, and removes them', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  await ada.sayAndSee('before');
  // From now on nothing that the page sends arrives, so the message stays pending.
  await ada.page.evaluate(() => {
    WebSocket.prototype.send = () => {};
  });
  await ada.say('never sent');
  await ada.log.locator('.message--own', { hasText: 'never sent' }).waitFor();
  await ada.composer.fill('and a draft');
  const dialog = await pressLogOut(ada.page);
  assert.deepEqual(await kept(ada.page), ['draft', 'outbox', 'room']);
  await dialog.getByText('This browser has 2 texts of yours that were not sent.').waitFor();
  await dialog.getByRole('button', { name: english.remove }).click();
  await ada.page.waitForURL(/\/login$/);
  assert.deepEqual(await kept(ada.page), []);
});

test('removes only the texts of the person who logs out, in all windows of the browser', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  await ada.composer.fill('of Ada');
  const dialog = await pressLogOut(ada.page);
  await dialog.getByRole('button', { name: english.keep }).click();
  await ada.page.waitForURL(/\/login$/);
  await registerBob(ada, server.url, 'of Bob');
  const second = await ada.page.context().newPage();
  await second.goto(`${server.url}/#lobby`);
  await second.locator('#composer').waitFor();
  // The first window stores a draft 300 ms after the last key; the second follows it.
  await second.waitForFunction(() => document.querySelector<HTMLTextAreaElement>('#composer')?.value === 'of Bob');
  const dialogOfBob = await pressLogOut(ada.page);
  await dialogOfBob.getByText('This browser has 1 text of yours').waitFor();
  await dialogOfBob.getByRole('button', { name: english.remove }).click();
  await ada.page.waitForURL(/\/login$/);
  await seeLogIn(second);
  assert.deepEqual(await kept(second), ['draft', 'room']);
  await ada.logInInPage('Ada');
  assert.equal(await ada.composer.inputValue(), 'of Ada');
});

test('keeps the texts of a person whose session another client ended', async (t) => {
  const chat = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.register('Ada');
  await ada.composer.fill('half a sentence');
  const cookies = await ada.page.context().cookies();
  // Another client logs out of the same session.
  const thief = new Visitor(t, chat.url);
  for (const { name, value } of cookies) thief.cookies.set(name, value);
  assert.equal((await thief.submit('/logout', {}, '/')).status, 303);
  await ada.page.waitForURL(/\/login/);
  assert.deepEqual(await kept(ada.page), ['draft', 'room']);
  await ada.logInInPage('Ada');
  assert.equal(await ada.composer.inputValue(), 'half a sentence');
});

test('the next page removes the texts after a log-out without script, and does not say that the session ended', async (t) => {
  const ada = await openAda(t);
  await ada.composer.fill('half a sentence');
  await ada.page.evaluate(() => document.querySelector<HTMLFormElement>('#logout')?.submit());
  // The old page learns that its session ended, and may navigate too while the form does. So wait for the result of both.
  await ada.page.waitForFunction(
    () => location.pathname === '/login' && Object.keys(localStorage).every((key) => !key.startsWith('gale-chat')),
  );
  await seeLogIn(ada.page);
});

test('a log-out names its person in a cookie for the next page, unless the texts are kept', async (t) => {
  const chat = await serveChat(t);
  for (const [texts, names] of [
    [{}, true],
    [{ texts: 'remove' }, true],
    [{ texts: 'keep' }, false],
  ] as const) {
    const visitor = await chat.person(`Ann ${JSON.stringify(texts).replaceAll(/\W/g, '')}`);
    const response = await visitor.submit('/logout', texts, '/');
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith('signed-out-'));
    assert.equal(cookie !== undefined, names);
    if (cookie) assert.match(cookie, /^signed-out-[\w-]{16}=1; .*Path=\/; SameSite=Strict$/);
  }
});

for (const [width, colorScheme, locale] of [
  [360, 'light', 'en-GB'],
  [360, 'dark', 'zh-CN'],
  [1280, 'dark', 'en-GB'],
  [1280, 'light', 'zh-CN'],
] as const) {
  test(`the dialog fits at ${width} px in ${locale}, ${colorScheme}`, async (t) => {
    const words = locale === 'zh-CN' ? chinese : english;
    const isMobile = width < 760;
    const ada = await openAda(t, {
      viewport: { width, height: 720 },
      colorScheme,
      locale,
      isMobile,
      hasTouch: isMobile,
    });
    const { page } = ada;
    if (isMobile) await page.locator('.room-link').first().click();
    await ada.composer.fill('half a sentence');
    if (isMobile) await page.locator('.room-back').click();
    const dialog = await pressLogOut(page, words);
    await dialog.waitFor();
    for (const name of [words.remove, words.keep, words.cancel]) {
      const box = await dialog.getByRole('button', { name }).boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= width && box.y + box.height <= 720, JSON.stringify(box));
    }
    assert.ok(await dialog.evaluate((element) => element.scrollWidth <= element.clientWidth));
    if (picturesFolder) await page.screenshot({ path: join(picturesFolder, `${width}-${colorScheme}-${locale}.png`) });
  });
}
