import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../web/application.ts';
import { createSignedValue } from '../web/cookies/signed-value.ts';
import { RequestHandler } from '../web/handler.ts';
import { WebSocketHandler } from '../web/websocket-handler.ts';
import { healthRoutes } from '../web/health/health-routes.ts';
import { testApp } from './test-app.ts';
import { TestLog, type TestLogLine } from './test-log.ts';
import type { TestApp, TestTools } from './test-app.ts';

const cookieSecret = 'a secret of at least thirty-two bytes';

class User extends RequestHandler {
  get(): void {
    this.write({ user: this.getSignedCookie('user', { maxAgeDays: 1 }) ?? null, host: this.request.host });
  }
  async post(): Promise<void> {
    this.setSignedCookie('user', this.getArgument('name'), { expiresDays: 2 });
    await this.redirect('/user');
  }
}

class Failing extends RequestHandler {
  get(): void {
    this.log.info({}, 'About to fail');
    throw new Error('Out of order');
  }
}

class Echo extends WebSocketHandler {
  override open(): void {
    this.writeMessage(`hello ${this.getSignedCookie('user') ?? 'stranger'}`);
  }
  override onMessage(message: string | Buffer): void {
    if (message === 'close') this.close(4000, 'asked to');
    else this.writeMessage(message);
  }
}

class Refusing extends WebSocketHandler {
  override prepare(): void {
    this.setCookie('refused', 'yes');
    this.setStatus(403);
    void this.finish();
  }
}

function createApp(tools?: TestTools): Application {
  return new Application(
    [
      ['/user', User],
      ['/failing', Failing],
      ['/echo', Echo],
      ['/refusing', Refusing],
    ],
    { cookieSecret, ...(tools === undefined ? {} : { log: tools.log }) },
  );
}

async function userOf(app: Pick<TestApp, 'request'>, path = '/user'): Promise<unknown> {
  return ((await (await app.request(path)).json()) as { user: unknown }).user;
}

test('request, fetch and connect share cookies; another client has its own', async (t) => {
  const app = await testApp(createApp(), { t });
  const response = await app.request('/user', { form: { name: 'Ada' }, redirect: 'follow' });
  assert.deepEqual(await response.json(), { user: 'Ada', host: '127.0.0.1' });
  assert.equal(((await (await app.fetch('/user')).json()) as { user: string }).user, 'Ada');
  const socket = await app.connect('/echo');
  assert.equal(await socket.next(), 'hello Ada');
  const other = app.client();
  assert.equal(await userOf(other), null);
  assert.equal(await (await other.connect('/echo')).next(), 'hello stranger');
  other.cookies.set('user', createSignedValue(cookieSecret, 'user', 'Bob'));
  assert.equal(await userOf(other), 'Bob');
  other.cookies.clear();
  assert.equal(await userOf(other), null);
  assert.equal(await userOf(app), 'Ada');
  const given = await app.request('/user', { headers: { Cookie: 'user=forged' } });
  assert.deepEqual(await given.json(), { user: null, host: '127.0.0.1' });
});

test('signed values and cookies age with the clock', async (t) => {
  const app = await testApp(createApp(), { t, time: new Date('2026-01-01T00:00:00Z') });
  await app.request('/user', { form: { name: 'Ada' } });
  assert.match(app.cookies.get('user') ?? '', /^2\|1:0\|10:1767225600\|/);
  await app.clock.advance(86_400_000);
  assert.equal(await userOf(app), 'Ada');
  await app.clock.advance(1);
  assert.equal(await userOf(app), null);
  assert.notEqual(app.cookies.get('user'), undefined);
  await app.clock.advance(86_400_000);
  assert.equal(app.cookies.get('user'), undefined);
});

test('an absolute URL sets host and scheme, and an origin those of all paths', async (t) => {
  const app = await testApp(createApp(), { t, origin: 'https://chat.example' });
  const response = await app.request('/user', { form: { name: 'Ada' } });
  assert.match(response.headers.get('set-cookie') ?? '', /; Secure$/);
  assert.deepEqual(await (await app.request('/user')).json(), { user: 'Ada', host: 'chat.example' });
  const other = await app.request('http://www.example:81/user');
  assert.deepEqual(await other.json(), { user: null, host: 'www.example:81' });
  await assert.rejects(app.fetch('/user'), { code: 'TEST_REQUEST' });
  await assert.rejects(app.connect('/echo'), { code: 'TEST_REQUEST' });
  assert.equal((await app.fetch('http://www.example/user')).status, 200);
});

test('WebSocket messages wait in order, and next rejects after the close', async (t) => {
  const app = await testApp(createApp(), { t });
  const socket = await app.connect('/echo');
  socket.send('one');
  socket.send(Buffer.from('two'));
  socket.send({ three: 3 });
  socket.send('close');
  assert.deepEqual(await socket.closed, { code: 4000, reason: 'asked to' });
  assert.equal(await socket.next(), 'hello stranger');
  const rest: unknown[] = [];
  for await (const message of socket) rest.push(message);
  assert.deepEqual(rest, ['one', Buffer.from('two'), '{"three":3}']);
  await assert.rejects(socket.next(), { code: 'TEST_MESSAGE', message: /closed with 4000 \(asked to\)/ });
});

test('next gives up after its time, and misses no later message', async (t) => {
  const app = await testApp(createApp(), { t });
  const socket = await app.connect('/echo');
  await socket.next();
  await assert.rejects(socket.next({ timeoutMs: 1 }), { code: 'TEST_MESSAGE', message: /within 1 ms/ });
  const [first, second] = [socket.next(), socket.next()];
  socket.send('a');
  socket.send('b');
  assert.deepEqual([await first, await second], ['a', 'b']);
  assert.deepEqual(await socket.close(), { code: 1000, reason: '' });
});

test('a refused WebSocket rejects with its status, and its cookies are kept', async (t) => {
  const app = await testApp(createApp(), { t });
  await assert.rejects(app.connect('/refusing'), { code: 'WS_REFUSED', message: /403/ });
  assert.equal(app.cookies.get('refused'), 'yes');
});

test('advance expires the deadlines of the server and of its WebSockets', async (t) => {
  const app = await testApp(createApp(), { t });
  const socket = await app.connect('/echo');
  await socket.next();
  await (await app.request('/user')).text();
  await app.clock.advance(80_000);
  // The connection of the request was idle for too long; the next request gets another one.
  assert.equal(await userOf(app), null);
  await assert.rejects(app.clock.advance(-1), { code: 'OPTION_VALUE' });
  assert.ok(app.clock.now() >= Date.now() + 79_000);
});

test('an unexpected error fails the test at its end, with the error as cause', async () => {
  const app = await testApp(createApp());
  assert.equal((await app.request('/failing')).status, 500);
  await assert.rejects(app.close(), (error: Error) => {
    assert.match(error.message, /\n {2}unexpected: error: A handler failed \(Out of order\)$/);
    assert.equal((error.cause as Error).message, 'Out of order');
    return true;
  });
});

test('an expected error does not fail the test, however early it is expected', async () => {
  const app = await testApp(createApp());
  void app.expectLog('Out of order');
  const info = app.expectLog(/^info: About to fail$/);
  await app.request('/failing');
  assert.deepEqual(await info, { level: 'info', message: 'About to fail', fields: {} });
  assert.deepEqual(
    app.log.map(({ level, message }) => `${level} ${message}`),
    ['info About to fail', 'error A handler failed', 'info Request completed'],
  );
  assert.equal((await app.expectLog(/^error: /)).level, 'error');
  await app.close();
});

test('an expected line that is missing fails the test', async () => {
  const app = await testApp(createApp());
  const missing = app.expectLog('Never');
  await assert.rejects(app.expectLog('Nor this', { timeoutMs: 1 }), {
    code: 'TEST_LOG',
    message: /within 1 ms; the log is empty/,
  });
  await assert.rejects(app.close(), { code: 'TEST_LOG', message: /not logged: "Never"\n.*not logged: "Nor this"/ });
  await assert.rejects(missing, { code: 'TEST_LOG' });
});

test('a function builds the application with the log of the test, which may leave out levels', async (t) => {
  const app = await testApp(async (tools) => createApp(tools), { t, logLevel: 'error' });
  void app.expectLog(/^error/);
  await app.request('/failing');
  assert.deepEqual(
    app.log.map(({ level }) => level),
    ['error'],
  );
});

test('the application has its own log and clock again after close', async () => {
  const application = createApp();
  const { log, now } = application.settings;
  const app = await testApp(application);
  await assert.rejects(testApp(application), { code: 'TEST_REQUEST', message: /under test already/ });
  assert.notEqual(application.settings.log, log);
  await app.close();
  await app.close();
  assert.equal(application.settings.log, log);
  assert.equal(application.settings.now, now);
  const again = await testApp(application);
  await again[Symbol.asyncDispose]();
});

test('close ends what is open, and nothing can be sent afterwards', async () => {
  const app = await testApp(createApp());
  const socket = await app.connect('/echo');
  const url = await app.listen();
  assert.equal((await fetch(`${url}/user`)).status, 200);
  await app.close();
  assert.equal((await socket.closed).code, 1001);
  await assert.rejects(app.request('/user'), { code: 'TEST_CLOSED' });
  await assert.rejects(app.fetch('/user'), { code: 'TEST_CLOSED' });
  await assert.rejects(app.connect('/echo'), { code: 'TEST_CLOSED' });
  await assert.rejects(app.listen(), { code: 'TEST_CLOSED' });
  assert.throws(() => app.client(), { code: 'TEST_CLOSED' });
});

test('wrong arguments are refused', async (t) => {
  const app = await testApp(createApp(), { t });
  const wrongInits: readonly (readonly [init: object, code: string])[] = [
    [{ credentials: 'include' }, 'OPTION_UNKNOWN'],
    [{ redirect: 'error' }, 'OPTION_VALUE'],
    [{ method: 'NO SPACES' }, 'OPTION_VALUE'],
    [{ headers: { 'Content-Length': '3' } }, 'TEST_REQUEST'],
    [{ headers: { 'X-A': 'a\r\nb' } }, 'OPTION_VALUE'],
    [{ headers: { 'X A': 'a' } }, 'OPTION_VALUE'],
    [{ headers: 'X-A: 1' }, 'OPTION_VALUE'],
    [{ body: 1 }, 'OPTION_VALUE'],
    [{ body: { a: 1 } }, 'OPTION_VALUE'],
    [{ body: 'a', json: 'b' }, 'OPTION_VALUE'],
    [{ json: new Map() }, 'JSON_VALUE'],
    [{ form: { a: 1 } }, 'OPTION_VALUE'],
    [{ form: 'a=1' }, 'OPTION_VALUE'],
    [{ signal: 'now' }, 'OPTION_VALUE'],
    ['GET', 'OPTION_VALUE'],
  ] as never;
  for (const [init, code] of wrongInits) {
    await assert.rejects(app.request('/user', init), { code }, JSON.stringify(init));
  }
  for (const path of ['user', '//user', 'ftp://127.0.0.1/', '', 7]) {
    await assert.rejects(app.request(path as never), { code: 'OPTION_VALUE', message: /^path must be/ });
  }
  assert.throws(() => void app.expectLog(1 as never), { code: 'OPTION_VALUE' });
  const wrongOptions: readonly object[] = [
    { t: {} },
    { time: Number.NaN },
    { time: new Date(Number.NaN) },
    { origin: 'chat.example' },
    { origin: 'https://chat.example/path' },
    { logLevel: 'loud' },
  ];
  for (const options of wrongOptions) {
    await assert.rejects(testApp(createApp(), options), { code: 'OPTION_VALUE' }, JSON.stringify(options));
  }
  await assert.rejects(testApp(createApp(), { test: t } as never), { code: 'OPTION_UNKNOWN' });
  await assert.rejects(testApp((() => undefined) as never), { code: 'OPTION_VALUE', message: /^app must be/ });
});

test('expects a line by level, message and fields, also of a failed health check', async (t) => {
  let fault: Error | undefined = new Error('connect: connection refused');
  const check = (): void => {
    if (fault !== undefined) throw fault;
  };
  class Order extends RequestHandler {
    get(): void {
      this.log.warn({ count: 5000, customer: { id: 7 } }, 'Large order');
    }
  }
  const app = await testApp(
    new Application([
      ...healthRoutes({ checks: { database: check, disk: () => true }, reuseMs: 0 }),
      ['/order', Order],
    ]),
    { t },
  );
  const failed = app.expectLog({
    level: 'warn',
    message: 'A health check failed',
    fields: { check: 'database', err: /refused$/ },
  });
  assert.equal((await app.request('/readyz')).status, 503);
  assert.equal((await failed).fields['err'], fault);
  fault = undefined;
  assert.equal((await app.request('/readyz')).status, 200);
  await app.expectLog({ fields: { checks: ['database'] } });
  await app.request('/order');
  const order = await app.expectLog({ message: /^Large order$/, fields: { count: 5000, customer: { id: 7 } } });
  assert.equal(order.level, 'warn');
  for (const pattern of [
    { level: 'error', message: 'Large order' },
    { message: 'Large orders' },
    { fields: { count: 5001 } },
    { fields: { customer: { id: 8 } } },
    { fields: { count: /5000/ } },
    { fields: { missing: 1 } },
  ] as const) {
    const other = testLogOf(order);
    await assert.rejects(other.expect(pattern, { timeoutMs: 1 }), {
      code: 'TEST_LOG',
      message: /^No log line matched \{ .*within 1 ms; the newest lines:\n {2}warn: Large order/,
    });
    assert.match(other.fault()?.message ?? '', /unexpected: warn: Large order/);
  }
  for (const wrong of [{}, null, 1, { text: 'a' }, { level: 'fatal' }, { message: 1 }, { fields: 'a' }]) {
    assert.throws(() => void app.expectLog(wrong as never), { code: /^OPTION_(?:VALUE|UNKNOWN)$/ });
  }
});

/** A log with one line. */
function testLogOf({ level, fields, message }: TestLogLine): TestLog {
  const log = new TestLog('debug');
  log[level](fields, message);
  return log;
}

test('a test of requests that Gale itself refuses with 400 needs no expectation of warnings', async (t) => {
  const app = await testApp(
    new Application([
      [
        '/',
        {
          get: (_, handler) => handler.getArgument('t'),
          post: async (_, handler) => ({ value: await handler.readJson() }),
        },
      ],
      ['/story/:id', ({ id }) => id],
    ]),
    { t },
  );
  for (const path of ['/', '/?t=%ff', '/story/%ff', '/story/%zz', `/?${'a&'.repeat(1_001)}`]) {
    assert.equal((await app.request(path)).status, 400, path);
  }
  const body = '{"a":1e999}';
  const response = await app.request('/', { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /the number is too large at line 1, column 6/);
  assert.deepEqual(
    app.log.filter(({ level }) => level === 'warn' || level === 'error'),
    [],
  );
});
