import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ErrorHandler } from './error-handler.ts';
import { RedirectHandler } from './redirect-handler.ts';
import type { Route } from './route.ts';
import { serve } from '../../test/support/web/web-server.ts';

test('redirects a path with its query', async (t) => {
  const served = await serve(t, [
    ['/src', RedirectHandler, { init: { url: '/dst' } }],
    ['/src2', RedirectHandler, { init: { url: '/dst2?foo=bar#top', permanent: false } }],
    [/\/swap\/(.*?)\/(.*?)\/(.*)/, RedirectHandler, { init: { url: '/{1}/{0}/{2}' } }],
    ['/old/*rest', RedirectHandler, { init: { url: '/{rest}' } }],
    ['/:name', RedirectHandler, { init: { url: '/by/{name}' } }],
  ]);
  const locationOf = async (path: string): Promise<unknown> => (await served.get(path)).headers.get('location');
  assert.equal((await served.get('/src')).status, 301);
  assert.equal((await served.get('/src2')).status, 302);
  assert.equal(await locationOf('/src'), '/dst');
  assert.equal(await locationOf('/src?foo=bar'), '/dst?foo=bar');
  assert.equal(await locationOf('/src2?foo2=bar2'), '/dst2?foo=bar&foo2=bar2#top');
  assert.equal(await locationOf('/swap/a/b/c'), '/b/a/c');
  assert.equal(await locationOf('/old//evil.example'), '/evil.example');
  assert.equal(await locationOf('/old/%2F%5Cevil.example'), '/%2F%5Cevil.example');
  assert.equal(await locationOf('/x%20y%3F'), '/by/x%20y%3F');
});

test('an encoded slash stays encoded, and an argument in a query cannot add to it', async (t) => {
  const served = await serve(t, [
    ['/one/:name', RedirectHandler, { init: { url: '/by/{name}/x?q={name}#{name}' } }],
    ['/many/*rest', RedirectHandler, { init: { url: 'https://site.example/{rest}' } }],
    [/\/group\/(.*)/, RedirectHandler, { init: { url: '/{0}?' } }],
  ]);
  const locationOf = async (path: string): Promise<string | undefined> => {
    const received = await served.raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return /\r\nLocation: (.*)\r\n/.exec(received)?.[1] ?? received.slice(9, 12);
  };
  assert.equal(await locationOf('/one/a%2Fb'), '/by/a%2Fb/x?q=a%2Fb#a%2Fb');
  assert.equal(await locationOf('/one/a%252Fb'), '/by/a%252Fb/x?q=a%252Fb#a%252Fb');
  assert.equal(await locationOf('/one/a&b=c+d'), '/by/a&b=c+d/x?q=a%26b%3Dc%2Bd#a%26b%3Dc%2Bd');
  assert.equal(
    await locationOf('/one/%0d%0aSet-Cookie:a'),
    '/by/%0D%0ASet-Cookie:a/x?q=%0D%0ASet-Cookie%3Aa#%0D%0ASet-Cookie%3Aa',
  );
  assert.equal(await locationOf('/one/%FF'), '400');
  assert.equal(await locationOf('/one/%zz'), '400');
  assert.equal(await locationOf('/many/a/b%2Fc/%e9'), 'https://site.example/a/b%2Fc/%E9');
  assert.equal(await locationOf('/many//evil.example/\\a'), 'https://site.example//evil.example/%5Ca');
  assert.equal(await locationOf('/group/\\evil.example/"<a>?x=%ff'), '/%5Cevil.example/%22%3Ca%3E?x=%ff');
  assert.equal(await locationOf('/group///evil.example'), '/evil.example?');
  await served.expectLine(/not UTF-8|two hex digits/);
});

test('a slot in a host accepts only parts of a host name', async (t) => {
  const served = await serve(t, [
    ['/sub/:name', RedirectHandler, { init: { url: 'https://{name}.site.example/{name}' } }],
    ['/bare/:name', RedirectHandler, { init: { url: '//{name}/x' } }],
    [/\/empty\/(.*)/, RedirectHandler, { init: { url: 'https://{0}/x' } }],
  ]);
  const ask = async (path: string): Promise<unknown> => {
    const received = await served.raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return /\r\nLocation: (.*)\r\n/.exec(received)?.[1] ?? received.slice(9, 12);
  };
  assert.equal(await ask('/sub/ann-1.x'), 'https://ann-1.x.site.example/ann-1.x');
  assert.equal(await ask('/sub/b%C3%BCcher'), 'https://xn--bcher-kva.site.example/b%C3%BCcher');
  const ends = ['evil.example%2F', 'evil.example%3F', 'evil.example%23', 'evil.example%5C', 'a%40evil.example'];
  const others = [
    'a@evil.example',
    'evil.example:80',
    '%252F',
    'a%20b',
    '%EF%BC%8F',
    '%5B::1%5D',
    '%0d%0a',
    'a%00',
    '%25',
  ];
  for (const name of [...ends, ...others]) {
    for (const route of ['/sub/', '/bare/', '/empty/']) assert.equal(await ask(route + name), '400', route + name);
  }
  assert.equal(await ask('/empty/'), '400');
  assert.equal(await ask('/bare/1.2.3.256'), '400');
  await served.expectLine(/not part of a host name|build no valid URL/);
});

test('no argument of a path leads to another host, and each encoded slash stays encoded', async (t) => {
  const inPath = ['/{rest}', '/x{rest}', './{rest}', 'http://site.example/{rest}', '//site.example/a/{rest}'];
  const targets = [...inPath, '?q={rest}', '/a?q={rest}#{rest}'];
  const served = await serve(
    t,
    targets.map((url, index): Route => [`/${index}/*rest`, RedirectHandler, { init: { url } }]),
  );
  const words = String.raw`/ // \ . .. : @ http: evil.example %2F %2f %5C %0d%0a %252F %40 %C3%A9 " < [ | & =`;
  const path = fc.array(fc.constantFrom(...words.split(' ')), { maxLength: 6 }).map((some) => some.join(''));
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: targets.length - 1 }), path, async (index, rest) => {
      const received = await served.raw(`GET /${index}/${rest} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      const location = /\r\nLocation: (.*)\r\n/.exec(received)?.[1] ?? assert.fail(received);
      const url = new URL(location, 'http://site.example/a/b');
      assert.equal(url.host, 'site.example', location);
      // Dot segments in the target remove others.
      if (index < inPath.length && !/(?:^|[/\\])\.\.?(?:[/\\]|$)/.test(rest)) {
        assert.equal(url.pathname.match(/%2f/gi)?.length, rest.match(/%2f/gi)?.length, location);
      }
    }),
    { numRuns: 500 },
  );
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
