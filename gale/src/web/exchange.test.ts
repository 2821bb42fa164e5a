import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApp } from '../testing/test-app.ts';
import { Application } from './application.ts';
import { HttpError } from './http-error.ts';
import { RequestHandler } from './handler.ts';
import type { Route } from './route.ts';
import type { CookieOptions } from './cookies/cookies.ts';
import { createSignedValue } from './cookies/signed-value.ts';
import { serve, type Served } from '../../test/support/web/web-server.ts';

const form = (text: string, type = 'application/x-www-form-urlencoded'): RequestInit => ({
  method: 'POST',
  body: text,
  headers: { 'Content-Type': type },
});

class Arguing extends RequestHandler {
  get(): void {
    this.write({
      one: this.getArgument('q', null),
      all: this.getArguments('q'),
      query: this.getQueryArgument('q', null),
      body: this.getBodyArgument('q', null),
      queries: this.getQueryArguments('q'),
      bodies: this.getBodyArguments('q'),
      raw: this.getArgument('q', null, { strip: false }),
    });
  }
  post(): void {
    this.get();
  }
  put(): void {
    this.write(this.getArgument('needed'));
  }
}

test('reads arguments of the query and the form, and the last value takes precedence', async (t) => {
  const served = await serve(t, [['/', Arguing]]);
  assert.deepEqual(await (await served.get('/?q=+%E4%B8%AD+&q=b%00')).json(), {
    one: 'b',
    all: ['中', 'b'],
    query: 'b',
    body: null,
    queries: ['中', 'b'],
    bodies: [],
    raw: 'b ',
  });
  assert.deepEqual(await (await served.get('/?q=query', form('q=body&q=%20last'))).json(), {
    one: 'last',
    all: ['query', 'body', 'last'],
    query: 'query',
    body: 'last',
    queries: ['query'],
    bodies: ['body', 'last'],
    raw: ' last',
  });
  const charset = form('q=x', 'application/x-www-form-urlencoded \t; charset=UTF-8');
  assert.equal(((await (await served.get('/', charset)).json()) as { body: string }).body, 'x');
  const unlike = ['application/x-www-form-urlencoded-other', 'application/x-www-form-urlencoded\u00a0; charset=UTF-8'];
  for (const type of ['application/json', 'text/plain', ...unlike]) {
    assert.equal(((await (await served.get('/', form('q=x', type))).json()) as { body: null }).body, null);
  }
});

test('refuses options of arguments, redirects and static URLs that do not exist, also without a value', async (t) => {
  const calls: readonly ((handler: RequestHandler, wrong: never) => unknown)[] = [
    (handler, wrong) => handler.getArgument('q', '', wrong),
    (handler, wrong) => handler.getQueryArguments('q', wrong),
    (handler, wrong) => handler.getBodyArguments('q', wrong),
    (handler, wrong) => handler.redirect('/', wrong),
    (handler, wrong) => handler.staticUrl('a.css', wrong),
  ];
  class Wrong extends RequestHandler {
    get(): void {
      for (const call of calls) {
        assert.throws(() => call(this, { permanant: true } as never), { code: 'OPTION_UNKNOWN' }, String(call));
        assert.throws(() => call(this, null as never), { code: 'OPTION_VALUE' }, String(call));
      }
      assert.throws(() => this.getArgument('q', '', { strip: 'no' as never }), {
        message: 'strip must be true or false; got "no".',
      });
      assert.throws(() => this.redirect('/', { permanent: 'no' as never }), {
        message: 'permanent must be true or false; got "no".',
      });
      assert.throws(() => this.redirect('/', { status: '301' as never }), {
        message: 'status of a redirect must be an integer from 300 to 399; got "301".',
      });
      this.write('done');
    }
  }
  const served = await serve(t, [['/', Wrong]]);
  assert.equal(await (await served.get('/')).text(), 'done');
});

test('an argument that is missing or not UTF-8 is 400', async (t) => {
  const served = await serve(t, [['/', Arguing]]);
  assert.equal((await served.get('/', { method: 'PUT' })).status, 400);
  await served.expectLine(/^debug: Handler responded with an error \(Missing argument needed/);
  assert.equal((await served.get('/?q=invalid%FF')).status, 400);
  assert.equal((await served.get('/', form('q=%C3%28'))).status, 400);
  await served.expectLine(/^debug: Handler responded with an error \(Argument q is not UTF-8/);
});

test('refuses a form over its limits', async (t) => {
  const served = await serve(t, [['/', Arguing]], { maxFormBytes: 100, maxArguments: 10 });
  assert.equal((await served.get('/', form('q='.padEnd(100, 'x')))).status, 200);
  assert.equal((await served.get('/', form('q='.padEnd(101, 'x')))).status, 413);
  assert.equal((await served.get('/', form('q&'.repeat(11)))).status, 400);
  assert.equal((await served.get(`/?${'q&'.repeat(11)}`)).status, 400);
  await served.expectLine(/More than 10 arguments/);
});

test('decodeArgument decodes a form in another encoding', async (t) => {
  const gbk = new TextDecoder('gbk', { fatal: true });
  class Gbk extends Arguing {
    override decodeArgument(value: Uint8Array, name: string): string {
      try {
        return gbk.decode(value);
      } catch (cause) {
        throw new HttpError(400, `${name} is not GBK`, { cause });
      }
    }
  }
  const served = await serve(t, [['/', Gbk]]);
  assert.equal(((await (await served.get('/', form('q=%D6%D0%CE%C4+x'))).json()) as { one: string }).one, '中文 x');
  assert.equal((await served.get('/?q=%FF')).status, 400);
  await served.expectLine(/q is not GBK/);
});

test('decodeArgument decodes arguments of the path, where + is no space', async (t) => {
  class Latin extends RequestHandler {
    override decodeArgument(value: Uint8Array): string {
      return Buffer.from(value).toString('latin1');
    }
    get({ name }: { name: string }): void {
      this.write(name);
    }
  }
  const served = await serve(t, [['/:name', Latin]]);
  assert.equal(await (await served.get('/caf%E9+x')).text(), 'café+x');
});

test('GET ignores a form in its body', async (t) => {
  const served = await serve(t, [['/', Arguing]]);
  const type = 'Content-Type: application/x-www-form-urlencoded';
  const received = await served.raw(
    `GET /?q=query HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${type}\r\nContent-Length: 6\r\n\r\nq=form`,
  );
  assert.match(received, /"one":"query".*"body":null/);
});

test('the body can be read again after its form, or by the handler only', async (t) => {
  class Reader extends RequestHandler {
    async post(): Promise<void> {
      assert.equal(await this.readBytes(), await this.readBytes());
      this.write({ body: (await this.readBytes()).toString(), argument: this.getBodyArgument('a', null) });
    }
  }
  class Own extends RequestHandler {
    static override readonly bodyMode = 'stream';
    async post(): Promise<void> {
      for await (const part of this.request.body) this.write(part);
    }
  }
  const served = await serve(t, [
    ['/', Reader],
    ['/own', Own],
  ]);
  assert.deepEqual(await (await served.get('/', form('a=1'))).json(), { body: 'a=1', argument: '1' });
  assert.deepEqual(await (await served.get('/', form('{}', 'application/json'))).json(), {
    body: '{}',
    argument: null,
  });
  const untyped = await served.get('/', { method: 'POST', body: Buffer.from('a=1') });
  assert.deepEqual(await untyped.json(), { body: 'a=1', argument: null });
  assert.equal(await (await served.get('/own', form('a=1'))).text(), 'a=1');
});

const secret = 'the secret of these tests, 32 bytes or more';

class Signing extends RequestHandler {
  get(): void {
    this.write({
      user: this.getSignedCookie('user') ?? null,
      short: this.getSignedCookie('user', { maxAgeDays: 1 }) ?? null,
      version: this.getSignedCookieKeyVersion('user') ?? null,
      plain: this.getCookie('plain', 'none'),
      names: this.getCookieNames(),
    });
  }
  post(): void {
    this.setSignedCookie('user', 'Ann 中');
    this.setSignedCookie('brief', 'x', { expiresDays: undefined, httpOnly: false, sameSite: 'Strict' });
    this.setSignedCookie('__Host-own', 'x');
  }
}

test('reads a signed cookie and ignores a forged one', async (t) => {
  const served = await serve(t, [['/', Signing]], { cookieSecret: secret });
  const [user = '', brief = ''] = (await served.get('/', { method: 'POST' })).headers.getSetCookie();
  assert.match(
    user,
    /^user=2\|1:0\|10:\d{10}\|4:user\|12:\S+\|[0-9a-f]{64}; Expires=.+; HttpOnly; Path=\/; SameSite=Lax$/,
  );
  assert.match(brief, /^brief=\S+; Path=\/; SameSite=Strict$/);
  const cookie = user.split(';')[0] ?? '';
  const read = async (text: string): Promise<unknown> => (await served.get('/', { headers: { Cookie: text } })).json();
  const known = { user: 'Ann 中', short: 'Ann 中', version: 0, plain: 'none', names: ['user'] };
  assert.deepEqual(await read(cookie), known);
  // As Tornado sends it.
  assert.deepEqual(await read(cookie.replace(/=(.*)/, '="$1"')), known);
  const names = ['user', 'plain'];
  const forged = await read(`${cookie.slice(0, -1)}${cookie.endsWith('0') ? 1 : 0}; plain=p`);
  assert.deepEqual(forged, { user: null, short: null, version: 0, plain: 'p', names });
  const old = createSignedValue(secret, 'user', 'Ann', { now: Date.now() - 2 * 86_400_000 });
  assert.deepEqual(await read(`user=${old}`), { ...known, user: 'Ann', short: null });
  assert.deepEqual(await read(`user=${createSignedValue('another', 'user', 'Eve')}`), {
    ...known,
    user: null,
    short: null,
  });
});

test('a wrong option of a signed cookie is an error, and an undefined one has its safe default', async (t) => {
  class Wrong extends RequestHandler {
    get(): void {
      const set = (options: unknown) => (): void => this.setSignedCookie('a', 'x', options as CookieOptions);
      assert.throws(set(null), { code: 'OPTION_VALUE', message: 'cookie options must be an object; got null.' });
      assert.throws(set({ expires_days: 1 }), { message: /^Unknown cookie option expires_days, use expiresDays;/ });
      assert.throws(set({ expiresDays: null }), { message: /expiresDays must lead to a year .*; got null/ });
      assert.throws(() => this.setSignedCookie('a', null as unknown as string), { code: 'OPTION_VALUE' });
      this.setSignedCookie('__Host-a', 'x', {
        httpOnly: undefined,
        secure: undefined,
        sameSite: undefined,
        expiresDays: undefined,
      } as object);
    }
  }
  const served = await serve(t, [['/', Wrong]], { cookieSecret: secret });
  const response = await served.get('/');
  assert.equal(response.status, 200);
  assert.match(response.headers.get('set-cookie') ?? '', /^__Host-a=\S+; HttpOnly; Path=\/; SameSite=Lax; Secure$/);
});

test('signs with the secret of keyVersion and verifies with all', async (t) => {
  const cookieSecret = { 0: `old ${secret}`, 1: `new ${secret}` };
  const app = await testApp(new Application([['/', Signing]], { cookieSecret, keyVersion: 1 }), { t });
  const read = async (): Promise<object> => {
    const { user, short, version } = (await (await app.request('/')).json()) as Record<string, unknown>;
    return { user, short, version };
  };
  await app.request('/', { method: 'POST' });
  assert.deepEqual(await read(), { user: 'Ann 中', short: 'Ann 中', version: 1 });
  app.cookies.set('user', createSignedValue(`old ${secret}`, 'user', 'Ann'));
  assert.deepEqual(await read(), { user: 'Ann', short: 'Ann', version: 0 });
  await app.clock.advance(2 * 86_400_000);
  assert.deepEqual(await read(), { user: 'Ann', short: null, version: 0 });
});

test('a cookie keeps its characters, and the first of two with one name is used', async (t) => {
  class Names extends RequestHandler {
    get(): void {
      this.write({ names: this.getCookieNames(), values: this.getCookieNames().map((name) => this.getCookie(name)) });
    }
  }
  const served = await serve(t, [['/', Names]]);
  const bytes = Buffer.from('a=à; b=中\t; a=path of the root').toString('latin1');
  const received = await served.raw(
    `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${bytes}\r\nCookie: b=2; c=\xe0\r\nConnection: close\r\n\r\n`,
  );
  const body: unknown = JSON.parse(Buffer.from(received.split('\r\n\r\n')[1] ?? '', 'latin1').toString());
  assert.deepEqual(body, { names: ['a', 'b', 'c'], values: ['à', '中', '\u00e0'] });
});

test('refuses an age that is not a number, also without the cookie', async (t) => {
  class Aging extends RequestHandler {
    get(): void {
      for (const maxAgeDays of [Number.NaN, Infinity, -1, '5'] as number[]) {
        const refused = { code: 'OPTION_VALUE', message: /^maxAgeDays must be a number from 0 to 36500; got / };
        assert.throws(() => this.getSignedCookie('user', { maxAgeDays }), refused);
        assert.throws(() => this.getSignedCookieBytes('user', { maxAgeDays }), refused);
      }
      this.write('refused');
    }
  }
  const served = await serve(t, [['/', Aging]], { cookieSecret: secret });
  const Cookie = `user=${createSignedValue(secret, 'user', 'Ann')}`;
  assert.equal(await (await served.get('/')).text(), 'refused');
  assert.equal(await (await served.get('/', { headers: { Cookie } })).text(), 'refused');
});

test('the error of signed cookies names a missing cookieSecret', async (t) => {
  const served = await serve(t, [['/', Signing]]);
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(/Signed cookies need the setting cookieSecret/);
});

class Formal extends RequestHandler {
  get(): void {
    this.write(this.xsrfFormHtml());
  }
  post(): void {
    this.write('posted');
  }
}

class Exempt extends Formal {
  override checkXsrfCookie(): void {}
}

const formal: readonly Route[] = [
  ['/', Formal],
  ['/exempt', Exempt],
];

async function fetchToken(served: Served): Promise<{ cookie: string; token: string; header: string }> {
  const response = await served.get('/');
  const [header = ''] = response.headers.getSetCookie();
  const token = /^<input type="hidden" name="_xsrf" value="([^"]+)"\/>$/.exec(await response.text())?.[1];
  assert.ok(token);
  return { cookie: header.split(';')[0] ?? '', token, header };
}

test('accepts the token of the cookie in a form, the query or a header', async (t) => {
  const served = await serve(t, formal, { xsrfCookies: true });
  const { cookie, token, header } = await fetchToken(served);
  assert.match(header, /^_xsrf=2\|[0-9a-f]{8}\|[0-9a-f]{32}\|\d+; Path=\/; SameSite=Lax$/);
  const again = await served.get('/', { headers: { Cookie: cookie } });
  assert.deepEqual(again.headers.getSetCookie(), []);
  assert.doesNotMatch(await again.text(), new RegExp(token.replaceAll('|', '\\|')));
  const post = (path: string, headers: Record<string, string>, body = ''): Promise<Response> =>
    served.get(path, { method: 'POST', headers: { Cookie: cookie, ...headers }, body: new URLSearchParams(body) });
  const accepted = [
    await post('/', {}, `_xsrf=${encodeURIComponent(token)}`),
    await post(`/?_xsrf=${encodeURIComponent(token)}`, {}),
    await post('/', { 'X-Xsrftoken': token }),
    await post('/', { 'X-Csrftoken': token }),
    await post('/', { 'X-Xsrftoken': cookie.slice('_xsrf='.length) }),
    await post('/', { Cookie: '_xsrf=deadbeef', 'X-Xsrftoken': 'deadbeef' }),
    await post('/', { Cookie: '_xsrf=xoxo', 'X-Xsrftoken': 'xoxo' }),
    await post('/exempt', { Cookie: '' }),
  ];
  for (const [index, response] of accepted.entries()) assert.equal(await response.text(), 'posted', `case ${index}`);
});

test('a form without the token or with another token is 403', async (t) => {
  const served = await serve(t, formal, { xsrfCookies: true });
  const { cookie, token } = await fetchToken(served);
  const other = await fetchToken(served);
  const refused: Record<string, string>[] = [
    { Cookie: cookie },
    { Cookie: cookie, 'X-Xsrftoken': '' },
    { Cookie: cookie, 'X-Xsrftoken': other.token },
    { Cookie: cookie, 'X-Xsrftoken': '2|zz|zz|1' },
    { 'X-Xsrftoken': token },
    { Cookie: '_xsrf=', 'X-Xsrftoken': '2|00000000||1' },
    { Cookie: `other=${cookie.slice('_xsrf='.length)}`, 'X-Xsrftoken': token },
  ];
  for (const [index, headers] of refused.entries()) {
    assert.equal((await served.get('/', { method: 'POST', headers })).status, 403, `case ${index}`);
  }
  for (const method of ['PUT', 'PATCH', 'DELETE'])
    assert.equal((await served.get('/', { method })).status, 403, method);
  assert.equal((await served.get('/', { method: 'OPTIONS' })).status, 405);
  assert.equal((await served.get('/', { method: 'HEAD' })).status, 200);
  assert.equal((await served.get('/nowhere', { method: 'POST' })).status, 404);
  await served.expectLine(/^debug: Handler responded with an error \('_xsrf' argument missing from POST/);
  await served.expectLine(/invalid format|does not match|argument missing/);
});

test('the XSRF cookie has the name and the attributes of the settings', async (t) => {
  const served = await serve(t, formal, {
    xsrfCookies: true,
    xsrfCookieName: '__Host-xsrf',
    xsrfCookieOptions: { httpOnly: true, expiresDays: 2, sameSite: 'Strict' },
  });
  const { header } = await fetchToken(served);
  assert.match(header, /^__Host-xsrf=\S+; Expires=[^;]+; HttpOnly; Path=\/; SameSite=Strict; Secure$/);
});

test('signed cookies and the XSRF cookie are Secure over https only', async (t) => {
  const routes: Route[] = [
    ['/', Formal],
    ['/signed', Signing],
  ];
  const served = await serve(t, routes, { cookieSecret: secret, server: { trustedProxies: ['loopback'] } });
  const setCookie = async (path: string, method: string, protocol: string): Promise<string> =>
    (await served.get(path, { method, headers: { 'X-Forwarded-Proto': protocol } })).headers.getSetCookie()[0] ?? '';
  assert.match(await setCookie('/', 'GET', 'https'), /^__Host-_xsrf=\S+; Path=\/; SameSite=Lax; Secure$/);
  assert.match(await setCookie('/', 'GET', 'http'), /^_xsrf=\S+; Path=\/; SameSite=Lax$/);
  assert.match(await setCookie('/signed', 'POST', 'https'), /^user=.+; SameSite=Lax; Secure$/);
  assert.match(await setCookie('/signed', 'POST', 'http'), /^user=.+; SameSite=Lax$/);
  const [, , prefixed] = (await served.get('/signed', { method: 'POST' })).headers.getSetCookie();
  assert.match(prefixed ?? '', /^__Host-own=.+; SameSite=Lax; Secure$/);
});

/** Lifetime of the first cookie of a response, from its Date, in days. */
function lifetimeDays({ headers }: Response): number {
  const expires = /; Expires=([^;]+)/.exec(headers.getSetCookie()[0] ?? '')?.[1] ?? '';
  return Math.round((Date.parse(expires) - Date.parse(headers.get('date') ?? '')) / 86_400_000);
}

test('a signed cookie expires after 30 days', async (t) => {
  const served = await serve(t, [['/', Signing]], { cookieSecret: secret });
  assert.equal(lifetimeDays(await served.get('/', { method: 'POST' })), 30);
});

test('the XSRF cookie of a signed-in user expires after 30 days', async (t) => {
  class Known extends Formal {
    override getCurrentUser(): string {
      return 'Ann';
    }
  }
  const served = await serve(t, [['/', Known]], { xsrfCookies: true });
  assert.equal(lifetimeDays(await served.get('/')), 30);
});
