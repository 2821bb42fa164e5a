import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { basicAuth } from './basic-auth.ts';

class Page extends RequestHandler {
  get(): void {
    this.write(`page of ${String(this.currentUser ?? 'nobody')}`);
  }
}

async function ask(
  served: Served,
  authorization: string | undefined,
  path = '/',
): Promise<[number, string | null, string]> {
  const response = await served.get(path, authorization === undefined ? {} : { headers: { authorization } });
  return [response.status, response.headers.get('www-authenticate'), await response.text()];
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const challenge = 'Basic realm="Restricted", charset="UTF-8"';

test('asks for a name and its password, also before a 404 and a 405', async (t) => {
  const served = await serve(t, [['/', Page]], {
    middleware: [basicAuth({ users: { ada: 'pass:wörd', bob: 'other' } })],
  });
  assert.deepEqual(await ask(served, basic('ada:pass:wörd')), [200, null, 'page of nobody']);
  assert.deepEqual(await ask(served, basic('bob:other').replace('Basic', 'bASIC ')), [200, null, 'page of nobody']);
  for (const wrong of [
    undefined,
    '',
    'Basic',
    'Basic !!!!',
    basic('ada:other'),
    basic('ada:'),
    basic('eve:other'),
    basic('ada'),
    basic('ada:pass:wörd\n'),
    `Basic ${Buffer.from('ada:pass:w\xf6rd', 'latin1').toString('base64')}`,
    basic('constructor:'),
    'Bearer ada',
  ]) {
    const [status, header] = await ask(served, wrong);
    assert.deepEqual([status, header], [401, challenge], String(wrong));
  }
  assert.equal((await ask(served, undefined, '/unknown'))[0], 401);
  assert.equal((await ask(served, basic('bob:other'), '/unknown'))[0], 404);
});

test('verify decides, also later, and can assign the user', async (t) => {
  const served = await serve(t, [['/', Page]], {
    middleware: [
      basicAuth({
        realm: 'Admin area',
        verify: async (name, password, handler) => {
          await nextTurn();
          handler.currentUser = name;
          return password === 'right';
        },
      }),
    ],
  });
  assert.deepEqual(await ask(served, basic('ada:right')), [200, null, 'page of ada']);
  const [status, header] = await ask(served, basic('ada:wrong'));
  assert.deepEqual([status, header], [401, 'Basic realm="Admin area", charset="UTF-8"']);
});

test('only true opens, not a value that counts as true', async (t) => {
  const served = await serve(t, [['/', Page]], {
    middleware: [basicAuth({ verify: () => 'yes' as unknown as boolean })],
  });
  assert.equal((await ask(served, basic('a:b')))[0], 401);
});

test('refuses names and passwords that clients cannot send', () => {
  assert.throws(() => basicAuth({ users: { 'a\n': 'x' } }), {
    code: 'OPTION_VALUE',
    message: /names without control characters/,
  });
  assert.throws(
    () => basicAuth({ users: { ada: 'top\tsecret' } }),
    (error: Error) => {
      assert.match(error.message, /users\.ada must be a password without control characters/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    },
  );
});
