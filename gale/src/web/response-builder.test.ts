import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError, type ErrorCode } from '../errors.ts';
import { RequestHandler } from './handler.ts';
import type { HandlerClass } from './route.ts';
import { serve } from '../../test/support/web/web-server.ts';

const withCode =
  (code: ErrorCode) =>
  (error: unknown): boolean =>
    error instanceof GaleError && error.code === code;

/** A handler whose `get` is a function of the test. */
function doing(act: (handler: RequestHandler) => void | Promise<void>): HandlerClass & { prototype: RequestHandler } {
  return class extends RequestHandler {
    get(): void | Promise<void> {
      return act(this);
    }
  };
}

test('sends text, bytes and objects', async (t) => {
  const mixed = doing((handler) => {
    handler.write('中');
    handler.write(Buffer.from('bytes'));
    handler.write('text');
  });
  const json = doing((handler) => handler.write({ a: [1], name: '中' }));
  const typed = doing((handler) => {
    handler.write({ a: 1 });
    handler.setHeader('Content-Type', 'application/problem+json');
  });
  const served = await serve(t, [
    ['/mixed', mixed],
    ['/json', json],
    ['/typed', typed],
    ['/empty', doing(() => {})],
  ]);
  const first = await served.get('/mixed');
  assert.equal(await first.text(), '中bytestext');
  assert.equal(first.headers.get('content-type'), 'text/html; charset=UTF-8');
  assert.equal(first.headers.get('content-length'), '12');
  const second = await served.get('/json');
  assert.equal(second.headers.get('content-type'), 'application/json; charset=UTF-8');
  assert.deepEqual(await second.json(), { a: [1], name: '中' });
  assert.equal((await served.get('/typed')).headers.get('content-type'), 'application/problem+json');
  assert.equal((await served.get('/empty')).headers.get('content-length'), '0');
});

test('refuses values that cannot be a body', async (t) => {
  const served = await serve(t, [
    [
      '/',
      doing((handler) => {
        for (const value of [[1], null, undefined, 5, true]) {
          assert.throws(() => handler.write(value as unknown as object), withCode('WEB_BODY'));
        }
        handler.write('ok');
      }),
    ],
    [
      '/204',
      doing((handler) => {
        handler.setStatus(204);
        handler.write('body');
      }),
    ],
  ]);
  assert.equal(await (await served.get('/')).text(), 'ok');
  assert.equal((await served.get('/204')).status, 500);
  await served.expectLine(/status 204 must have no body/);
});

test('sends the bytes of every view, only those in view', async (t) => {
  const { buffer } = Uint8Array.from({ length: 16 }, (_, index) => index);
  const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(7);
  const bodies: [value: object, hex: string][] = [
    [buffer, '000102030405060708090a0b0c0d0e0f'],
    [new DataView(buffer, 14), '0e0f'],
    [new Float64Array(buffer, 8, 1), '08090a0b0c0d0e0f'],
    [new Uint16Array(buffer, 2, 2), '02030405'],
    [Buffer.from(buffer, 3, 2), '0304'],
    [shared, '07070707'],
    [shared.buffer, '07070707'],
  ];
  const served = await serve(t, [
    [
      '/:index/:how',
      class extends RequestHandler {
        async get({ index, how }: { index: string; how: string }): Promise<void> {
          const [value] = bodies[Number(index)] ?? [''];
          this.setHeader('Content-Type', 'application/octet-stream');
          if (how === 'finish') return this.finish(value);
          this.write('<');
          this.write(value);
          if (how === 'flush') await this.flush();
          this.write('>');
        }
      },
    ],
  ]);
  for (const [index, [, hex]] of bodies.entries()) {
    const read = async (how: string): Promise<string> =>
      Buffer.from(await (await served.get(`/${index}/${how}`)).arrayBuffer()).toString('hex');
    assert.equal(await read('finish'), hex);
    assert.equal(await read('write'), `3c${hex}3e`);
    assert.equal(await read('flush'), `3c${hex}3e`);
  }
});

test('a value that JSON would lose is an error that says what to write, and nothing of it is sent', async (t) => {
  const values: [value: unknown, message: RegExp][] = [
    [Promise.resolve({ a: 1 }), /got a promise; await it\.$/],
    [new Map([['a', 1]]), /got a Map; use Object\.fromEntries\(map\)\.$/],
    [{ tags: new Set(['a']) }, /got an object with a Set at tags; use Array\.from\(set\)\.$/],
    [new Error('secret'), /got an error \(Error\); throw it, or use its message\.$/],
    [new Response('x'), /got a Response; await its json\(\), text\(\) or arrayBuffer\(\)\.$/],
    [{ total: 5n }, /got an object with a BigInt at total; use String\(value\)\.$/],
    [() => 'x', /got a function; call it\.$/],
    [5, /got a number; use String\(value\)\.$/],
    [[1], /got an array; wrap it in an object\.$/],
  ];
  const served = await serve(t, [
    [
      '/:index/:how',
      class extends RequestHandler {
        get({ index, how }: { index: string; how: string }): void {
          const value = values[Number(index)]?.[0] as object;
          if (how === 'write') this.write(value);
          else void this.finish(value);
        }
      },
    ],
  ]);
  for (const [index, [, message]] of values.entries()) {
    for (const how of ['write', 'finish']) {
      const response = await served.get(`/${index}/${how}`);
      assert.equal(response.status, 500, `case ${index}`);
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
      assert.doesNotMatch(await response.text(), /secret|\{\}/);
      await served.expectLine(/^error: A handler failed/);
      const line = served.lines.findLast(({ level }) => level === 'error');
      const err = line?.fields['err'] as GaleError;
      assert.equal(err.code, 'WEB_BODY');
      assert.match(err.message, /^chunk of write\(\) must be a string, bytes or an object; got /);
      assert.match(err.message, message);
    }
  }
});

test('sets, adds, removes and validates headers', async (t) => {
  const served = await serve(t, [
    [
      '/',
      doing((handler) => {
        handler.setHeader('X-Foo', 'one');
        handler.setHeader('x-foo', 2);
        handler.addHeader('X-Bar', 'a');
        handler.addHeader('X-Bar', 'b');
        handler.setHeader('X-Date', new Date(0));
        handler.setHeader('X-Empty', '');
        handler.setHeader('X-Gone', 'x');
        handler.clearHeader('x-gone');
        handler.clearHeader('X-Never');
        assert.equal(handler.getHeader('X-FOO'), '2');
        for (const value of ['a\r\nb: c', '\0', '\x7f', '中', '\n']) {
          assert.throws(() => handler.setHeader('X-Bad', value), withCode('WEB_HEADER'), JSON.stringify(value));
        }
        const wrong = [undefined, null, NaN, Infinity, ['a', 'b'], { a: 1 }, true, Promise.resolve('x')];
        for (const value of wrong) {
          assert.throws(() => handler.setHeader('X-Bad', value as unknown as string), {
            code: 'WEB_HEADER',
            message: /^X-Bad must be a string, a finite number or a Date; got /,
          });
        }
        for (const name of ['', 'a b', 'a:', 'é', 'a\r\n']) {
          assert.throws(() => handler.addHeader(name, 'x'), withCode('WEB_HEADER'), JSON.stringify(name));
        }
        handler.setHeader('X-Tab', 'a\tb\xe9');
      }),
    ],
  ]);
  const { headers } = await served.get('/');
  assert.equal(headers.get('x-foo'), '2');
  assert.equal(headers.get('x-bar'), 'a, b');
  assert.equal(headers.get('x-date'), 'Thu, 01 Jan 1970 00:00:00 GMT');
  assert.equal(headers.get('x-empty'), '');
  assert.equal(headers.get('x-gone'), null);
  assert.equal(headers.get('x-tab'), 'a\tb\xe9');
});

test('sets status and reason, and sends no reason that could be markup or a header', async (t) => {
  const served = await serve(t, [
    [
      '/:reason',
      class extends RequestHandler {
        get({ reason }: { reason: string }): void {
          this.setStatus(481, reason);
          this.write(this.getReason());
        }
      },
    ],
    [
      '/',
      doing((handler) => {
        for (const status of [0, 99, 101, 199, 600, 1000, 200.5, Number.NaN]) {
          assert.throws(() => handler.setStatus(status), withCode('WEB_HEADER'));
        }
        for (const status of [599, 200]) handler.setStatus(status);
      }),
    ],
  ]);
  assert.equal((await served.get('/My%20Reason')).statusText, 'My Reason');
  for (const reason of ['<b>', 'a%0D%0Ab:c', '%E4%B8%AD']) {
    assert.equal(await (await served.get(`/${reason}`)).text(), 'Unknown', reason);
  }
  const { fields } = await served.expectLine(/^warn: Reason phrases were not sent/);
  assert.deepEqual([fields['status'], fields['reason']], [481, '"<b>"']);
  assert.equal((await served.get('/')).status, 200);
});

test('a response has an ETag, and a client that has it gets 304', async (t) => {
  let computed = 0;
  class Tagged extends RequestHandler {
    get(): void {
      this.setCookie('a', 'b');
      this.setHeader('Content-Language', 'en');
      this.write('same');
    }
    post(): void {
      this.write('same');
    }
    override computeEtag(body: string | Uint8Array): string | undefined {
      computed++;
      return super.computeEtag(body);
    }
  }
  const untagged = doing((handler) => handler.write('x'));
  untagged.prototype.computeEtag = (): undefined => undefined;
  const own = doing((handler) => {
    handler.setHeader('ETag', '"own"');
    handler.write('x');
  });
  const notFound = doing((handler) => handler.setStatus(404));
  const served = await serve(t, [
    ['/', Tagged],
    ['/untagged', untagged],
    ['/own', own],
    ['/404', notFound],
  ]);
  const first = await served.get('/');
  const etag = first.headers.get('etag') ?? '';
  assert.match(etag, /^"[\w-]{27}"$/);
  for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await served.get('/', { headers: { 'If-None-Match': header } });
    assert.equal(again.status, 304, header);
    assert.equal(again.headers.get('etag'), etag);
    assert.equal(again.headers.get('set-cookie'), 'a=b; Path=/');
    for (const name of ['content-type', 'content-length', 'content-language', 'transfer-encoding']) {
      assert.equal(again.headers.get(name), null, name);
    }
    assert.equal(await again.text(), '');
  }
  assert.equal((await served.get('/', { headers: { 'If-None-Match': '"other"' } })).status, 200);
  assert.equal((await served.get('/', { method: 'HEAD', headers: { 'If-None-Match': etag } })).status, 304);
  const before = computed;
  assert.equal((await served.get('/', { method: 'POST', headers: { 'If-None-Match': etag } })).status, 200);
  assert.equal(computed, before);
  assert.equal((await served.get('/untagged')).headers.get('etag'), null);
  assert.equal((await served.get('/own', { headers: { 'If-None-Match': '"own"' } })).status, 304);
  assert.equal((await served.get('/404')).headers.get('etag'), null);
});

test('205 refuses a body', async (t) => {
  const served = await serve(t, [
    [
      '/',
      doing((handler) => {
        handler.setStatus(205);
        handler.write('body');
      }),
    ],
  ]);
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(/status 205 must have no body; got 4/);
});

function reset(handler: RequestHandler): void {
  handler.setStatus(205);
}

test('205 is sent with Content-Length: 0, and without content', async (t) => {
  const served = await serve(t, [
    ['/', doing(reset)],
    ['/function', (_, handler) => reset(handler)],
    [
      '/flushed',
      doing(async (handler) => {
        reset(handler);
        await handler.flush();
      }),
    ],
  ]);
  for (const path of ['/', '/function', '/flushed']) {
    const received = await served.raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const [head = '', body] = received.split('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.1 205 Reset Content\r\n/, path);
    assert.match(head, /^content-length: 0$/im, path);
    assert.doesNotMatch(head, /content-type|transfer-encoding|etag/i, path);
    assert.equal(body, '', path);
  }
});

test('204 has no length and no type', async (t) => {
  const served = await serve(t, [['/', doing((handler) => handler.setStatus(204))]]);
  const received = await served.raw('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(received, /^HTTP\/1\.1 204 No Content\r\n/);
  assert.doesNotMatch(received, /content-|transfer-/i);
});

test('sends a response in parts, at the pace of the client', async (t) => {
  const served = await serve(t, [
    [
      '/',
      doing(async (handler) => {
        handler.setHeader('X-Before', 'yes');
        for (let piece = 0; piece < 100; piece++) {
          handler.write('x'.repeat(50_000));
          await handler.flush();
        }
        assert.throws(() => handler.setHeader('X-After', 'no'), withCode('WEB_RESPONDED'));
        assert.throws(() => handler.setStatus(500), withCode('WEB_RESPONDED'));
        assert.throws(() => handler.setCookie('a', 'b'), withCode('WEB_RESPONDED'));
        handler.write('end');
      }),
    ],
  ]);
  const response = await served.get('/');
  assert.equal(response.headers.get('transfer-encoding'), 'chunked');
  assert.equal(response.headers.get('x-before'), 'yes');
  assert.equal(response.headers.get('etag'), null);
  assert.equal((await response.text()).length, 5_000_003);
  const head = await served.raw('HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(head, /\r\n\r\n$/);
});

test('a finished response refuses changes', async (t) => {
  const served = await serve(t, [
    [
      '/',
      doing(async (handler) => {
        await handler.finish('done');
        assert.throws(() => handler.write('more'), withCode('WEB_RESPONDED'));
        assert.throws(() => handler.finish(), withCode('WEB_RESPONDED'));
        await assert.rejects(handler.flush(), withCode('WEB_RESPONDED'));
        assert.throws(() => handler.redirect('/'), withCode('WEB_RESPONDED'));
        handler.log.info({}, 'Checked');
      }),
    ],
  ]);
  assert.equal(await (await served.get('/')).text(), 'done');
  assert.ok(await served.expectLine(/Checked/));
});

test('a redirect encodes its Location and refuses what no browser can follow', async (t) => {
  const served = await serve(t, [
    ['/a', doing((handler) => handler.redirect('/path with 中?q=%20é'))],
    ['/b', doing((handler) => handler.redirect('/x', { permanent: true }))],
    ['/c', doing((handler) => handler.redirect('/x', { status: 303 }))],
    ['/e', doing((handler) => handler.redirect(' http://ok\\@evil/ '))],
    [
      '/d',
      doing((handler) => {
        for (const url of ['/\r\nSet-Cookie: a=b', '/\n', '/\0', '/\x85', '', 'http://a b/']) {
          assert.throws(() => handler.redirect(url), withCode('WEB_HEADER'));
        }
        assert.throws(() => handler.redirect('/', { status: 200 }), withCode('WEB_HEADER'));
        handler.write('dropped by a redirect');
        return handler.redirect('/x');
      }),
    ],
  ]);
  const first = await served.get('/a');
  assert.equal(first.status, 302);
  assert.equal(first.headers.get('location'), '/path%20with%20%E4%B8%AD?q=%20%C3%A9');
  assert.equal((await served.get('/b')).status, 301);
  assert.equal((await served.get('/c')).status, 303);
  assert.equal((await served.get('/e')).headers.get('location'), 'http://ok/@evil/');
  const last = await served.get('/d');
  assert.equal(last.headers.get('location'), '/x');
  assert.equal(await last.text(), '');
});

test('sets one cookie for each name, and an error page keeps cookies', async (t) => {
  class Baker extends RequestHandler {
    get(): void {
      this.setCookie('a', 'b', { domain: 'example.com' });
      this.setCookie('c', 'd');
      this.setCookie('a', 'e');
      this.clearCookie('f', { path: '/x' });
      this.clear();
      this.write('x');
    }
  }
  const served = await serve(t, [['/', Baker]]);
  assert.deepEqual((await served.get('/')).headers.getSetCookie(), [
    'a=e; Path=/',
    'c=d; Path=/',
    'f=""; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/x',
  ]);
});

test('deletes a cookie with a prefix as browsers require it, and sets none that they drop', async (t) => {
  class Baker extends RequestHandler {
    get(): void {
      this.clearCookie('__Host-a');
      this.clearCookie('__Secure-b', { path: '/x' });
      for (const options of [{}, { secure: true, domain: 'example.com' }, { secure: true, path: '/x' }]) {
        assert.throws(() => this.setCookie('__Host-a', 'b', options), withCode('WEB_COOKIE'));
      }
      assert.throws(() => this.setCookie('c', 'd', { sameSite: 'None' }), withCode('WEB_COOKIE'));
      assert.throws(() => this.setCookie('c', 'd', { expires: Date.now() }), withCode('WEB_COOKIE'));
      assert.throws(() => this.clearCookie('__Host-a', { secure: false }), withCode('WEB_COOKIE'));
      // Browsers keep a cookie with Expires in the past and a Max-Age in the future.
      for (const name of ['maxAge', 'expires', 'expiresDays', 'max_age']) {
        assert.throws(() => this.clearCookie('d', { [name]: 60 }), withCode('OPTION_UNKNOWN'), name);
      }
      assert.throws(() => this.clearCookie('d', null as unknown as object), withCode('OPTION_VALUE'));
      this.clearCookie('__Host-e', { secure: undefined, partitioned: true } as object);
    }
  }
  const served = await serve(t, [['/', Baker]]);
  const response = await served.get('/');
  assert.equal(response.status, 200);
  assert.deepEqual(response.headers.getSetCookie(), [
    '__Host-a=""; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure',
    '__Secure-b=""; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/x; Secure',
    '__Host-e=""; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Partitioned; Path=/; Secure',
  ]);
});

test('every response has the default headers, error pages included', async (t) => {
  class Guarded extends RequestHandler {
    override setDefaultHeaders(): void {
      this.setHeader('X-Frame-Options', 'DENY');
    }
    get(): void {
      this.clear();
      throw new Error('x');
    }
  }
  const served = await serve(t, [['/', Guarded]]);
  assert.equal((await served.get('/')).headers.get('x-frame-options'), 'DENY');
  assert.equal((await served.get('/', { method: 'PUT' })).headers.get('x-frame-options'), 'DENY');
  await served.expectLine(/error: A handler failed \(x\)/);
});

test('a header that the server refuses is a 500', async (t) => {
  const served = await serve(t, [['/', doing((handler) => handler.setHeader('Transfer-Encoding', 'gzip'))]]);
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(/A handler failed/);
});
