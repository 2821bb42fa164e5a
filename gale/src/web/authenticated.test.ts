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
