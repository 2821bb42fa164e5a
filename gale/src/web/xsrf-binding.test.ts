/** The name of the XSRF cookie over https, and tokens that are bound to a session. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHandler } from './handler.ts';
import type { Settings } from './settings.ts';
import { createXsrfToken, maskXsrfToken } from './cookies/xsrf.ts';
import { serve, type Served } from '../../test/support/web/web-server.ts';

const dayMs = 86_400_000;
const secret = 'a secret of at least thirty-two bytes for these tests';

class Formal extends RequestHandler {
  get(): void {
    this.write(this.xsrfToken);
  }
  post(): void {
    this.write('posted');
  }
}

/** Over https, through a trusted proxy. */
const https = { 'X-Forwarded-Proto': 'https' };
const behindProxy: Settings = { xsrfCookies: true, server: { trustedProxies: ['loopback'] } };

interface Page {
  readonly token: string;
  /** The cookie that the response set, with its attributes; empty if it set none. */
  readonly header: string;
  /** Name and value. */
  readonly cookie: string;
}

async function open(served: Served, headers: Record<string, string> = {}): Promise<Page> {
  const response = await served.get('/', { headers });
  const header = response.headers.getSetCookie().find((line) => line.includes('srf=')) ?? '';
  return { token: await response.text(), header, cookie: header.split(';')[0] ?? '' };
}

async function post(served: Served, token: string, cookie: string, more: Record<string, string> = {}): Promise<number> {
  const headers = { 'X-Xsrftoken': token, Cookie: cookie, ...more };
  return (await served.get('/', { method: 'POST', headers })).status;
}

test('over https the cookie is __Host-_xsrf, Secure, with the path / and no domain', async (t) => {
  const served = await serve(t, [['/', Formal]], behindProxy);
  const { token, header, cookie } = await open(served, https);
  assert.match(header, /^__Host-_xsrf=[^;]+; Path=\/; SameSite=Lax; Secure$/);
  assert.equal(await post(served, token, cookie, https), 200);
  assert.match((await open(served)).header, /^_xsrf=[^;]+; Path=\/; SameSite=Lax$/);
});

test('a domain, a path or secure: false in the options leave the name as it is, and secure: true adds the prefix', async (t) => {
  for (const [xsrfCookieOptions, pattern] of [
    [{ domain: 'app.example' }, /^_xsrf=[^;]+; Domain=app\.example; Path=\/; SameSite=Lax; Secure$/],
    [{ path: '/app' }, /^_xsrf=[^;]+; Path=\/app; SameSite=Lax; Secure$/],
    [{ secure: false }, /^_xsrf=[^;]+; Path=\/; SameSite=Lax$/],
    [{ path: '/', httpOnly: true }, /^__Host-_xsrf=[^;]+; HttpOnly; Path=\/; SameSite=Lax; Secure$/],
  ] as const) {
    const served = await serve(t, [['/', Formal]], { ...behindProxy, xsrfCookieOptions });
    assert.match((await open(served, https)).header, pattern);
  }
  const served = await serve(t, [['/', Formal]], { xsrfCookies: true, xsrfCookieOptions: { secure: true } });
  assert.match((await open(served)).header, /^__Host-_xsrf=/);
  const named = await serve(t, [['/', Formal]], { ...behindProxy, xsrfCookieName: 'csrf' });
  assert.match((await open(named, https)).header, /^__Host-csrf=/);
});

test('over https the former name _xsrf is read for a day, and its token moves to the new name', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const served = await serve(t, [['/', Formal]], behindProxy);
  const former = maskXsrfToken(createXsrfToken(Date.now() - 20 * dayMs));
  const cookie = `_xsrf=${former}`;
  assert.equal(await post(served, former, cookie, https), 200, 'an open page');
  const moved = await open(served, { ...https, Cookie: cookie });
  assert.match(moved.header, /^__Host-_xsrf=/);
  assert.equal(await post(served, former, moved.cookie, https), 200, 'a page opened before the move');
  assert.equal(await post(served, moved.token, moved.cookie, https), 200);
  const forged = maskXsrfToken(createXsrfToken());
  assert.equal(await post(served, forged, `_xsrf=${forged}; ${moved.cookie}`, https), 403, 'the new name wins');
  t.mock.timers.setTime(Date.now() + dayMs);
  assert.equal(await post(served, former, cookie, https), 403, 'a day later');
  assert.equal(await post(served, former, moved.cookie, https), 200, 'the new name, a day later');
  assert.equal(await post(served, former, cookie), 200, 'over http the name stays');
  await served.expectLine(/does not match/);
});

test('over http a cookie with the prefix is not read', async (t) => {
  const served = await serve(t, [['/', Formal]], behindProxy);
  const { token, cookie } = await open(served, https);
  assert.equal(await post(served, token, cookie), 403);
  await served.expectLine(/does not match/);
});

/** The session is a cookie; `begin` sets another one in the same response. */
class Bound extends RequestHandler<{ readonly session: string }> {
  #begun: string | undefined;

  override async getCurrentUser(): Promise<{ readonly session: string } | undefined> {
    const session = this.getCookie('session');
    await Promise.resolve();
    return session === undefined ? undefined : { session };
  }

  override xsrfBinding(): string | undefined {
    return this.#begun ?? this.currentUser?.session;
  }

  get(): void {
    const before = this.xsrfToken;
    this.#begun = this.getQueryArgument('begin', undefined);
    this.write(this.#begun === undefined ? before : this.xsrfToken);
  }

  post(): void {
    this.write('posted');
  }
}

for (const [what, settings] of [
  ['with a secret', { cookieSecret: secret }],
  ['without a secret', {}],
] as const) {
  test(`a token of one session is refused in another, ${what}`, async (t) => {
    const served = await serve(t, [['/', Bound]], { xsrfCookies: true, ...settings });
    const visitor = await open(served);
    const xsrf = visitor.cookie;
    const ann = await open(served, { Cookie: `${xsrf}; session=ann` });
    const again = await open(served, { Cookie: `${xsrf}; session=ann` });
    const ben = await open(served, { Cookie: `${xsrf}; session=ben` });
    assert.equal(ann.header, '', 'the cookie stays');
    assert.notEqual(ann.token, again.token, 'masked for each page');
    assert.match(ann.token, /^2\|[0-9a-f]{8}\|[0-9a-f]{32}\|\d+$/);
    const sessions: [page: Page, session: string][] = [
      [visitor, ''],
      [ann, '; session=ann'],
      [again, '; session=ann'],
      [ben, '; session=ben'],
    ];
    for (const [page, own] of sessions) {
      for (const session of ['', '; session=ann', '; session=ben']) {
        const expected = own === session ? 200 : 403;
        assert.equal(await post(served, page.token, xsrf + session), expected, `${own} in ${session}`);
      }
    }
    const cookieText = xsrf.slice('_xsrf='.length);
    assert.equal(await post(served, cookieText, `${xsrf}; session=ann`), 403, 'the cookie is no token of a session');
    const other = await open(served);
    assert.equal(await post(served, ann.token, `${other.cookie}; session=ann`), 403, 'another cookie');
    await served.expectLine(/does not match/);
  });
}

test('a page is bound to the session that its response begins', async (t) => {
  const served = await serve(t, [['/', Bound]], { xsrfCookies: true, cookieSecret: secret });
  const { cookie } = await open(served);
  const response = await served.get('/?begin=ann', { headers: { Cookie: cookie } });
  const token = await response.text();
  assert.equal(await post(served, token, `${cookie}; session=ann`), 200);
  assert.equal(await post(served, token, cookie), 403);
  await served.expectLine(/does not match/);
});

test('a bound token stays valid after a change of the secret, if the old one is kept', async (t) => {
  const xsrfCookies = true;
  const before = await serve(t, [['/', Bound]], { xsrfCookies, cookieSecret: { 1: `${secret} 1` }, keyVersion: 1 });
  const both = { 1: `${secret} 1`, 2: `${secret} 2` };
  const after = await serve(t, [['/', Bound]], { xsrfCookies, cookieSecret: both, keyVersion: 2 });
  const later = await serve(t, [['/', Bound]], { xsrfCookies, cookieSecret: { 2: `${secret} 2` }, keyVersion: 2 });
  const { cookie } = await open(before);
  const session = `${cookie}; session=ann`;
  const { token } = await open(before, { Cookie: session });
  assert.equal(await post(after, token, session), 200);
  assert.equal(await post(later, token, session), 403);
  assert.equal(await post(later, (await open(after, { Cookie: session })).token, session), 200);
  await later.expectLine(/does not match/);
});

test('a token that somebody else made for a known session and cookie is refused, since it lacks the secret', async (t) => {
  const without = await serve(t, [['/', Bound]], { xsrfCookies: true });
  const served = await serve(t, [['/', Bound]], { xsrfCookies: true, cookieSecret: secret });
  const session = '_xsrf=deadbeef; session=ann';
  const { token } = await open(without, { Cookie: session });
  assert.equal(await post(without, token, session), 200);
  assert.equal(await post(served, token, session), 403);
  await served.expectLine(/does not match/);
});

test('a binding that is not text is an error that says so', async (t) => {
  class Wrong extends RequestHandler {
    override xsrfBinding(): string {
      return (this.getQueryArgument('async', '') === '' ? 7 : Promise.resolve('ann')) as unknown as string;
    }
    get(): void {
      this.write(this.xsrfToken);
    }
    post(): void {}
  }
  const served = await serve(t, [['/', Wrong]], { xsrfCookies: true });
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(/xsrfBinding\(\) must return a string or undefined; got 7\./);
  assert.equal((await served.get('/?async=1')).status, 500);
  await served.expectLine(/xsrfBinding\(\) must return a string or undefined; got an instance of Promise\./);
  assert.equal(await post(served, 'deadbeef', '_xsrf=deadbeef'), 500);
});
