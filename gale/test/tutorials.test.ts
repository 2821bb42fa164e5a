/** The programs of `examples/tutorials/`, started as readers start them. Those with a page also run in Chromium. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from '../../chat/test/support/chromium.ts';
import { eventually } from './support/eventually.ts';
import { root } from './support/repository.ts';

let browser: Browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser.close());

const node = [process.execPath, '--conditions=gale-source'] as const;

/** The environment of programs that need a secret, which `npx gale secret` has printed. */
async function withSecret(): Promise<Readonly<Record<string, string>>> {
  const [program, ...words] = node;
  const { stdout } = await promisify(execFile)(program, [...words, 'gale/src/command/gale.ts', 'secret'], {
    cwd: root,
  });
  return { COOKIE_SECRET: stdout.trim() };
}

/** What a program has printed so far. */
interface Started {
  readonly url: string;
  readonly port: number;
  output: string;
}

/** Starts a program as `npm run example -- tutorials/NAME` does, on a free port. */
async function start(
  t: TestContext,
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const [program, ...words] = [...node, 'examples/run.ts', `tutorials/${name}`, '--port=0'];
  const child = spawn(program, words, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill();
    await ended;
  });
  const started = { url: '', port: 0, output: '' };
  child.stdout.on('data', (chunk: Buffer) => (started.output += chunk.toString()));
  const pattern = new RegExp(`^tutorials/${name} listens on http://127\\.0\\.0\\.1:(\\d+)/\n`);
  await eventually(
    () => pattern.test(started.output) || child.exitCode !== null,
    () => `${name} does not listen`,
    20_000,
  );
  const [line, port] = pattern.exec(started.output) ?? assert.fail(`${name} has ended: ${started.output}`);
  started.output = started.output.slice(line.length);
  return Object.assign(started, { url: `http://localhost:${port}`, port: Number(port) });
}

/** A page with cookies of its own. */
async function openPage(t: TestContext, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  return context.newPage();
}

async function get(url: string): Promise<string> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return response.text();
}

/** The body of a GET request with another Host, which fetch does not send. */
async function getFromHost(port: number, host: string, path: string): Promise<string> {
  const sent = request({ host: '127.0.0.1', port, path, headers: { host } }).end();
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
  return text(response);
}

async function textsOf(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allTextContents();
}

test('routes: arguments, a group, a host and URLs from names', async (t) => {
  const { url, port } = await start(t, 'routes');
  const names = 'name1 is /index/, name2 with 666 is /index/666\n';
  assert.equal(await get(`${url}/index/`), `index without an id\n${names}`);
  assert.equal(await get(`${url}/index/333333`), `index 333333\n${names}`);
  assert.equal((await fetch(`${url}/index/x`)).status, 404);
  assert.equal(await get(`${url}/stories`), 'The first story is at /stories/1\n');
  assert.equal(await get(`${url}/stories/1`), 'story 1\n');
  const host = `admin.localhost:${port}`;
  assert.equal(await getFromHost(port, host, '/index/7'), `index 7 of ${host}\n`);
  assert.equal(await getFromHost(port, host, '/stories/1'), 'story 1\n');
});

test('life-cycle: the steps run in order, and prepare can end the request', async (t) => {
  const program = await start(t, 'life-cycle');
  const begin = 'initialize with hello -> prepare';
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const response = await fetch(`${program.url}/index/`, { method });
    assert.equal(await response.text(), `${begin} -> ${method.toLowerCase()}\n`);
  }
  assert.equal((await fetch(`${program.url}/index/`, { method: 'PATCH' })).status, 405);
  assert.equal(await get(`${program.url}/index/?stop=prepare`), 'prepare has responded\n');
  const refused = await fetch(`${program.url}/index/?stop=error`);
  assert.deepEqual([refused.status, await refused.text()], [403, 'error 403\n']);
  const lines = [
    ...['get', 'post', 'put', 'delete'].map((verb) => `${begin} -> ${verb} -> onFinish`),
    `${begin} -> writeError -> onFinish`,
    `${begin} -> onFinish`,
    `${begin} -> writeError -> onFinish`,
  ];
  await eventually(
    () => program.output.split('\n').length > lines.length,
    () => program.output,
  );
  assert.deepEqual(program.output.split('\n').slice(0, -1), lines);
});

test('arguments: of the query, of a form, of both, and JSON', async (t) => {
  const { url } = await start(t, 'arguments');
  assert.deepEqual(JSON.parse(await get(`${url}/query?user=%E5%BC%A0&user_list=1&user_list=2`)), {
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
  const { url } = await start(t, 'templates');
  const page = await openPage(t);
  await page.goto(url);
  assert.equal(await page.title(), 'People');
  assert.equal(await page.textContent('h1'), 'PEOPLE!');
  assert.deepEqual(await textsOf(page, '#people li'), ['张根', '于超', '李兆宇']);
  assert.deepEqual(await textsOf(page, '#person li'), ['name: 张根', 'gender: man', 'age: 18']);
  assert.deepEqual(await textsOf(page, '#message, #age'), ['There is no message.', '张根 is 18. 3 x 2 is 6.']);
  await page.goto(`${url}/?message=${encodeURIComponent('<b>"bold"</b>')}`);
  assert.deepEqual(await textsOf(page, '#message'), ['<b>"bold"</b>']);
});

test('static-files: the page loads its style sheet, whose URL has a version', async (t) => {
  const { url } = await start(t, 'static-files');
  const page = await openPage(t);
  await page.goto(url);
  assert.equal(await page.locator('h1').evaluate((title) => getComputedStyle(title).color), 'rgb(0, 90, 60)');
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

for (const name of ['cookies', 'login']) {
  test(`${name} without COOKIE_SECRET exits with a line that says how to make one`, async () => {
    const [program, ...words] = [...node, 'examples/run.ts', `tutorials/${name}`, '--port=0'];
    const { COOKIE_SECRET: _, ...env } = process.env;
    const child = spawn(program, words, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    assert.equal(output, '');
    assert.match(errors, /^This program needs a secret .*COOKIE_SECRET=\$\(npx gale secret\)\n$/);
    assert.equal(code, 1);
  });
}

test('cookies: the list of seeds needs the signed cookie, and gives both cookies ten more seconds', async (t) => {
  const { url } = await start(t, 'cookies', await withSecret());
  const page = await openPage(t);
  await page.goto(`${url}/seeds`);
  assert.equal(page.url(), `${url}/`);
  await page.getByLabel('Name').fill('张根');
  await page.getByRole('button').click();
  await page.waitForURL('**/seeds');
  assert.equal(await page.textContent('#name'), 'Hello, 张根!');
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
  const { url } = await start(t, 'login', await withSecret());
  const page = await openPage(t);
  await page.goto(`${url}/seeds/?sort=name`);
  assert.equal(page.url(), `${url}/login/?next=%2Fseeds%2F%3Fsort%3Dname`);
  await logIn(page, 'wrong');
  await page.getByText('The user or the password is wrong.').waitFor();
  await logIn(page, '123.com');
  await page.waitForURL(`${url}/seeds/?sort=name`);
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
  const { url } = await start(t, 'session-by-hand');
  const page = await openPage(t);
  await page.goto(`${url}/index/`);
  assert.equal(page.url(), `${url}/login/`);
  await logIn(page, '123.com');
  await page.waitForURL(`${url}/index/`);
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
  const { url } = await start(t, 'sessions');
  const [first, second] = [await openPage(t, { userAgent: 'first' }), await openPage(t, { userAgent: 'second' })];
  for (const page of [first, second]) {
    await page.goto(`${url}/index/`);
    assert.equal(page.url(), `${url}/login/?next=%2Findex%2F`);
    await logIn(page, '123.com');
    await page.waitForURL(`${url}/index/`);
  }
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

test('hash-ring: with one more server, the ring moves only the sessions of the new one, the modulo most of them', async (t) => {
  const { url } = await start(t, 'hash-ring');
  const page = await get(url);
  const tables = page
    .split('<table>')
    .slice(1)
    .map((table) => ({
      moved: Number(/: (\d+) sessions move/.exec(table)?.[1]),
      rows: [...table.matchAll(/<td>([\d.]+:6379)<\/td><td>(\d+)<\/td><td>(\d+)<\/td>/g)].map(([, , ...counts]) =>
        counts.map(Number),
      ),
    }));
  const [modulo, ring] = tables;
  assert.ok(modulo && ring);
  for (const { rows } of tables) {
    assert.equal(rows.length, 4);
    const sum = (index: number): number => rows.reduce((total, counts) => total + (counts[index] ?? 0), 0);
    assert.deepEqual([sum(0), sum(1)], [10_000, 10_000]);
    // The weight of the first server is 3 of 5, then 3 of 6.
    const [before = 0, after = 0] = rows[0] ?? [];
    assert.ok(Math.abs(before - 6_000) < 900 && Math.abs(after - 5_000) < 900, `${before}, ${after}`);
  }
  // Ideal is the share of the new server, one sixth. docs/guide/tutorials.md has these numbers.
  assert.deepEqual(
    [modulo.moved, ring.moved].map((moved) => Math.round(moved / 100)),
    [64, 19],
  );
  // 97 + 98 has the remainder 0 by 5. The server of the ring is what get_node of the Python module returns.
  const servers = JSON.parse(await get(`${url}/node/ab`)) as object;
  assert.deepEqual(servers, { modulo: '192.168.1.1:6379', ring: '192.168.1.2:6379' });
});

test('form: shows what is wrong beside the fields, in the language of the browser', async (t) => {
  const { url } = await start(t, 'form');
  const page = await openPage(t, { locale: 'zh-CN' });
  await page.goto(url);
  assert.equal(await page.textContent('h1'), '注册');
  await page.getByLabel('用户名').fill('张根');
  await page.getByLabel('年龄').fill('x');
  await page.getByLabel('密码', { exact: true }).fill('123.com');
  await page.getByLabel('确认密码').fill('123');
  await page.getByRole('button', { name: '注册' }).click();
  await page.getByRole('alert').waitFor();
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
  const english = await openPage(t, { locale: 'en-US' });
  await english.goto(url);
  await english.getByRole('button', { name: 'Register' }).click();
  await english.getByRole('alert').waitFor();
  assert.equal(await english.locator('#form-user-error').textContent(), 'Please fill in this field.');
});

/** What the two middlewares print before a response. */
function responded(status: number): string[] {
  return ['ware2', 'ware1'].map((name) => `before the response: ${name}, status ${status}`);
}

test('middleware: runs in order before the handler and in reverse order after it', async (t) => {
  const program = await start(t, 'middleware');
  const expected: string[] = [];
  for (const [method, query, status, lines] of [
    ['GET', '', 200, ['before the request: ware1', 'before the request: ware2', 'get', ...responded(200)]],
    ['POST', '', 200, ['before the request: ware1', 'before the request: ware2', 'post', ...responded(200)]],
    ['GET', '?closed', 503, ['before the request: ware1', ...responded(503)]],
    ['PUT', '', 405, ['before the request: ware1', 'before the request: ware2', ...responded(405)]],
  ] as const) {
    const response = await fetch(`${program.url}/index/${query}`, { method });
    assert.deepEqual([response.status, response.headers.get('x-passed')], [status, 'ware2, ware1']);
    expected.push(...lines);
  }
  await eventually(
    () => program.output.split('\n').length > expected.length,
    () => program.output,
  );
  assert.deepEqual(program.output.split('\n').slice(0, -1), expected);
});
