import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../../../test/support/web/web-server.ts';
import { authenticated } from '../authenticated.ts';
import { RequestHandler } from '../handler.ts';
import { group } from '../route-group.ts';
import type { Middleware } from './middleware.ts';
import { requireUser } from './require-user.ts';

interface User {
  readonly name: string;
  readonly isAdmin?: boolean;
}

const users = new Map<string | undefined, User>([
  ['a', { name: 'Ada', isAdmin: true }],
  ['b', { name: 'Bob' }],
]);
const tokenOf = ({ request }: RequestHandler): string | undefined => request.headers.get('x-token');
const as = (token: string): RequestInit => ({ headers: { 'x-token': token } });

test('functions and classes of a group receive the loaded user; others get 401 before the body is read', async (t) => {
  const signedIn = requireUser<User>({
    load: async (handler) => Promise.resolve(users.get(tokenOf(handler))),
    response: 'status',
    challenge: 'Token',
  });
  class Me extends RequestHandler<User> {
    override getCurrentUser(): never {
      throw new Error('not called, since the user is known');
    }
    readonly post = authenticated(function (this: Me) {
      return { name: this.currentUser?.name };
    });
  }
  const served = await serve(t, [
    ...group('/api', { middleware: [signedIn] }, [
      ['/me/:id', ({ id }, handler) => `${signedIn.userOf(handler).name} ${id}`],
      ['/class', Me],
    ]),
    ['/free', (_, handler) => String(handler.currentUser)],
    ['/wrong', (_, handler) => signedIn.userOf(handler).name],
  ]);
  assert.equal(await (await served.get('/api/me/7', as('b'))).text(), 'Bob 7');
  assert.deepEqual(await (await served.get('/api/class', { method: 'POST', ...as('a') })).json(), { name: 'Ada' });
  for (const path of ['/api/me/7', '/api/class']) {
    const refused = await served.get(path, as('unknown'));
    assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Token'], path);
  }
  const body = { method: 'POST', body: '{', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  assert.equal((await served.get('/api/class', body)).status, 401);
  assert.equal(await (await served.get('/free', as('a'))).text(), 'undefined');
  assert.equal((await served.get('/wrong', as('a'))).status, 500);
  await served.expectLine(/userOf\(\) needs a route whose middleware list contains this requireUser\(\)/);
});

test('an inner group can require more of the user; the same middleware runs once', async (t) => {
  let loads = 0;
  const member = requireUser<User>({
    load: (handler) => {
      loads++;
      return users.get(tokenOf(handler));
    },
    response: 'status',
  });
  const admin = requireUser<User>({
    load: (handler) => (member.userOf(handler).isAdmin === true ? member.userOf(handler) : undefined),
    response: 'status',
  });
  const served = await serve(t, [
    ...group('/site', { middleware: [member] }, [
      ['/', (_, handler) => member.userOf(handler).name, { middleware: [member] }],
      ...group('/admin', { middleware: [admin] }, [['/', (_, handler) => admin.userOf(handler).name]]),
    ]),
  ]);
  assert.equal(await (await served.get('/site', as('b'))).text(), 'Bob');
  assert.equal(loads, 1);
  assert.equal(await (await served.get('/site/admin', as('a'))).text(), 'Ada');
  assert.equal((await served.get('/site/admin', as('b'))).status, 401);
});

test('without load it is the user of the class, who is loaded once for all', async (t) => {
  let calls = 0;
  class Page extends RequestHandler<User> {
    override async getCurrentUser(): Promise<User | undefined> {
      calls++;
      return Promise.resolve(users.get(tokenOf(this)));
    }
    readonly get = authenticated(function (this: Page) {
      return `page of ${this.currentUser?.name}`;
    });
  }
  const eager: Middleware = {
    async processRequest(handler) {
      await Promise.all([handler.loadCurrentUser(), handler.loadCurrentUser()]);
      handler.addHeader('X-User', String((handler.currentUser as User | undefined)?.name));
    },
  };
  const served = await serve(
    t,
    [
      ['/', Page, { middleware: [eager, requireUser()] }],
      ['/function', () => 'never', { middleware: [requireUser()] }],
    ],
    { loginUrl: '/login' },
  );
  const page = await served.get('/', as('a'));
  assert.equal(await page.text(), 'page of Ada');
  assert.equal(page.headers.get('x-user'), 'Ada');
  assert.equal(calls, 1);
  const refused = await served.get('/?x=1');
  assert.deepEqual([refused.status, refused.headers.get('location')], [302, '/login?next=%2F%3Fx%3D1']);
  assert.equal(calls, 2);
  assert.equal((await served.get('/', { headers: { accept: 'application/json' } })).status, 401);
  assert.equal((await served.get('/function', { method: 'HEAD' })).status, 302);
});

test('a user that was assigned while another one loads stays, and a failure is 500', async (t) => {
  const loading = Promise.withResolvers<User>();
  class Page extends RequestHandler<User> {
    override getCurrentUser(): Promise<User> {
      return loading.promise;
    }
    get(): string {
      return String(this.currentUser?.name);
    }
  }
  const assigning: Middleware = {
    processRequest(handler) {
      void handler.loadCurrentUser();
      handler.currentUser = { name: 'Eve' };
      loading.resolve({ name: 'Ada' });
    },
  };
  const failing = requireUser({ load: () => Promise.reject(new Error('no database')) });
  const served = await serve(t, [
    ['/', Page, { middleware: [assigning] }],
    ['/failing', () => 'never', { middleware: [failing] }],
  ]);
  assert.equal(await (await served.get('/')).text(), 'Eve');
  assert.equal((await served.get('/failing')).status, 500);
  await served.expectLine(/no database/);
});

test('wrong options are errors', () => {
  const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
    [{ lod: 1 }, /^Unknown requireUser option lod; the options are load, response, challenge/],
    [{ load: true }, /^load must be a function; got true/],
    [{ response: 401 }, /^response must be "auto" or "login" or "status"; got 401/],
  ];
  for (const [options, message] of wrong) assert.throws(() => requireUser(options as never), { message });
});
