/**
 * The chat after a proxy: from which addresses X-Forwarded-For, -Proto and -Host are trusted, whom the limits count, which
 * cookies are Secure, and which pages may open a WebSocket. The proxy connects from 127.0.0.2, visitors without a proxy from
 * other loopback addresses.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import type { ChatDependencies } from '../app.ts';
import { serveChat } from './support/app.ts';
import { runServer, startServer, temporaryFolder } from './support/chat-server.ts';
import { upgradeStatus } from './support/upgrade-status.ts';

const proxy = '127.0.0.2';
const stranger = '127.0.0.3';
const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': '' };

interface TestResponse {
  readonly status: number;
  readonly cookies: readonly string[];
  readonly body: string;
}

interface Client {
  readonly from: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends one request from the given loopback address. */
async function ask(
  url: string,
  { from, headers }: Client,
  form?: Readonly<Record<string, string>>,
): Promise<TestResponse> {
  const { hostname, port, pathname, search } = new URL(url);
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const sent = request({
    hostname,
    port,
    path: pathname + search,
    localAddress: from,
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...type, ...headers },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    cookies: response.headers['set-cookie'] ?? [],
    body: await text(response),
  };
}

/** Submits the form of `/login` or `/register` as a browser does: with its token and its cookie. */
async function submit(url: string, path: string, client: Client, form: Record<string, string>): Promise<TestResponse> {
  const page = await ask(url + path, client);
  const token = /name="_xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
  const cookie = page.cookies.map((line) => line.split(';')[0]).join('; ');
  return ask(url + path, { from: client.from, headers: { ...client.headers, cookie } }, { _xsrf: token, ...form });
}

function logIn(url: string, from: string, forwarded: string): Promise<TestResponse> {
  return submit(
    url,
    '/login',
    { from, headers: { 'x-forwarded-for': forwarded } },
    { name: 'Ann', password: 'wrong one' },
  );
}

/** Tries a wrong password until the limit refuses it. @param forwarded - X-Forwarded-For of each attempt. */
async function tryUntilRefused(url: string, from: string, forwarded: (attempt: number) => string): Promise<void> {
  for (let attempt = 1; attempt <= 30; attempt++) {
    const { status } = await logIn(url, from, forwarded(attempt));
    if (status === 429) return;
    assert.equal(status, 400);
  }
  assert.fail('30 wrong passwords and no limit');
}

async function serveAfterProxy(t: TestContext, more: Partial<ChatDependencies> = {}): Promise<string> {
  const { url } = await serveChat(t, { trustedProxies: [proxy], ...more });
  return url;
}

for (const [what, one, other] of [
  ['addresses of IPv4', () => '203.0.113.7', '203.0.113.8'],
  ['addresses of IPv4 with a port', (attempt) => `203.0.113.7:${40_000 + attempt}`, '203.0.113.8:40001'],
  [
    'addresses of IPv6 in brackets with a port',
    (attempt) => `[2001:db8:0:1::7]:${50_000 + attempt}`,
    '[2001:db8:0:2::7]:443',
  ],
  ['addresses of IPv6', () => '2001:db8:0:1::7', '2001:db8:0:2::7'],
  [
    'lists that start with addresses from the visitor',
    (attempt) => `10.0.0.${attempt}, 203.0.113.7:${attempt}`,
    '203.0.113.7, 203.0.113.8',
  ],
] as const satisfies readonly (readonly [string, (attempt: number) => string, string])[]) {
  test(`limits sign-in per visitor after a trusted proxy that sends ${what}`, async (t) => {
    const url = await serveAfterProxy(t);
    await tryUntilRefused(url, proxy, one);
    assert.equal((await logIn(url, proxy, one(31))).status, 429);
    assert.equal((await logIn(url, proxy, other)).status, 400, 'another visitor has a limit of their own');
  });
}

test('ignores X-Forwarded-For of an address that is not a trusted proxy', async (t) => {
  const url = await serveAfterProxy(t);
  await tryUntilRefused(url, stranger, (attempt) => `203.0.113.${attempt}`);
  assert.equal((await logIn(url, stranger, '198.51.100.1')).status, 429);
  assert.equal((await logIn(url, proxy, '203.0.113.1')).status, 400, 'the forged addresses used up nobody’s limit');
  assert.equal((await logIn(url, '127.0.0.4', '203.0.113.1')).status, 400);
});

test('trusts no proxy by default, not even one on this machine', async (t) => {
  const url = await serveAfterProxy(t, { trustedProxies: [], origin: 'https://chat.example' });
  await tryUntilRefused(url, '127.0.0.1', (attempt) => `203.0.113.${attempt}`);
  assert.equal((await logIn(url, '127.0.0.1', '198.51.100.1')).status, 429);
});

test('makes all cookies Secure if a trusted proxy reports https', async (t) => {
  const url = await serveAfterProxy(t);
  const form = { password: 'correct horse battery' };
  for (const [from, isSecure] of [
    [proxy, true],
    [stranger, false],
  ] as const) {
    const client = { from, headers: https };
    const page = await ask(`${url}/register`, client);
    const language = await ask(`${url}/language?lang=en`, client);
    const registered = await submit(url, '/register', client, { name: `Ann of ${from}`, ...form });
    assert.equal(registered.status, 303);
    const cookies = [...page.cookies, ...language.cookies, ...registered.cookies];
    assert.deepEqual([...new Set(cookies.map((line) => line.split('=')[0]))].toSorted(), [
      ...(isSecure ? ['__Host-_xsrf', '__Host-session'] : ['_xsrf']),
      'known',
      'lang',
      ...(isSecure ? [] : ['session']),
    ]);
    for (const cookie of cookies) assert.equal(/; Secure/.test(cookie), isSecure, `${from}: ${cookie}`);
  }
});

test('accepts WebSockets from the host that a trusted proxy names, and from --origin', async (t) => {
  const { url, person } = await serveChat(t, { trustedProxies: [proxy], origin: 'https://chat.example' });
  const ann = await person('Ann');
  const upgrade = (from: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    upgradeStatus(`${url}/socket`, { from, headers: { cookie: ann.cookieHeader, ...headers } });
  const other = { origin: 'https://other.example' };
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'other.example' };
  assert.equal(await upgrade(proxy, { ...other, ...forwarded }), 101);
  assert.equal(await upgrade(proxy, other), 403);
  assert.equal(
    await upgrade(proxy, { ...other, host: 'other.example' }),
    403,
    'the page is https, the request is http',
  );
  assert.equal(await upgrade(proxy, { ...other, host: 'other.example', 'x-forwarded-proto': 'https' }), 101);
  assert.equal(await upgrade(stranger, { ...other, ...forwarded }), 403, 'forged');
  assert.equal(await upgrade(stranger, { origin: 'https://chat.example' }), 101);
  assert.equal(await upgrade(stranger, { origin: 'http://chat.example' }), 403);
});

test('--trusted-proxies and TRUSTED_PROXIES set the proxies, and the line at the start contains them', async (t) => {
  const folder = await temporaryFolder(t);
  const server = await startServer(t, {
    args: [`--data=${folder}`, '--origin=https://chat.example', `--trusted-proxies=${proxy}, 10.0.0.0/8`],
  });
  assert.match(server.line, /for people: https:\/\/chat\.example; trusted proxies: 127\.0\.0\.2, 10\.0\.0\.0\/8/);
  assert.match(
    (await ask(`${server.url}/login`, { from: '127.0.0.1', headers: {} })).cookies.join(),
    /__Host-_xsrf=.*; Secure/,
  );
  assert.equal(await server.end('SIGTERM'), 0);
  assert.doesNotMatch(server.output, /No proxy is trusted/);
  const other = await startServer(t, {
    environment: { DATA_DIR: await temporaryFolder(t), TRUSTED_PROXIES: 'loopback' },
  });
  assert.match(other.line, /trusted proxies: loopback/);
  const secure = await ask(`${other.url}/login`, { from: stranger, headers: https });
  assert.match(secure.cookies.join(), /__Host-_xsrf=.*; Secure/);
});

test('warns at the start if an origin is set and no proxy is trusted', async (t) => {
  const server = await startServer(t, {
    args: [`--data=${await temporaryFolder(t)}`, '--origin=https://chat.example'],
  });
  await server.prints(/No proxy is trusted.*share its limits.*--trusted-proxies/);
});

test('rejects an invalid proxy address with one line and exit code 1', async (t) => {
  const environment = { DATA_DIR: await temporaryFolder(t) };
  const ended = await runServer(t, { args: ['--port=0', '--trusted-proxies=10.0.0.1,nginx'], environment });
  assert.equal(ended.code, 1);
  assert.match(ended.errors, /^An entry of trustedProxies must be an IP address, .*; got "nginx"\.\n$/);
});
