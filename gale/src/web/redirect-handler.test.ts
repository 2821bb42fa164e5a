import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorHandler } from './error-handler.ts';
import { RedirectHandler } from './redirect-handler.ts';
import { serve } from '../../test/support/web/web-server.ts';

test('redirects a path with its query', async (t) => {
  const served = await serve(t, [
    ['/src', RedirectHandler, { init: { url: '/dst' } }],
    ['/src2', RedirectHandler, { init: { url: '/dst2?foo=bar#top', permanent: false } }],
    [/\/swap\/(.*?)\/(.*?)\/(.*)/, RedirectHandler, { init: { url: '/{1}/{0}/{2}' } }],
    ['/old/*rest', RedirectHandler, { init: { url: '/{rest}' } }],
    ['/:name', RedirectHandler, { init: { url: '/by/{name}/{other}' } }],
  ]);
  const locationOf = async (path: string): Promise<unknown> => (await served.get(path)).headers.get('location');
  assert.equal((await served.get('/src')).status, 301);
  assert.equal((await served.get('/src2')).status, 302);
  assert.equal(await locationOf('/src'), '/dst');
  assert.equal(await locationOf('/src?foo=bar'), '/dst?foo=bar');
  assert.equal(await locationOf('/src2?foo2=bar2'), '/dst2?foo=bar&foo2=bar2#top');
  assert.equal(await locationOf('/swap/a/b/c'), '/b/a/c');
  assert.equal(await locationOf('/old//evil.example'), '/evil.example');
  assert.equal(await locationOf('/old/%2F%5Cevil.example'), '/%5Cevil.example');
  assert.equal(await locationOf('/x%20y%3F'), '/by/x%20y%3F/%7Bother%7D');
});

test('ErrorHandler responds to every method with its status', async (t) => {
  const served = await serve(t, [
    ['/gone', ErrorHandler, { init: { status: 410 } }],
    ['/none', ErrorHandler],
  ]);
  for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
    assert.equal((await served.get('/gone', { method })).status, 410);
    assert.equal((await served.get('/none', { method })).status, 404);
  }
});
