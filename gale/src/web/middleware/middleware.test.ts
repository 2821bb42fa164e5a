import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import { Application } from '../application.ts';
import { RequestHandler } from '../handler.ts';
import { HttpError } from '../http-error.ts';
import { StaticFileHandler } from '../static/static-file.ts';
import { WebSocketHandler } from '../websocket-handler.ts';
import type { Middleware } from './middleware.ts';

function fail(): never {
  throw new Error('in processResponse');
}

/** What the middlewares of a test did, in order. */
type Steps = string[];

/** Notes its steps, and sets a header and the status that it saw. An async one lets a turn pass before it does so. */
function noting(name: string, steps: Steps, isAsync: boolean, answers: boolean): Middleware {
  const atOnce: Middleware = {
    processRequest: (handler) => {
      steps.push(`${name} request`);
      if (answers && handler.request.query === 'answered') void handler.finish('early');
      if (answers && handler.request.query === 'refused') throw new HttpError(403);
      if (answers && handler.request.query === 'redirected') void handler.redirect('/elsewhere');
    },
    processResponse: (handler) => {
      steps.push(`${name} response ${handler.getStatus()}`);
      handler.setHeader(`X-${name}`, String(handler.getStatus()));
    },
  };
  if (!isAsync) return atOnce;
  return {
    async processRequest(handler) {
      await nextTurn();
      await atOnce.processRequest?.(handler);
    },
    async processResponse(handler) {
      await nextTurn();
      await atOnce.processResponse?.(handler);
    },
  };
}

class Ways extends RequestHandler {
  override async initialize(): Promise<void> {
    if (this.request.query === 'initialize-later') {
      await nextTurn();
      throw new Error('in initialize-later');
    }
  }
  override async prepare(): Promise<void> {
    if (this.request.query === 'prepare') throw new Error('in prepare');
    if (this.request.query === 'prepared') await this.finish('prepared');
  }
  override async getCurrentUser(): Promise<undefined> {
    if (this.request.query === 'user') throw new Error('in user');
  }
  async get(): Promise<void> {
    const way = this.request.query;
    if (way === 'thrown') throw new Error('in thrown');
    if (way === 'http-error') throw new HttpError(409);
    if (way === 'redirect') return this.redirect('/elsewhere');
    if (way === 'no-content') return this.setStatus(204);
    if (way === 'send-error') return this.sendError(418);
    if (way === 'abandoned') void this.finish('abandoned');
    if (way === 'stream') {
      for (const part of ['one ', 'two ']) {
        this.write(part);
        await this.flush();
      }
    }
    if (way === 'hasty-stream') {
      this.write('one ');
      void this.flush();
      this.write('two ');
      void this.flush();
    }
    if (way === 'condition') this.checkPreconditions({ etag: '"v1"' });
    if (way !== 'abandoned') this.write('page');
  }
}

class Plain extends RequestHandler {
  get(): void {
    this.write('page');
  }
  post(): void {
    this.write('posted');
  }
}

class Initialized extends RequestHandler {
  override initialize(): void {
    throw new Error('in initialize');
  }
  get(): void {}
}

class Uncreated extends RequestHandler {
  readonly name: string = ((): string => {
    throw new Error('in uncreated');
  })();
  get(): void {}
}

class Refusing extends WebSocketHandler {
  override checkOrigin(): boolean {
    return false;
  }
}

interface Way {
  readonly path: string;
  readonly status: number;
  /** Status that the middlewares see if it is another one. */
  readonly init?: RequestInit;
  readonly body?: string;
  /** In the log. */
  readonly error?: RegExp;
  /** Whether the outer middleware responds, so that `processRequest` of the inner one does not run. */
  readonly isAnswered?: boolean;
}

const conditional = (headers: Readonly<Record<string, string>>): RequestInit => ({ headers });

const ways: Readonly<Record<string, Way>> = {
  text: { path: '/plain', status: 200, body: 'page' },
  'text of a HEAD': { path: '/plain', status: 200, init: { method: 'HEAD' } },
  'a body that was posted': { path: '/plain', status: 200, init: { method: 'POST', body: 'a=1' }, body: 'posted' },
  'a finished response that nobody awaits': { path: '/ways?abandoned', status: 200, body: 'abandoned' },
  'a stream': { path: '/ways?stream', status: 200, body: 'one two page' },
  'a stream that does not wait': { path: '/ways?hasty-stream', status: 200, body: 'one two page' },
  'a stream of a HEAD': { path: '/ways?stream', status: 200, init: { method: 'HEAD' } },
  'no content': { path: '/ways?no-content', status: 204, body: '' },
  redirect: { path: '/ways?redirect', status: 302, body: '' },
  'the error of a verb': { path: '/ways?thrown', status: 500, error: /in thrown/ },
  'an HttpError': { path: '/ways?http-error', status: 409 },
  sendError: { path: '/ways?send-error', status: 418 },
  'the error of prepare': { path: '/ways?prepare', status: 500, error: /in prepare/ },
  'a response of prepare': { path: '/ways?prepared', status: 200, body: 'prepared' },
  'the error of getCurrentUser': { path: '/ways?user', status: 500, error: /in user/ },
  'the error of initialize': { path: '/initialized', status: 500, error: /in initialize/ },
  'the error of an async initialize': { path: '/ways?initialize-later', status: 500, error: /in initialize-later/ },
  'the error of a constructor': { path: '/uncreated', status: 500, error: /A handler cannot be created/ },
  'an ETag that the client has': {
    path: '/plain',
    status: 304,
    init: conditional({ 'If-None-Match': '*' }),
  },
  'checkPreconditions with 304': {
    path: '/ways?condition',
    status: 304,
    init: conditional({ 'If-None-Match': '"v1"' }),
  },
  'checkPreconditions with 412': { path: '/ways?condition', status: 412, init: conditional({ 'If-Match': '"v2"' }) },
  'a failed condition': { path: '/plain', status: 412, init: conditional({ 'If-Match': '"other"' }) },
  'a static file': { path: '/files/a.txt', status: 200, body: '0123456789' },
  'the HEAD of a static file': { path: '/files/a.txt', status: 200, init: { method: 'HEAD' } },
  'a large static file': { path: '/files/large.txt', status: 200 },
  'a range of a static file': {
    path: '/files/a.txt',
    status: 206,
    init: conditional({ Range: 'bytes=2-3' }),
    body: '23',
  },
  'a range outside of a static file': { path: '/files/a.txt', status: 416, init: conditional({ Range: 'bytes=20-' }) },
  'a missing static file': { path: '/files/b.txt', status: 404 },
  'an unknown path': { path: '/unknown', status: 404 },
  'a path with a broken escape': { path: '/%zz', status: 400 },
  'a method that the handler does not have': { path: '/plain', status: 405, init: { method: 'DELETE' } },
  'a method that nobody has': { path: '/plain', status: 501, init: { method: 'BREW' } },
  'a refused WebSocket': { path: '/refusing', status: 400 },
  'a response of a middleware': { path: '/plain?answered', status: 200, body: 'early', isAnswered: true },
  'a redirect of a middleware': { path: '/plain?redirected', status: 302, isAnswered: true },
  'an error of a middleware': { path: '/plain?refused', status: 403, isAnswered: true },
};

for (const isAsync of [false, true]) {
  const kind = isAsync ? 'async' : 'sync';

  test(`${kind} middlewares run once around every kind of response`, async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'gale-middleware-'));
    t.after(() => rm(root, { recursive: true, force: true }));
    await writeFile(join(root, 'a.txt'), '0123456789');
    await writeFile(join(root, 'large.txt'), 'x'.repeat(200_000));
    const steps: Steps = [];
    const around = [noting('Outer', steps, isAsync, true), noting('Inner', steps, isAsync, false)];
    const served = await serve(
      t,
      [
        ['/plain', Plain],
        ['/ways', Ways],
        ['/initialized', Initialized],
        ['/uncreated', Uncreated],
        ['/refusing', Refusing],
        ['/files/*path', StaticFileHandler, { init: { root } }],
      ],
      { middleware: around },
    );
    for (const [name, way] of Object.entries(ways)) {
      steps.length = 0;
      const response = await served.get(way.path, way.init ?? {});
      const body = await response.text();
      if (way.error !== undefined) await served.expectLine(way.error);
      assert.equal(response.status, way.status, name);
      if (way.body !== undefined) assert.equal(body, way.body, name);
      const requests = way.isAnswered === true ? ['Outer request'] : ['Outer request', 'Inner request'];
      const responses = [`Inner response ${way.status}`, `Outer response ${way.status}`];
      assert.deepEqual(steps, [...requests, ...responses], name);
      assert.equal(response.headers.get('x-outer'), String(way.status), name);
      assert.equal(response.headers.get('x-inner'), String(way.status), name);
    }
  });

  test(`${kind} middlewares run once before the 101 of a WebSocket, and for its refusal`, async (t) => {
    const steps: Steps = [];
    class Talker extends WebSocketHandler {
      override open(): void {
        steps.push('open');
        this.close();
      }
    }
    const served = await serve(
      t,
      [
        ['/talk', Talker],
        ['/refusing', Refusing],
      ],
      { middleware: [noting('Outer', steps, isAsync, true), noting('Inner', steps, isAsync, false)] },
    );
    const accepted = await upgrade(served, '/talk');
    assert.match(accepted, /^HTTP\/1\.1 101 /);
    assert.match(accepted, /X-Outer: 101\r\n/);
    assert.match(accepted, /X-Inner: 101\r\n/);
    const requests = ['Outer request', 'Inner request'];
    assert.deepEqual(steps.splice(0), [...requests, 'Inner response 101', 'Outer response 101', 'open']);
    const refused = await upgrade(served, '/refusing');
    assert.match(refused, /^HTTP\/1\.1 403 /);
    assert.match(refused, /X-Outer: 403\r\n/);
    await served.expectLine(/tried to open a WebSocket/);
    assert.deepEqual(steps.splice(0), [...requests, 'Inner response 403', 'Outer response 403']);
    const early = await upgrade(served, '/talk?refused');
    assert.match(early, /^HTTP\/1\.1 403 /);
    assert.deepEqual(steps.splice(0), ['Outer request', 'Inner response 403', 'Outer response 403']);
  });

  test(`${kind} middlewares do not respond twice when the client has gone`, async (t) => {
    const steps: Steps = [];
    const gone = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    class Waiting extends RequestHandler {
      async get(): Promise<void> {
        const left = once(this.signal, 'abort');
        gone.resolve();
        await left;
      }
      override onFinish(): void {
        finished.resolve();
      }
    }
    const served = await serve(t, [['/', Waiting]], { middleware: [noting('Only', steps, isAsync, false)] });
    const socket = connect(served.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await gone.promise;
    socket.destroy();
    await finished.promise;
    assert.deepEqual(steps.toSorted(), ['Only request', 'Only response 200']);
  });

  test(`an error of an ${kind} processResponse is a 500, and the rest still run`, async (t) => {
    const steps: Steps = [];
    const failing: Middleware = {
      processResponse: isAsync ? (): Promise<void> => nextTurn().then(fail) : fail,
    };
    class Talker extends WebSocketHandler {}
    class Own extends Plain {
      override writeError(status: number): void {
        void this.finish(`own page ${status}`);
      }
    }
    const served = await serve(
      t,
      [
        ['/plain', Plain],
        ['/ways', Ways],
        ['/own', Own],
        ['/talk', Talker],
      ],
      { middleware: [noting('Outer', steps, isAsync, false), failing, noting('Inner', steps, isAsync, false)] },
    );
    for (const [path, seen] of [
      ['/plain', 200],
      ['/own', 200],
      ['/unknown', 404],
      ['/ways?stream', 200],
      ['/ways?redirect', 302],
    ] as const) {
      steps.length = 0;
      const response = await served.get(path);
      const page = await response.text();
      await served.expectLine(/A handler failed \(in processResponse\)/);
      assert.equal(response.status, 500, path);
      assert.match(page, path === '/own' ? /^own page 500$/ : /500: Internal Server Error/, path);
      assert.equal(response.headers.get('x-outer'), '500', path);
      assert.equal(response.headers.get('x-inner'), String(seen), path);
      assert.equal(response.headers.get('location'), null);
      assert.deepEqual(steps.slice(2), [`Inner response ${seen}`, 'Outer response 500'], path);
    }
    const refused = await upgrade(served, '/talk');
    assert.match(refused, /^HTTP\/1\.1 500 /);
    assert.match(refused, /X-Outer: 500\r\n/);
  });
}

test('middlewares of the application are around those of the class', async (t) => {
  const steps: Steps = [];
  class Own extends Plain {
    static override readonly middleware: readonly Middleware[] = [noting('Class', steps, false, false)];
  }
  const served = await serve(t, [['/', Own]], { middleware: [noting('App', steps, false, false)] });
  assert.equal(await (await served.get('/')).text(), 'page');
  assert.deepEqual(steps, ['App request', 'Class request', 'Class response 200', 'App response 200']);
});

test('a middleware may change the status and remove the body', async (t) => {
  const emptying: Middleware = { processResponse: (handler) => handler.setStatus(204) };
  const served = await serve(t, [['/', Plain]], { middleware: [emptying] });
  const response = await served.get('/');
  assert.equal(response.status, 204);
  assert.equal(response.headers.get('content-type'), null);
  assert.equal(await response.text(), '');
});

test('a middleware that writes the body or finishes the response in processResponse is an error', async (t) => {
  const writing: Middleware = { processResponse: (handler) => handler.write('more') };
  const served = await serve(t, [['/', Plain]], { middleware: [writing] });
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(
    /write\(\) was called after the response was finished; processResponse can change status, headers/,
  );
});

test('wholeBodyBytes is the length of a body that is sent as a whole', async (t) => {
  const seen: (number | undefined)[] = [];
  const watching: Middleware = {
    processRequest: (handler) => void seen.push(handler.wholeBodyBytes),
    processResponse: (handler) => void seen.push(handler.wholeBodyBytes),
  };
  class Text extends RequestHandler {
    get(): void {
      this.write('中');
      this.write(Buffer.from('a'));
    }
  }
  const served = await serve(
    t,
    [
      ['/', Text],
      ['/ways', Ways],
    ],
    { middleware: [watching] },
  );
  for (const path of ['/', '/ways?stream']) await (await served.get(path)).text();
  assert.deepEqual(seen, [undefined, 4, undefined, undefined]);
});

test('processResponse does not run if all middlewares say that they have no work', async (t) => {
  const steps: Steps = [];
  const works = new Map<string, unknown>();
  const optional = (name: string): Middleware => ({
    hasResponseWork: () => {
      const work = works.get(name);
      if (work instanceof Error) throw work;
      return work as boolean;
    },
    processResponse: (handler) => {
      steps.push(name);
      handler.setHeader(`X-${name}`, 'ran');
    },
  });
  class Socket extends WebSocketHandler {
    override open(): void {
      this.close();
    }
  }
  const served = await serve(
    t,
    [
      ['/', Plain],
      ['/ways', Ways],
      ['/socket', Socket],
    ],
    { middleware: [optional('outer'), optional('inner')] },
  );
  const paths = ['/', '/ways?stream', '/ways?send-error', '/ways?redirect', '/unknown'];
  const run = async (outer: unknown, inner: unknown): Promise<(string | null)[]> => {
    works.set('outer', outer).set('inner', inner);
    const seen: (string | null)[] = [];
    for (const path of paths) {
      const response = await served.get(path, { redirect: 'manual' });
      await response.text();
      seen.push(response.headers.get('x-outer'), response.headers.get('x-inner'));
    }
    const head = await upgrade(served, '/socket');
    assert.match(head, /^HTTP\/1\.1 101 /);
    seen.push(/x-outer: ran/i.test(head) ? 'ran' : null, /x-inner: ran/i.test(head) ? 'ran' : null);
    return seen;
  };
  assert.deepEqual(new Set(await run(false, false)), new Set([null]));
  assert.deepEqual(steps, []);
  for (const [outer, inner] of [
    [true, false],
    [false, true],
    // Only false says that there is nothing to do.
    [undefined, Promise.resolve(false)],
  ]) {
    assert.deepEqual(new Set(await run(outer, inner)), new Set(['ran']));
    assert.deepEqual(
      steps.splice(0),
      [...paths, '/socket'].flatMap(() => ['inner', 'outer']),
    );
  }
  works.set('outer', new Error('in hasResponseWork')).set('inner', false);
  assert.equal((await served.get('/')).headers.get('x-outer'), 'ran');
  await served.expectLine(/A handler failed/);
});

test('a middleware without hasResponseWork runs beside one with it', async (t) => {
  const steps: Steps = [];
  const silent: Middleware = { hasResponseWork: () => false, processResponse: () => void steps.push('silent') };
  const usual: Middleware = { processResponse: () => void steps.push('usual') };
  const requestOnly: Middleware = { processRequest: () => void steps.push('request') };
  const served = await serve(
    t,
    [
      ['/both', Plain, { middleware: [usual] }],
      ['/one', Plain, { middleware: [requestOnly] }],
    ],
    { middleware: [silent] },
  );
  await served.get('/both');
  assert.deepEqual(steps.splice(0), ['usual', 'silent']);
  await served.get('/one');
  assert.deepEqual(steps, ['request']);
});

test('a transform is applied also if no middleware has work', async (t) => {
  class Shouting extends RequestHandler {
    get(): void {
      this.transformBody({ push: (chunk) => chunk, end: (chunk) => Buffer.from(String(chunk).toUpperCase()) });
      this.write('quiet');
    }
  }
  const silent: Middleware = { hasResponseWork: () => false, processResponse: () => {} };
  const served = await serve(t, [['/', Shouting]], { middleware: [silent] });
  assert.equal(await (await served.get('/')).text(), 'QUIET');
});

test('refuses what is no middleware', () => {
  const wrongWork = [{ processResponse: () => {}, hasResponseWork: false }] as unknown as Middleware[];
  assert.throws(() => new Application([['/', Plain]], { middleware: wrongWork }), {
    code: 'WEB_SETTING',
    message: /^middleware\[0\]\.hasResponseWork must be a function; got false/,
  });
  for (const wrong of [null, {}, [{}], [null], [() => {}], [{ processRequest: 1 }], ['compress']]) {
    assert.throws(() => new Application([['/', Plain]], { middleware: wrong as unknown as Middleware[] }), {
      name: 'GaleError',
      code: 'WEB_SETTING',
      message: /^middleware(?:\[0\])? must be an/,
    });
    if (wrong === null) continue;
    class Wrong extends Plain {
      static override readonly middleware = wrong as unknown as Middleware[];
    }
    assert.throws(() => new Application([['/', Wrong]]), {
      name: 'GaleError',
      code: 'WEB_ROUTE',
      message: /"\/" must have/,
    });
  }
});

/** Sends a handshake, and reads the head of the response. */
async function upgrade(served: Served, path: string): Promise<string> {
  const socket = connect(served.port, '127.0.0.1');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Origin: http://127.0.0.1:${served.port}\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  let received = '';
  socket.setEncoding('latin1').on('data', (data: string) => {
    received += data;
    if (received.includes('\r\n\r\n')) socket.destroy();
  });
  await once(socket, 'close');
  return received;
}

for (const value of ['text', null, 0] as const) {
  test(`a processRequest that returns ${JSON.stringify(value)} is an error, sync and async`, async (t) => {
    class Plain extends RequestHandler {
      get(): string {
        return 'plain';
      }
    }
    for (const result of [value, Promise.resolve(value)]) {
      const returning = { processRequest: () => result } as unknown as Middleware;
      const served = await serve(t, [['/', Plain]], { middleware: [returning] });
      assert.equal((await served.get('/')).status, 500);
      await served.expectLine(/processRequest\(\) must return nothing/);
    }
  });
}
