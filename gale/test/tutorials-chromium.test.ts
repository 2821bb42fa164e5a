/** The programs of `examples/tutorials/` that have a page, in one Chromium. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { violations } from '../../chat/test/support/accessibility.ts';
import { launchChromium } from '../../chat/test/support/chromium.ts';
import { environmentWithSecret, startTutorial } from './support/started-tutorial.ts';

let browser: Browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser.close());

/** A page with cookies of its own. */
async function openPage(t: TestContext, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  return context.newPage();
}

/** No rule of axe is broken, and the page does not scroll sideways on a phone. */
async function checkPage(page: Page): Promise<void> {
  assert.deepEqual(await violations(page), [], page.url());
  const size = page.viewportSize() ?? { width: 1280, height: 720 };
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    `${page.url()} scrolls sideways`,
  );
  await page.setViewportSize(size);
}

async function textsOf(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allTextContents();
}

test('arguments: of the query, of a form, of both, and JSON', async (t) => {
  const { url } = await startTutorial(t, 'arguments');
  const query = await fetch(`${url}/query?user=%E5%BC%A0&user_list=1&user_list=2`);
  assert.deepEqual(await query.json(), {
    user: '张',
    age: null,
    userList: ['1', '2'],
  });
  assert.equal((await fetch(`${url}/query`)).status, 400);
  const json = await fetch(`${url}/json`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"a":[1]}',
  });
  assert.deepEqual(await json.json(), { received: { a: [1] } });
  const page = await openPage(t);
  await page.goto(`${url}/old`);
  assert.equal(page.url(), `${url}/`);
  await checkPage(page);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL('**/both?*');
  assert.deepEqual(JSON.parse((await page.textContent('body')) ?? ''), {
    user: 'zhanggen',
    userList: ['0', '1', '2'],
    bodyOnly: ['1', '2'],
    queryOnly: ['0'],
  });
});

test('templates: inheritance, loops, conditions, an included file, and escaped values', async (t) => {
  const { url } = await startTutorial(t, 'templates');
  const page = await openPage(t);
  await page.goto(url);
  assert.equal(await page.title(), 'People');
  await checkPage(page);
  assert.equal(await page.textContent('h1'), 'PEOPLE!');
  assert.deepEqual(await textsOf(page, '#people li'), ['张根', '于超', '李兆宇']);
  assert.deepEqual(await textsOf(page, '#person li'), ['name: 张根', 'gender: man', 'age: 18']);
  assert.deepEqual(await textsOf(page, '#message, #age'), ['There is no message.', '张根 is 18. 3 x 2 is 6.']);
  await page.goto(`${url}/?message=${encodeURIComponent('<b>"bold"</b>')}`);
  assert.deepEqual(await textsOf(page, '#message'), ['<b>"bold"</b>']);
});

test('ui-modules: each seed is a module, whose style is in the page once', async (t) => {
  const { url } = await startTutorial(t, 'ui-modules');
  const page = await openPage(t);
  await page.goto(url);
  assert.deepEqual(await textsOf(page, 'article h2'), ['Sunflower', '莲子']);
  assert.deepEqual(await textsOf(page, 'article p'), ['Needs <full> sun.', 'See www.example.com.']);
  assert.equal(await page.locator('article a').getAttribute('href'), 'http://www.example.com');
  assert.equal(await page.locator('head style').count(), 1);
  const title = page.locator('article h2').first();
  assert.equal(await title.evaluate((element) => getComputedStyle(element).color), 'rgb(0, 90, 60)');
  await checkPage(page);
});

test('static-files: the page loads its style sheet, whose URL has a version', async (t) => {
  const { url } = await startTutorial(t, 'static-files');
  const page = await openPage(t);
  await page.goto(url);
  assert.equal(await page.locator('h1').evaluate((title) => getComputedStyle(title).color), 'rgb(0, 90, 60)');
  await checkPage(page);
  const path = (await page.locator('link').getAttribute('href')) ?? '';
  assert.match(path, /^\/zhanggen\/page\.css\?v=\w+$/);
  assert.match((await fetch(url + path)).headers.get('cache-control') ?? '', /immutable/);
  assert.equal((await fetch(`${url}/zhanggen/page.css`)).headers.get('cache-control'), 'no-cache');
});

/** Fills in the form of login.html. */
async function logIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('User').fill('zhanggen');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

test('cookies: the list of seeds needs the signed cookie, and gives both cookies ten more seconds', async (t) => {
  const { url } = await startTutorial(t, 'cookies', await environmentWithSecret());
  const page = await openPage(t);
  await page.goto(`${url}/seeds`);
  assert.equal(page.url(), `${url}/`);
  await checkPage(page);
  await page.getByLabel('Name').fill('张根');
  await page.getByRole('button').click();
  await page.waitForURL('**/seeds');
  assert.equal(await page.textContent('#name'), 'Hello, 张根!');
  await checkPage(page);
  const cookies = await page.context().cookies();
  const cookieOf = (name: string) => cookies.find((cookie) => cookie.name === name) ?? assert.fail(`no ${name}`);
  assert.equal(cookieOf('plain').value, encodeURIComponent('张根'));
  assert.match(cookieOf('signed').value, /^2\|1:0\|/);
  const sent = `plain=x; signed=${cookieOf('signed').value}`;
  const visit = await fetch(`${url}/seeds`, { headers: { cookie: sent } });
  const renewed = visit.headers.getSetCookie();
  for (const [index, name] of ['plain', 'signed'].entries()) {
    assert.match(renewed[index] ?? '', new RegExp(`^${name}=.*; Max-Age=10(?:;|$)`));
  }
  // A changed value is worthless.
  const forged = await fetch(`${url}/seeds`, { headers: { cookie: `${sent}x` }, redirect: 'manual' });
  assert.deepEqual([forged.status, forged.headers.get('location')], [302, '/']);
});

test('login: redirects to the login and back, never to another site', async (t) => {
  const { url } = await startTutorial(t, 'login', await environmentWithSecret());
  const page = await openPage(t);
  await page.goto(`${url}/seeds/?sort=name`);
  assert.equal(page.url(), `${url}/login/?next=%2Fseeds%2F%3Fsort%3Dname`);
  await checkPage(page);
  await logIn(page, 'wrong');
  await page.getByText('The user or the password is wrong.').waitFor();
  await checkPage(page);
  await logIn(page, '123.com');
  await page.waitForURL(`${url}/seeds/?sort=name`);
  await checkPage(page);
  assert.equal(await page.textContent('#name'), 'Hello, zhanggen!');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${url}/login/`);
  await page.goto(`${url}/login/?next=//other.example/`);
  await logIn(page, '123.com');
  await page.waitForURL(`${url}/seeds/`);
  const body = new URLSearchParams({ user: 'zhanggen', pwd: '123.com' });
  assert.equal((await fetch(`${url}/login/`, { method: 'POST', body })).status, 403, 'without the XSRF token');
});

test('session-by-hand: the session is found by its cookie, and a forged id gets another one', async (t) => {
  const { url } = await startTutorial(t, 'session-by-hand');
  const page = await openPage(t);
  await page.goto(`${url}/index/`);
  assert.equal(page.url(), `${url}/login/`);
  await checkPage(page);
  await logIn(page, '123.com');
  await page.waitForURL(`${url}/index/`);
  await checkPage(page);
  assert.equal(await page.textContent('#name'), 'Hello, zhanggen!');
  const cookies = await page.context().cookies();
  const id = cookies.find(({ name }) => name === 'MySessionId')?.value ?? assert.fail('no session');
  for (const [sent, status] of [
    [id, 200],
    ['forged', 302],
  ] as const) {
    const response = await fetch(`${url}/index/`, { headers: { cookie: `MySessionId=${sent}` }, redirect: 'manual' });
    assert.equal(response.status, status);
    const [set = ''] = response.headers.getSetCookie();
    assert.match(set, /^MySessionId=[\da-f]{32}; .*Max-Age=10\b/i);
    assert.equal(set.startsWith(`MySessionId=${id};`), sent === id);
  }
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${url}/login/`);
  await page.goto(`${url}/index/`);
  assert.equal(page.url(), `${url}/login/`);
});

test('sessions: counts visits, lists the sessions of a person, and ends them', async (t) => {
  const { url } = await startTutorial(t, 'sessions');
  const [first, second] = [await openPage(t, { userAgent: 'first' }), await openPage(t, { userAgent: 'second' })];
  for (const page of [first, second]) {
    await page.goto(`${url}/index/`);
    assert.equal(page.url(), `${url}/login/?next=%2Findex%2F`);
    await logIn(page, '123.com');
    await page.waitForURL(`${url}/index/`);
  }
  await checkPage(first);
  await first.reload();
  assert.equal(await first.textContent('#visits'), 'Visits in this session: 2');
  assert.deepEqual(new Set(await textsOf(first, '#sessions li')), new Set(['first (this one)', 'second']));
  await first.getByRole('button', { name: 'End the others' }).click();
  await first.getByText('Visits in this session: 3').waitFor();
  assert.deepEqual(await textsOf(first, '#sessions li'), ['first (this one)']);
  await second.reload();
  assert.equal(second.url(), `${url}/login/?next=%2Findex%2F`);
  await first.getByRole('button', { name: 'Log out' }).click();
  await first.waitForURL(`${url}/login/`);
});

test('form: shows what is wrong beside the fields, in the language of the browser', async (t) => {
  const { url } = await startTutorial(t, 'form');
  const page = await openPage(t, { locale: 'zh-CN' });
  await page.goto(url);
  assert.equal(await page.textContent('h1'), '注册');
  await checkPage(page);
  await page.getByLabel('用户名').fill('张根');
  await page.getByLabel('年龄').fill('x');
  await page.getByLabel('密码', { exact: true }).fill('123.com');
  await page.getByLabel('确认密码').fill('123');
  await page.getByRole('button', { name: '注册' }).click();
  await page.getByRole('alert').waitFor();
  await checkPage(page);
  assert.equal(await page.locator('#form-age').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel('用户名').inputValue(), '张根');
  const send = async (): Promise<void> => {
    await page.getByLabel('密码', { exact: true }).fill('123.com');
    await page.getByRole('button', { name: '注册' }).click();
  };
  await page.getByLabel('年龄').fill('18');
  await page.getByLabel('确认密码').fill('123');
  await send();
  await page.locator('#form-again-error').waitFor();
  assert.equal(await page.textContent('#form-again-error'), '两次输入的密码不一致。');
  await page.getByLabel('确认密码').fill('123.com');
  await send();
  await page.getByText('张根，明年您 19 岁。').waitFor();
  await checkPage(page);
  const english = await openPage(t, { locale: 'en-US' });
  await english.goto(url);
  await english.getByRole('button', { name: 'Register' }).click();
  await english.getByRole('alert').waitFor();
  assert.equal(await english.locator('#form-user-error').textContent(), 'Please fill in this field.');
  for (const colorScheme of ['light', 'dark'] as const) {
    await english.emulateMedia({ colorScheme });
    await checkPage(english);
  }
});

test('hash-ring: tables of the sessions of each server', async (t) => {
  const { url } = await startTutorial(t, 'hash-ring');
  const page = await openPage(t);
  await page.goto(url);
  assert.equal(await page.locator('table caption').count(), 2);
  await checkPage(page);
});
