/** The steps of a request in a handler: their order, the verb, the user and the end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { RequestHandler } from './handler.ts';
import { Finish, HttpError } from './http-error.ts';
import { serve } from '../../test/support/web/web-server.ts';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Records the steps of one request. */
abstract class Noted extends RequestHandler {
  steps: string[] = [];
  override async initialize(init?: { steps: string[] }): Promise<void> {
    this.steps = init?.steps ?? this.steps;
    this.steps.push('initialize');
    await pause();
    this.steps.push('initialized');
  }
  override async getCurrentUser(): Promise<string> {
    this.steps.push('getCurrentUser');
    await pause();
    return 'Ann';
  }
  override async prepare(): Promise<void> {
    this.steps.push(`prepare ${String(this.currentUser)} ${JSON.stringify(this.pathArguments)}`);
    await pause();
    this.steps.push('prepared');
  }
  override onFinish(): void {
    this.steps.push(`onFinish ${this.getStatus()}`);
  }
}

test('runs the steps in order and awaits each', async (t) => {
  class Story extends Noted {
    async get({ id }: { id: string }): Promise<void> {
      this.steps.push(`get ${id}`);
      await pause();
      this.write('story');
    }
  }
  const steps: string[] = [];
  const served = await serve(t, [['/story/:id', Story, { init: { steps } }]]);
  const response = await served.get('/story/7');
  assert.equal(await response.text(), 'story');
  assert.deepEqual(steps, [
    'initialize',
    'initialized',
    'getCurrentUser',
    'prepare Ann [{"id":"7"}]',
    'prepared',
    'get 7',
    'onFinish 200',
  ]);
});

test('a response finished in prepare skips the verb', async (t) => {
  class Closed extends RequestHandler {
    override async prepare(): Promise<void> {
      await pause();
      await this.finish('closed today');
    }
    get(): void {
      throw new Error('not reached');
    }
  }
  const served = await serve(t, [['/', Closed]]);
  assert.equal(await (await served.get('/')).text(), 'closed today');
});

test('calls the verb of the method, and other methods are 405 with an Allow header', async (t) => {
  class Verbs extends RequestHandler {
    get(): void {
      this.write('get');
    }
    put(): void {
      this.write('put');
    }
    async delete(): Promise<void> {
      await pause();
      this.write('delete');
    }
    other(): void {
      this.write('other');
    }
  }
  class More extends Verbs {
    static override readonly supportedMethods = [...RequestHandler.supportedMethods, 'OTHER'];
  }
  // Without `prepare`, this is an error of the route.
  class Nothing extends RequestHandler {
    override prepare(): void {}
  }
  const served = await serve(t, [
    ['/', Verbs],
    ['/more', More],
    ['/nothing', Nothing],
  ]);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    assert.equal(await (await served.get('/', { method })).text(), method.toLowerCase());
  }
  for (const method of ['POST', 'OPTIONS', 'OTHER']) {
    const response = await served.get('/', { method });
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get('allow'), 'GET, HEAD, PUT, DELETE');
    assert.match(await response.text(), /405: Method Not Allowed/);
  }
  assert.equal(await (await served.get('/more', { method: 'OTHER' })).text(), 'other');
  for (const method of ['GET', 'HEAD', 'POST']) {
    assert.equal((await served.get('/nothing', { method })).status, 405);
  }
});

test('a method that no handler of the application has is 501, at every path', async (t) => {
  class Got extends RequestHandler {
    get(): void {
      this.write('got');
    }
  }
  class Finds extends Got {
    static override readonly supportedMethods = ['GET', 'PROPFIND'];
  }
  class Lists extends Got {
    static override readonly supportedMethods = ['GET', 'REPORT'];
  }
  class Missing extends RequestHandler {
    static override readonly supportedMethods = ['GET', 'LINK'];
    override prepare(): void {
      throw new HttpError(404);
    }
  }
  for (const defaultHandler of [undefined, Missing]) {
    const served = await serve(
      t,
      [
        ['/', Got],
        ['/finds', Finds],
      ],
      { ...(defaultHandler && { defaultHandler }) },
    );
    served.app.addHandlers('other.example', [['/', Lists]]);
    const statusOf = async (method: string, path: string): Promise<string | undefined> =>
      /^HTTP\/1\.1 (\d+ [^\r]+)\r/.exec(
        await served.raw(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      )?.[1];
    for (const path of ['/', '/finds', '/nowhere', '/%zz']) {
      for (const method of ['get', 'get2', 'CONSTRUCTOR', 'PREPARE', 'TRACE', 'M-SEARCH', 'X'.repeat(8_000)]) {
        assert.equal(await statusOf(method, path), '501 Not Implemented', `${method} ${path}`);
      }
    }
    for (const method of ['PUT', 'PROPFIND', 'REPORT']) {
      assert.equal(await statusOf(method, '/'), '405 Method Not Allowed', method);
    }
    assert.equal(await statusOf('POST', '/finds'), '405 Method Not Allowed');
    assert.equal(await statusOf('LINK', '/'), defaultHandler ? '405 Method Not Allowed' : '501 Not Implemented');
    const isUnmatched = defaultHandler ? '405 Method Not Allowed' : '404 Not Found';
    assert.equal(await statusOf('PROPFIND', '/nowhere'), isUnmatched);
  }
});

test('HEAD calls get without its body, unless head is defined', async (t) => {
  class Got extends RequestHandler {
    get(): void {
      this.write('four');
    }
  }
  class Headed extends Got {
    head(): void {
      this.setHeader('X-Own', 'yes');
    }
  }
  const served = await serve(t, [
    ['/', Got],
    ['/own', Headed],
  ]);
  const received = await served.raw('HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(received, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(received, /Content-Length: 4\r\n/i);
  assert.match(received, /\r\n\r\n$/);
  const own = (await served.get('/own', { method: 'HEAD' })).headers;
  assert.equal(own.get('x-own'), 'yes');
  assert.equal(own.get('etag'), null);
  assert.equal(own.get('content-length'), null);
});

test('Finish ends a request without an error', async (t) => {
  class Early extends RequestHandler {
    get(): void {
      this.setStatus(202);
      this.write('a');
      throw new Finish('b');
    }
    post(): void {
      throw new Finish();
    }
  }
  const served = await serve(t, [['/', Early]]);
  const response = await served.get('/');
  assert.equal(response.status, 202);
  assert.equal(await response.text(), 'ab');
  assert.equal((await served.get('/', { method: 'POST' })).status, 200);
});

test('a user assigned in initialize is kept, and loadCurrentUser can be overridden', async (t) => {
  class Assigned extends RequestHandler<string> {
    override initialize(): void {
      this.currentUser = 'Ann';
    }
    override getCurrentUser(): string {
      return 'Bob';
    }
    get(): void {
      this.write(this.currentUser ?? '');
    }
  }
  class Loaded extends RequestHandler<string> {
    override async loadCurrentUser(): Promise<void> {
      await pause();
      this.currentUser = 'Eve';
    }
    get(): void {
      this.write(this.currentUser ?? 'nobody');
    }
  }
  const served = await serve(t, [
    ['/assigned', Assigned],
    ['/loaded', Loaded],
  ]);
  assert.equal(await (await served.get('/assigned')).text(), 'Ann');
  assert.equal(await (await served.get('/loaded')).text(), 'Eve');
});

test('awaits initialize of a handler without other steps', async (t) => {
  class Slow extends RequestHandler {
    #isReady = false;
    override async initialize(): Promise<void> {
      await pause();
      this.#isReady = true;
    }
    get(): void {
      this.write(String(this.#isReady));
    }
  }
  const served = await serve(t, [['/', Slow]]);
  assert.equal(await (await served.get('/')).text(), 'true');
});

test(
  'a disconnect is reported once, and a handler that stops because of it is not logged as an error',
  { timeout: 10_000 },
  async (t) => {
    const events: string[] = [];
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    class Held extends RequestHandler {
      override onConnectionClose(): void {
        events.push('onConnectionClose');
      }
      override onFinish(): void {
        events.push('onFinish');
        ended.resolve();
      }
      async get(): Promise<void> {
        begun.resolve();
        await once(this.signal, 'abort');
        this.signal.throwIfAborted();
      }
    }
    const served = await serve(t, [['/', Held]]);
    const socket = connect(served.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await begun.promise;
    socket.resetAndDestroy();
    await ended.promise;
    assert.deepEqual(events, ['onConnectionClose', 'onFinish']);
  },
);

test('onFinish can be async and can fail', async (t) => {
  class Last extends RequestHandler {
    get(): void {
      this.write('ok');
    }
    override async onFinish(): Promise<void> {
      await pause();
      throw new Error('at the end');
    }
  }
  const served = await serve(t, [['/', Last]]);
  assert.equal(await (await served.get('/')).text(), 'ok');
  await served.expectLine(/at the end/);
});

test('init is set before setDefaultHeaders and initialize', async (t) => {
  class Greeter extends RequestHandler<unknown, { readonly greeting: string }> {
    override setDefaultHeaders(): void {
      this.setHeader('x-greeting', this.init.greeting);
    }
    get(): void {
      this.write(this.init.greeting);
    }
  }
  const served = await serve(t, [['/', Greeter, { init: { greeting: 'hello' } }]]);
  const response = await served.get('/');
  assert.equal(response.headers.get('x-greeting'), 'hello');
  assert.equal(await response.text(), 'hello');
});

test('null of getCurrentUser is no user, and currentUser is then undefined', async (t) => {
  class Nobody extends RequestHandler<string> {
    override getCurrentUser(): string | null {
      return null;
    }
    get(): string {
      return String(this.currentUser);
    }
  }
  const served = await serve(t, [['/', Nobody]]);
  assert.equal(await (await served.get('/')).text(), 'undefined');
});
