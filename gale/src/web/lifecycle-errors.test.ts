/** Errors of handlers: the error page, the log line, and errors of the page itself. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { GaleError, ProtocolError } from '../errors.ts';
import { RequestHandler, type ErrorDetails } from './handler.ts';
import type { Middleware } from './middleware/middleware.ts';
import { HttpError, MissingArgumentError } from './http-error.ts';
import { serve } from '../../test/support/web/web-server.ts';

test('an error with a header that cannot be sent is a 500 with its own log line', async (t) => {
  class Busy extends RequestHandler {
    get(): void {
      throw new HttpError(429, undefined, { headers: [['Retry-After', 'soon']] });
    }
  }
  const served = await serve(t, [['/', Busy]]);
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(/^error: A handler failed \(Retry-After must be a whole number of seconds, .*; got "soon"/);
});

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an error becomes an error page without details and a log line', async (t) => {
  class Failing extends RequestHandler {
    async get(): Promise<void> {
      await pause();
      throw new Error('secret inside');
    }
    post(): void {
      throw new HttpError(435, 'only for the log');
    }
    put(): void {
      throw new HttpError(404, undefined, { reason: 'No such <story>', headers: [['Retry-After', '9']] });
    }
    patch(): void {
      throw new GaleError('ROOM_UNAVAILABLE', 'The store is away.');
    }
    delete(): void {
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- Any thrown value gets a response.
      throw 'a string';
    }
  }
  const served = await serve(t, [['/', Failing]]);
  const get = await served.get('/');
  assert.equal(get.status, 500);
  const page = await get.text();
  assert.match(page, /500: Internal Server Error/);
  assert.doesNotMatch(page, /secret/);
  await served.expectLine(/^error: A handler failed \(secret inside\)/);

  const post = await served.get('/', { method: 'POST' });
  assert.equal(post.status, 435);
  assert.match(await post.text(), /435: Unknown/);
  await served.expectLine(/^warn: Handler responded with an error \(only for the log/);

  const put = await served.get('/', { method: 'PUT' });
  assert.equal(put.headers.get('retry-after'), '9');
  assert.equal(put.statusText, 'Not Found');
  assert.match(await put.text(), /404: Not Found/);
  await served.expectLine(/^warn: Reason phrases were not sent/);

  assert.equal((await served.get('/', { method: 'PATCH' })).status, 503);
  await served.expectLine(/^error: A handler failed \(The store is away\.\)/);
  assert.equal((await served.get('/', { method: 'DELETE' })).status, 500);
  await served.expectLine(/^error: A handler failed$/);
});

test('an error that the client caused is a log line for debugging, with its code and reason', async (t) => {
  class Reads extends RequestHandler {
    async get(): Promise<void> {
      throw new ProtocolError('HTTP_BODY_TOO_LARGE', 'The body is too large.');
    }
  }
  const served = await serve(t, [['/', Reads]]);
  assert.equal((await served.get('/')).status, 413);
  const line = served.lines.find(({ level }) => level === 'debug');
  const { requestId, ...fields } = line?.fields ?? {};
  assert.equal(typeof requestId, 'string');
  assert.deepEqual(
    [line?.message, fields],
    [
      'Handler responded with an error',
      {
        status: 413,
        code: 'HTTP_BODY_TOO_LARGE',
        reason: 'The body is too large.',
        method: 'GET',
        path: '/',
        remoteAddress: '127.0.0.1',
      },
    ],
  );
});

test('an error before the verb gets a response too', async (t) => {
  class Maker extends RequestHandler {
    readonly where: string = this.getQueryArgument('where');
    override initialize(): void {
      if (this.where === 'initialize') throw new Error('in initialize');
    }
    override getCurrentUser(): undefined {
      if (this.where === 'user') throw new Error('in getCurrentUser');
      return undefined;
    }
    override prepare(): Promise<void> {
      return Promise.reject(new HttpError(409));
    }
  }
  const served = await serve(t, [['/', Maker]]);
  assert.equal((await served.get('/?where=initialize')).status, 500);
  await served.expectLine(/in initialize/);
  assert.equal((await served.get('/?where=user')).status, 500);
  await served.expectLine(/in getCurrentUser/);
  assert.equal((await served.get('/?where=prepare')).status, 409);
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(/A handler cannot be created/);
});

test('debug sends the stack to the client', async (t) => {
  class Failing extends RequestHandler {
    get(): void {
      throw new Error('<b>inside</b>');
    }
  }
  const served = await serve(t, [['/', Failing]], { debug: true });
  const page = await (await served.get('/')).text();
  assert.match(page, /Error: &lt;b&gt;inside&lt;\/b&gt;.*<li>Failing\.get \(/s);
  await served.expectLine(/inside/);
});

test('writeError and logException can be overridden and can fail', async (t) => {
  class Own extends RequestHandler {
    get(): void {
      this.setCookie('a', 'b');
      this.setHeader('X-Gone', 'yes');
      this.write('gone');
      throw new HttpError(418);
    }
    post(): Promise<void> {
      return this.sendError(403, { reason: 'Own Reason' });
    }
    override async writeError(status: number, { error }: ErrorDetails): Promise<void> {
      await pause();
      this.write({ status, reason: this.getReason(), hasError: error !== undefined });
    }
  }
  class Broken extends RequestHandler {
    get(): void {
      throw new HttpError(404);
    }
    override writeError(): void {
      throw new Error('writeError broke');
    }
    override logException(): void {
      throw new Error('logException broke');
    }
  }
  const served = await serve(t, [
    ['/own', Own],
    ['/broken', Broken],
  ]);
  const own = await served.get('/own');
  assert.deepEqual(await own.json(), { status: 418, reason: own.statusText, hasError: true });
  assert.equal(own.headers.get('x-gone'), null);
  assert.equal(own.headers.get('set-cookie'), 'a=b; Path=/');
  const sent = await served.get('/own', { method: 'POST' });
  assert.equal(sent.statusText, 'Own Reason');
  assert.deepEqual(await sent.json(), { status: 403, reason: 'Own Reason', hasError: false });
  const broken = await served.get('/broken');
  assert.equal(broken.status, 500);
  assert.equal(await broken.text(), '');
  await served.expectLine(/The error page failed \(writeError broke\)/);
  await served.expectLine(/A handler and its logException failed/);
});

test('an async error page is sent whole, although nobody awaits sendError', async (t) => {
  class Loose extends RequestHandler {
    override prepare(): void {
      if (this.request.path === '/prepare') void this.sendError(403);
    }
    get(): void {
      assert.notEqual(this.request.path, '/prepare');
      void this.sendError(404);
    }
    override async writeError(status: number): Promise<void> {
      await pause();
      this.write(`page ${status}`);
    }
  }
  const served = await serve(t, [['/*path', Loose]]);
  const [prepared, handled] = [await served.get('/prepare'), await served.get('/verb')];
  assert.deepEqual([prepared.status, await prepared.text()], [403, 'page 403']);
  assert.deepEqual([handled.status, await handled.text()], [404, 'page 404']);
});

test('an error of writeError after it finished the page changes nothing', async (t) => {
  class Finished extends RequestHandler {
    get(): void {
      throw new HttpError(404);
    }
    override async writeError(): Promise<void> {
      await this.finish('own page');
      if (this.getQueryArgument('fail', '') !== '') throw new Error('failed late');
    }
  }
  const served = await serve(t, [['/', Finished]]);
  for (const path of ['/', '/?fail=1']) {
    const response = await served.get(path);
    assert.equal(response.status, 404);
    assert.equal(await response.text(), 'own page');
  }
  await served.expectLine(/The error page failed \(failed late\)/);
  assert.equal(served.lines.filter(({ level }) => level === 'error').length, 1);
});

test('resets the connection after an error of writeError that flushed', async (t) => {
  class Flushed extends RequestHandler {
    get(): void {
      throw new HttpError(404);
    }
    override async writeError(): Promise<void> {
      this.write('partial');
      await this.flush();
      throw new Error('failed late');
    }
  }
  const served = await serve(t, [['/', Flushed]]);
  await assert.rejects(async () => (await served.get('/')).text());
  await served.expectLine(/The error page failed \(failed late\)/);
});

test('an error of setDefaultHeaders is a 500 without these headers, and middleware sees it', async (t) => {
  class Broken extends RequestHandler {
    override setDefaultHeaders(): void {
      throw new Error('setDefaultHeaders broke');
    }
    get(): void {}
  }
  const marking: Middleware = { processResponse: (handler) => handler.setHeader('X-Seen', handler.getStatus()) };
  const served = await serve(t, [['/', Broken]], { middleware: [marking] });
  const response = await served.get('/');
  assert.equal(response.status, 500);
  assert.equal(response.headers.get('x-seen'), '500');
  assert.match(await response.text(), /500: Internal Server Error/);
  await served.expectLine(/A handler failed \(setDefaultHeaders broke\)/);
  await served.expectLine(/The error page has no default headers/);
});

test('an error page that finds a client error responds with its status and logs no error', async (t) => {
  class Form extends RequestHandler {
    post(): void {
      throw new HttpError(403);
    }

    override async writeError(): Promise<void> {
      await this.readBytes();
      this.write(this.getQueryArgument('name', 'nobody'));
    }
  }
  const served = await serve(t, [['/', Form]], { maxFormBytes: 10 });
  const page = await served.get('/?name=Ann', { method: 'POST', body: 'abc' });
  assert.equal(page.status, 403);
  assert.equal(await page.text(), 'Ann');
  const broken = await served.get('/?name=%ff', { method: 'POST', body: 'abc' });
  assert.equal(broken.status, 400);
  assert.match(await broken.text(), /400: Bad Request/);
  await served.expectLine(/Argument name is not UTF-8/);
  const large = await served.raw('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\nabc');
  assert.match(large, /^HTTP\/1\.1 413 /);
  assert.deepEqual(
    served.lines.filter(({ level }) => level === 'error'),
    [],
  );
});

test('resets the connection after an error if the head was sent', async (t) => {
  class Cut extends RequestHandler {
    async get(): Promise<void> {
      this.write('begin');
      await this.flush();
      throw new Error('in the middle');
    }
  }
  const served = await serve(t, [['/', Cut]]);
  await assert.rejects(served.get('/').then((response) => response.text()));
  await served.expectLine(/in the middle/);
});

test('the error of a missing argument has its name', () => {
  const error = new MissingArgumentError('foo');
  assert.equal(error.status, 400);
  assert.equal(error.argumentName, 'foo');
  assert.equal(error.logMessage, 'Missing argument foo');
  assert.equal(new HttpError(499).message, 'HTTP 499: Unknown');
  assert.equal(new HttpError(404, 'why').message, 'HTTP 404: Not Found (why)');
});

test('an error page whose client has left is not logged as an error', async (t) => {
  const ended = Promise.withResolvers<void>();
  class Form extends RequestHandler {
    post(): void {
      throw new HttpError(403);
    }

    override async writeError(): Promise<void> {
      try {
        this.write(await this.readBytes());
      } finally {
        // When the page was aborted.
        setImmediate(() => ended.resolve());
      }
    }
  }
  const { port, lines } = await serve(t, [['/', Form]]);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nabc', () => socket.resetAndDestroy());
  await ended.promise;
  assert.deepEqual(
    lines.filter(({ level }) => level === 'warn' || level === 'error'),
    [],
  );
});

test('any thrown value is 500, also one that the log cannot write', async (t) => {
  const itself = new AggregateError([]);
  itself.errors.push(itself);
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const thrown = [itself, revoked, undefined, Symbol('odd')];
  class Odd extends RequestHandler {
    get({ index }: { index: string }): void {
      throw thrown[Number(index)];
    }
  }
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  const served = await serve(t, [['/:index', Odd]], { log });
  for (const index of thrown.keys()) assert.equal((await served.get(`/${index}`)).status, 500);
  assert.equal(lines.length, thrown.length);
});
