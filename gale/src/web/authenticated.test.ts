import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticated } from './authenticated.ts';
import { RequestHandler } from './handler.ts';
import { testApp } from '../testing/test-app.ts';
import { Application } from './application.ts';

class Visitor extends RequestHandler<string> {
  override async getCurrentUser(): Promise<string | undefined> {
    return Promise.resolve(this.getQueryArgument('as', undefined));
  }
}

class Inbox extends Visitor {
  readonly get = authenticated(async function (this: Inbox): Promise<void> {
    await Promise.resolve();
    this.write(`inbox of ${this.currentUser}`);
  });
  readonly post = authenticated(function (this: Inbox): void {
    this.write('posted');
  });
}

/** The call that a compiler writes for a decorator. */
class Decorated extends Visitor {
  get(): void {
    this.write(`for ${this.currentUser}`);
  }
}
Decorated.prototype.get = authenticated(Decorated.prototype.get, { kind: 'method' } as ClassMethodDecoratorContext<
  Decorated,
  () => void
>);

test('calls the verb for a user and redirects others to the login page with next', async (t) => {
  const routes = [
    ['/inbox/:folder', Inbox],
    ['/decorated', Decorated],
  ] as const;
  const app = await testApp(new Application(routes, { loginUrl: '/login/' }), { t });
  assert.equal(await (await app.request('/inbox/a?as=Ann')).text(), 'inbox of Ann');
  assert.equal(await (await app.request('/decorated?as=Ann')).text(), 'for Ann');
  const sent = await app.request('/inbox/a%20b?page=2&x=y');
  assert.equal(sent.status, 302);
  assert.equal(sent.headers.get('location'), '/login/?next=%2Finbox%2Fa%2520b%3Fpage%3D2%26x%3Dy');
  assert.equal((await app.request('/decorated')).headers.get('location'), '/login/?next=%2Fdecorated');
  assert.equal((await app.request('/inbox/a', { method: 'HEAD' })).status, 302);
  assert.equal((await app.request('/inbox/a?as=', { method: 'POST' })).status, 403);
  assert.equal(await (await app.request('/inbox/a?as=Ann', { method: 'POST' })).text(), 'posted');
});

test('a login page on another site gets the full URL', async (t) => {
  const app = await testApp(new Application([['/', Inbox]], { loginUrl: 'https://login.example/in' }), { t });
  const here = encodeURIComponent('https://shop.example/?x=1');
  assert.equal(
    (await app.request('https://shop.example/?x=1')).headers.get('location'),
    `https://login.example/in?next=${here}`,
  );
});

test('a login URL with a query is unchanged, and next is before a fragment', async (t) => {
  const app = await testApp(new Application([['/', Inbox]], { loginUrl: '/login?from=inbox' }), { t });
  assert.equal((await app.request('/')).headers.get('location'), '/login?from=inbox');
  const other = await testApp(new Application([['/', Inbox]], { loginUrl: '/login#form?' }), { t });
  assert.equal((await other.request('/')).headers.get('location'), '/login?next=%2F#form?');
});

test('the log names a missing loginUrl', async (t) => {
  const app = await testApp(new Application([['/', Inbox]]), { t });
  assert.equal((await app.request('/')).status, 500);
  await app.expectLog(/authenticated needs the setting loginUrl/);
});

const json = { accept: 'application/json' };

test('clients that prefer JSON get 401 as problem+json, others the login page', async (t) => {
  const app = await testApp(new Application([['/', Inbox]], { loginUrl: '/login' }), { t });
  for (const method of ['GET', 'POST']) {
    const refused = await app.request('/', { method, headers: json });
    assert.equal(refused.status, 401, method);
    assert.equal(refused.headers.get('content-type'), 'application/problem+json');
    assert.equal(refused.headers.get('www-authenticate'), null);
    const { status, title } = (await refused.json()) as Record<string, unknown>;
    assert.deepEqual([status, title], [401, 'Unauthorized']);
    assert.match(refused.headers.get('vary') ?? '', /Accept/);
  }
  const body = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
  assert.equal((await app.request('/', body)).status, 401, 'the body is JSON');
  const page = await app.request('/', { headers: { accept: 'text/html,application/json;q=0.9' } });
  assert.equal(page.status, 302);
  assert.equal(page.headers.get('vary'), 'Accept');
  assert.equal((await app.request('/', { method: 'POST' })).status, 403);
});

test('options choose the response, and the challenge of 401', async (t) => {
  const forPrograms = authenticated({ response: 'status', challenge: 'Bearer realm="api"' });
  const forPages = authenticated({ response: 'login', challenge: 'Bearer' });
  class Api extends Visitor {
    readonly get = forPrograms(function (this: Api, { id }: { id: string }) {
      return { id, user: this.currentUser };
    });
  }
  class Page extends Visitor {
    readonly get = forPages(function (this: Page) {
      return 'page';
    });
    readonly post = authenticated({ challenge: 'Bearer' })(function (this: Page) {
      return 'posted';
    });
  }
  const routes = [
    ['/api/:id', Api],
    ['/page', Page],
  ] as const;
  const app = await testApp(new Application(routes, { loginUrl: '/login' }), { t });
  const refused = await app.request('/api/7', { headers: { accept: 'text/html' } });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get('www-authenticate'), 'Bearer realm="api"');
  assert.deepEqual(await (await app.request('/api/7?as=Ann')).json(), { id: '7', user: 'Ann' });
  assert.equal((await app.request('/page', { headers: json })).status, 302);
  const posted = await app.request('/page', { method: 'POST', headers: json });
  assert.deepEqual([posted.status, posted.headers.get('www-authenticate')], [401, 'Bearer']);
});

test('wrong options are errors', () => {
  const wrong: readonly (readonly [given: unknown, message: RegExp])[] = [
    [undefined, /^verb must be a function, or an object of options; got undefined/],
    [{ reponse: 'status' }, /^Unknown authenticated option reponse; the options are response, challenge/],
    [{ response: 'json' }, /^response must be "auto" or "login" or "status"; got "json"/],
    [{ challenge: 'Bearer\r\nX: y' }, /^challenge must be printable ASCII/],
    [{ challenge: '' }, /^challenge must be printable ASCII/],
  ];
  for (const [given, message] of wrong) assert.throws(() => authenticated(given as never), { message });
  assert.throws(() => authenticated({})(undefined as never), { message: /^verb must be a function; got undefined/ });
});
