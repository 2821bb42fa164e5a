import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHandler } from './handler.ts';
import { addslash, removeslash } from './trailing-slash.ts';
import { serve } from '../../test/support/web/web-server.ts';

const routes = [
  ['/', () => 'home'],
  ['/story/:id', { get: ({ id }: { id: string }) => `story ${id}`, post: () => 'posted' }],
  ['/folder/', () => 'folder'],
  ['/*rest/end', () => 'end'],
] as const;

test('by default a path and the path with a slash are different', async (t) => {
  const served = await serve(t, routes);
  assert.equal((await served.get('/story/7/')).status, 404);
  assert.equal((await served.get('/folder')).status, 404);
  assert.equal(await (await served.get('/folder/')).text(), 'folder');
});

test('redirects to the path of a route and keeps the query, 301 for GET and HEAD, 308 for others', async (t) => {
  const served = await serve(t, routes, { trailingSlash: 'redirect', xsrfCookies: true });
  const target = async (path: string, method = 'GET'): Promise<unknown[]> => {
    const response = await served.get(path, { method, body: method === 'POST' ? 'x' : null });
    return [response.status, response.headers.get('location')];
  };
  assert.deepEqual(await target('/story/7/?a=1&b=%20'), [301, '/story/7?a=1&b=%20']);
  assert.deepEqual(await target('/story/caf%C3%A9/', 'HEAD'), [301, '/story/caf%C3%A9']);
  assert.deepEqual(await target('/story/7/', 'POST'), [308, '/story/7']);
  assert.deepEqual(await target('/story/7/', 'OPTIONS'), [308, '/story/7']);
  assert.deepEqual(await target('/folder'), [301, '/folder/']);
  assert.deepEqual(await target('//'), [301, '/']);
  assert.deepEqual(await target('/story/7'), [200, null]);
  for (const path of ['/story/7//', '/nothing', '/nothing/']) assert.equal((await target(path))[0], 404, path);
  const unknown = await served.raw('ODD /story/7/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(unknown, /^HTTP\/1\.1 501 /);
});

test('a redirect never leads to another host', async (t) => {
  const served = await serve(t, routes, { trailingSlash: 'redirect' });
  for (const [path, safe] of [
    ['//evil.example/end/', '/.//evil.example/end'],
    ['/\\evil.example/end/', '/%5Cevil.example/end'],
    ['/x/..//evil.example/end/', '/x/..//evil.example/end'],
  ] as const) {
    const received = await served.raw(`GET ${path} HTTP/1.1\r\nHost: own.example\r\nConnection: close\r\n\r\n`);
    const location = /^location: (.*)\r$/im.exec(received)?.[1] ?? '';
    assert.equal(location, safe);
    assert.equal(new URL(location, 'http://own.example/').host, 'own.example');
  }
});

test('ignores the slash: the route handles the request', async (t) => {
  const served = await serve(t, routes, { trailingSlash: 'ignore' });
  assert.equal(await (await served.get('/story/7/')).text(), 'story 7');
  assert.equal(await (await served.get('/story/7/', { method: 'POST', body: 'x' })).text(), 'posted');
  assert.equal(await (await served.get('/folder')).text(), 'folder');
  assert.equal((await served.get('/nothing/')).status, 404);
});

test('addslash and removeslash redirect a verb, and other methods are 404', async (t) => {
  class Folder extends RequestHandler {
    readonly get = addslash(function (this: Folder, { name }: { name: string }) {
      return `folder ${name}`;
    });
    readonly post = addslash(() => 'posted');
  }
  class Story extends RequestHandler {
    readonly get = removeslash(() => 'story');
  }
  const served = await serve(t, [
    ['/folder/*name', Folder],
    [/\/story\/*/, Story],
    ['/', removeslash(() => 'home')],
    [/\/\/evil.*/, removeslash(() => 'evil')],
  ]);
  const read = async (path: string, method = 'GET'): Promise<unknown[]> => {
    const response = await served.get(path, { method });
    return [response.status, response.headers.get('location') ?? (await response.text())];
  };
  assert.deepEqual(await read('/folder/a/'), [200, 'folder a/']);
  assert.deepEqual(await read('/folder/a?b=c'), [301, '/folder/a/?b=c']);
  assert.deepEqual(await read('/folder/a/', 'POST'), [200, 'posted']);
  assert.equal((await read('/folder/a', 'POST'))[0], 404);
  assert.deepEqual(await read('/story'), [200, 'story']);
  assert.deepEqual(await read('/story///?b=c'), [301, '/story?b=c']);
  assert.deepEqual(await read('/'), [200, 'home']);
  const received = await served.raw('GET //evil.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(received, /^location: \/\.\/\/evil\.example\r$/im);
  assert.throws(() => addslash(undefined as never), /verb must be a function; got undefined/);
});
