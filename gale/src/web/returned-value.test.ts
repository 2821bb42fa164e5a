/** What a verb returns becomes the response; what would be lost is an error. Streams are in returned-stream.test.ts. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';
import type { HandlerClass, Route } from './route.ts';
import { serve, type Served } from '../../test/support/web/web-server.ts';
import type { TestContext } from 'node:test';

type Verb = (handler: RequestHandler) => unknown;

/** A class whose `get` and `post` return the value of a function. */
function returning(verb: Verb): HandlerClass {
  return class extends RequestHandler {
    get(): unknown {
      return verb(this);
    }
    post(): unknown {
      return verb(this);
    }
  };
}

/** Messages of the logged errors. */
function errorsOf({ lines }: Served): string[] {
  return lines.flatMap(({ fields: { err } }) => (err instanceof Error ? [err.message] : []));
}

/** Serves each function at the path of its name. */
function serveAll(t: TestContext, verbs: Readonly<Record<string, Verb>>): Promise<Served> {
  return serve(
    t,
    Object.entries(verbs).map(([name, verb]): Route => [`/${name}`, returning(verb)]),
  );
}

test('a returned string is written, and an object or an array is JSON', async (t) => {
  class Point {
    x = 1;
    toJSON(): unknown {
      return [this.x];
    }
  }
  const served = await serveAll(t, {
    text: () => '<p>é</p>',
    empty: () => '',
    object: () => ({ a: [1], b: undefined }),
    array: () => [1, 'two', null],
    point: () => new Point(),
    date: () => new Date(0),
    none: () => undefined,
  });
  const read = async (path: string): Promise<unknown[]> => {
    const response = await served.get(path);
    return [response.status, response.headers.get('content-type'), await response.text()];
  };
  const html = 'text/html; charset=UTF-8';
  const json = 'application/json; charset=UTF-8';
  assert.deepEqual(await read('/text'), [200, html, '<p>é</p>']);
  assert.deepEqual(await read('/empty'), [200, html, '']);
  assert.deepEqual(await read('/object'), [200, json, '{"a":[1]}']);
  assert.deepEqual(await read('/array'), [200, json, '[1,"two",null]']);
  assert.deepEqual(await read('/point'), [200, json, '[1]']);
  assert.deepEqual(await read('/date'), [200, json, '"1970-01-01T00:00:00.000Z"']);
  assert.deepEqual(await read('/none'), [200, html, '']);
});

test('returned bytes of any view are sent as they are', async (t) => {
  const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
  const served = await serveAll(t, {
    buffer: () => Buffer.from(buffer, 1, 3),
    view: () => new DataView(buffer, 4, 2),
    words: () => new Uint16Array(buffer, 6, 1),
    whole: () => buffer,
    typed: (handler) => {
      handler.setHeader('Content-Type', 'image/png');
      return new Uint8Array([9]);
    },
    page: (handler) => {
      handler.setHeader('Content-Type', 'text/html; charset=UTF-8');
      return Buffer.from('<p>');
    },
  });
  const read = async (path: string): Promise<unknown[]> => {
    const response = await served.get(path);
    return [response.headers.get('content-type'), [...new Uint8Array(await response.arrayBuffer())]];
  };
  const octets = 'application/octet-stream';
  assert.deepEqual(await read('/buffer'), [octets, [2, 3, 4]]);
  assert.deepEqual(await read('/view'), [octets, [5, 6]]);
  assert.deepEqual(await read('/words'), [octets, [7, 8]]);
  assert.deepEqual(await read('/whole'), [octets, [1, 2, 3, 4, 5, 6, 7, 8]]);
  assert.deepEqual(await read('/typed'), ['image/png', [9]]);
  assert.deepEqual(await read('/page'), ['text/html; charset=UTF-8', [60, 112, 62]]);
});

test('the value of a promise is the response, also after async steps', async (t) => {
  class Prepared extends RequestHandler {
    override async prepare(): Promise<void> {
      await Promise.resolve();
      this.setStatus(201);
    }
    async post({ id }: { id: string }): Promise<object> {
      await Promise.resolve();
      return { id, body: (await this.readBytes()).toString() };
    }
  }
  const served = await serve(t, [
    ['/prepared/:id', Prepared],
    ['/later', returning(() => Promise.resolve('later'))],
  ]);
  const response = await served.get('/prepared/7', { method: 'POST', body: 'x' });
  assert.equal(response.status, 201);
  assert.deepEqual(await response.json(), { id: '7', body: 'x' });
  assert.equal(await (await served.get('/later')).text(), 'later');
});

test('a returned value keeps the rules of ETag, 304 and HEAD', async (t) => {
  const served = await serveAll(t, { text: () => 'text', list: () => [1] });
  const first = await served.get('/list');
  const tag = first.headers.get('etag') ?? '';
  assert.match(tag, /^"[^"]+"$/);
  assert.equal((await served.get('/list', { headers: { 'If-None-Match': tag } })).status, 304);
  const head = await served.get('/text', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '4', '']);
});

test('a value that cannot be sent is an error that names the verb', async (t) => {
  const values: Readonly<Record<string, unknown>> = {
    null: null,
    true: true,
    number: 7,
    bigint: 7n,
    symbol: Symbol('x'),
    function: () => 'x',
    map: new Map(),
    set: new Set([1]),
    query: new URLSearchParams('a=b'),
    error: new Error('x'),
    nested: { a: { b: new Map() } },
    blob: new Blob(['x']),
  };
  const wanted = 'must return a string, an object, an array, bytes, a Response, a stream or an iterable; got';
  const messages: Readonly<Record<string, string>> = {
    null: 'null.',
    true: 'a boolean; use String(value).',
    number: 'a number; use String(value).',
    bigint: 'a bigint; use String(value).',
    symbol: 'a symbol.',
    function: 'a function.',
    map: 'a Map; use Object.fromEntries(map).',
    set: 'a Set; use Array.from(set).',
    query: 'a URLSearchParams; use its toString().',
    error: 'an error (Error); throw it, or use its message.',
    nested: 'an object with a Map at a.b; use Object.fromEntries(map).',
    blob: 'a Blob; await its text() or arrayBuffer().',
  };
  const verbs = Object.entries(values).map(([name, value]) => [name, () => value] as const);
  const served = await serveAll(t, Object.fromEntries(verbs));
  for (const [name, message] of Object.entries(messages)) {
    for (const [method, verb] of [
      ['GET', 'get'],
      ['HEAD', 'get'],
      ['POST', 'post'],
    ] as const) {
      assert.equal((await served.get(`/${name}`, { method })).status, 500, name);
      assert.equal(errorsOf(served).at(-1), `${verb}() ${wanted} ${message}`);
    }
  }
  await served.expectLine(/A handler failed \(\w+\(\) must return/);
});

test('a value returned after write, render or finish is an error', async (t) => {
  const served = await serveAll(t, {
    write: (handler) => {
      handler.write('a');
      return 'b';
    },
    bytes: (handler) => {
      handler.write(Buffer.from('a'));
      return { b: 1 };
    },
    finish: (handler) => {
      void handler.finish('a');
      return 'b';
    },
    redirect: (handler) => handler.redirect('/x').then(() => null),
    flush: async (handler) => {
      handler.write('a');
      await handler.flush();
      return ['b'];
    },
  });
  assert.equal((await served.get('/write')).status, 500);
  assert.equal((await served.get('/bytes')).status, 500);
  assert.equal(await (await served.get('/finish')).text(), 'a');
  assert.equal((await served.get('/redirect')).status, 302);
  await assert.rejects(async () => (await served.get('/flush')).text());
  const rule = /A handler failed \(get\(\) must return nothing after it wrote or finished the response; got/;
  const got = ['a string.', 'an object with b.', 'a string.', 'null.', 'an array of 1.'];
  await served.expectLine(rule);
  assert.deepEqual(
    errorsOf(served).map((message) => message.replace(/^.*got /, '')),
    got,
  );
});

test('the promises of finish, redirect and render are no returned values', async (t) => {
  const served = await serveAll(t, {
    finish: (handler) => handler.finish('done'),
    redirect: (handler) => handler.redirect('/x'),
    error: (handler) => handler.sendError(404),
  });
  assert.equal(await (await served.get('/finish')).text(), 'done');
  assert.equal((await served.get('/redirect')).status, 302);
  assert.equal((await served.get('/error')).status, 404);
});

test('a body with status 204 is an error, and status 204 without a value is not', async (t) => {
  const served = await serveAll(t, {
    none: (handler) => handler.setStatus(204),
    text: (handler) => {
      handler.setStatus(204);
      return 'text';
    },
  });
  assert.equal((await served.get('/none')).status, 204);
  assert.equal((await served.get('/text')).status, 500);
  await served.expectLine(/status 204 must have no body/);
});

test('a returned Response gives status, reason, headers, cookies and body', async (t) => {
  const served = await serveAll(t, {
    all: (handler) => {
      handler.setHeader('X-Kept', 'yes');
      handler.setCookie('first', '1');
      const headers = new Headers({ 'Content-Type': 'text/css', 'X-Mine': 'a' });
      headers.append('Set-Cookie', 'second=2');
      headers.append('Set-Cookie', 'third=3; Path=/');
      return new Response('p{}', { status: 203, statusText: 'Mine', headers });
    },
    json: () => Response.json({ a: 1 }),
    bytes: () => new Response(new Uint8Array([1])),
    none: () => new Response(null, { status: 204 }),
    redirect: () => Response.redirect('https://site.example/x', 303),
    empty: () => new Response(null),
  });
  const all = await served.get('/all');
  assert.deepEqual([all.status, all.statusText, await all.text()], [203, 'Mine', 'p{}']);
  assert.deepEqual(
    ['content-type', 'x-mine', 'x-kept'].map((name) => all.headers.get(name)),
    ['text/css', 'a', 'yes'],
  );
  assert.deepEqual(all.headers.getSetCookie().toSorted(), ['first=1; Path=/', 'second=2', 'third=3; Path=/']);
  const json = await served.get('/json');
  assert.equal(json.headers.get('content-type'), 'application/json');
  // A body that is complete at once has a length and an ETag.
  assert.deepEqual([json.headers.get('content-length'), await json.text()], ['7', '{"a":1}']);
  assert.ok(json.headers.has('etag'));
  assert.equal((await served.get('/bytes')).headers.get('content-type'), 'application/octet-stream');
  const none = await served.get('/none');
  assert.deepEqual([none.status, none.headers.get('content-type'), await none.text()], [204, null, '']);
  const redirect = await served.get('/redirect');
  assert.deepEqual([redirect.status, redirect.headers.get('location')], [303, 'https://site.example/x']);
  const empty = await served.get('/empty');
  assert.deepEqual([empty.status, empty.headers.get('content-type'), await empty.text()], [200, null, '']);
});

test('the response of a fetch can be returned, without the fields of its connection', async (t) => {
  const upstream = createServer((request, response) => {
    response.setHeader('Connection', 'close, X-Hop');
    response.setHeader('X-Hop', '1');
    response.setHeader('X-End', '2');
    if (request.url === '/gzip') response.setHeader('Content-Encoding', 'gzip');
    response.end(request.url === '/gzip' ? gzipSync('unpacked') : 'plain');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  t.after(() => upstream.close());
  const { port } = upstream.address() as AddressInfo;
  const served = await serveAll(t, {
    plain: () => fetch(`http://127.0.0.1:${port}/plain`),
    gzip: () => fetch(`http://127.0.0.1:${port}/gzip`),
  });
  const plain = await served.get('/plain');
  assert.deepEqual([plain.headers.get('x-hop'), plain.headers.get('x-end')], [null, '2']);
  assert.deepEqual([plain.headers.get('connection'), await plain.text()], [null, 'plain']);
  const gzip = await served.get('/gzip');
  assert.deepEqual([gzip.headers.get('content-encoding'), await gzip.text()], [null, 'unpacked']);
});

test('a Response that was read, or that has no valid status, is an error', async (t) => {
  const served = await serveAll(t, {
    used: async () => {
      const response = new Response('x');
      await response.text();
      return response;
    },
    error: () => Response.error(),
    locked: () => {
      const response = new Response('x');
      response.body?.getReader();
      return response;
    },
    stream: () => {
      const stream = new ReadableStream();
      stream.getReader();
      return stream;
    },
    thrown: () => {
      throw new HttpError(418);
    },
  });
  assert.equal((await served.get('/used')).status, 500);
  await served.expectLine(/get\(\) must return a Response whose body was not read yet/);
  assert.equal((await served.get('/error')).status, 500);
  await served.expectLine(/get\(\) must return a Response with a status; got Response\.error\(\)/);
  assert.equal((await served.get('/locked')).status, 500);
  await served.expectLine(/get\(\) must return a Response whose body was not read yet/);
  assert.equal((await served.get('/stream')).status, 500);
  await served.expectLine(/get\(\) must return a stream that nothing else reads; got a locked stream/);
  assert.equal((await served.get('/thrown')).status, 418);
});

test('warns that a verb which returned a value did not check the preconditions', async (t) => {
  const served = await serveAll(t, { text: () => 'changed' });
  const response = await served.get('/text', { method: 'POST', headers: { 'If-Match': '"v1"' } });
  assert.equal(await response.text(), 'changed');
  await served.expectLine(/ignores the preconditions/);
});
