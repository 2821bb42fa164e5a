/** Conditional requests to handlers: what they compare automatically, `checkPreconditions`, and the warning without it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../errors.ts';
import { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';
import { serve, type Served } from '../../test/support/web/web-server.ts';

const modified = new Date('2026-01-02T03:04:05.678Z');
const second = (offset: number): string => new Date(modified.getTime() + offset * 1000).toUTCString();

type Headers = Record<string, string>;

/** Status of a response, with a check of its form. */
async function statusOf(served: Served, path: string, headers: Headers, method = 'GET'): Promise<number> {
  const response = await served.get(path, { headers, method });
  const body = await response.text();
  if (method === 'HEAD' || response.status === 304) assert.equal(body, '');
  else if (response.status === 412) assert.match(body, /412.*Precondition Failed/);
  return response.status;
}

class Page extends RequestHandler {
  get(): void {
    this.setHeader('Last-Modified', modified);
    this.setCookie('a', 'b');
    this.write('page');
  }
}

test('GET and HEAD compare the computed ETag before they send anything', async (t) => {
  const served = await serve(t, [['/', Page]]);
  const etag = (await served.get('/')).headers.get('etag') ?? '';
  for (const method of ['GET', 'HEAD']) {
    const ask = (headers: Headers): Promise<number> => statusOf(served, '/', headers, method);
    for (const list of [etag, `"old", ${etag}`, '*']) assert.equal(await ask({ 'If-Match': list }), 200, list);
    for (const list of ['"old"', `W/${etag}`, 'old', `${etag} x`, '']) {
      assert.equal(await ask({ 'If-Match': list }), 412, list);
    }
    assert.equal(await ask({ 'If-Match': '"old"', 'If-None-Match': etag }), 412);
    assert.equal(await ask({ 'If-Match': etag, 'If-None-Match': etag }), 304);
    assert.equal(await ask({ 'If-None-Match': `${etag} x` }), 200);
  }
  const failed = await served.get('/', { headers: { 'If-Match': '"old"' } });
  assert.deepEqual(failed.headers.getSetCookie(), ['a=b; Path=/']);
  for (const name of ['etag', 'last-modified']) assert.equal(failed.headers.get(name), null);
});

test('GET and HEAD compare the Last-Modified of the handler', async (t) => {
  const served = await serve(t, [['/', Page]]);
  for (const method of ['GET', 'HEAD']) {
    const ask = (headers: Headers): Promise<number> => statusOf(served, '/', headers, method);
    assert.equal(await ask({ 'If-Unmodified-Since': second(-1) }), 412);
    assert.equal(await ask({ 'If-Unmodified-Since': second(0) }), 200);
    assert.equal(await ask({ 'If-Unmodified-Since': second(-1), 'If-Match': '*' }), 200);
    assert.equal(await ask({ 'If-Modified-Since': second(0) }), 304);
    assert.equal(await ask({ 'If-Modified-Since': second(-1) }), 200);
    assert.equal(await ask({ 'If-Modified-Since': second(0), 'If-None-Match': '"old"' }), 200);
    assert.equal(await ask({ 'If-Modified-Since': second(0), 'If-Unmodified-Since': second(-1) }), 412);
    for (const date of ['9999', 'foo 2030']) assert.equal(await ask({ 'If-Modified-Since': date }), 200, date);
    for (const date of ['1999', 'foo 1999']) assert.equal(await ask({ 'If-Unmodified-Since': date }), 200, date);
  }
});

test('errors and redirects take precedence over preconditions', async (t) => {
  class Other extends RequestHandler {
    get({ status }: { status: string }): void {
      if (status === '302') void this.redirect('/elsewhere');
      else if (status === '404') throw new HttpError(404);
      else this.setStatus(Number(status));
    }
  }
  const served = await serve(t, [['/:status', Other]]);
  for (const status of [302, 404, 410, 501]) {
    assert.equal(await statusOf(served, `/${status}`, { 'If-Match': '"old"', 'If-None-Match': '*' }), status);
  }
  assert.equal(await statusOf(served, '/203', { 'If-Match': '"old"' }), 412);
});

test('a `head` that does not know the tag of `get` is not compared with tags', async (t) => {
  class Short extends Page {
    head(): void {
      this.setHeader('Last-Modified', modified);
    }
  }
  const served = await serve(t, [['/', Short]]);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"old"' }, 'HEAD'), 200);
  assert.equal(await statusOf(served, '/', { 'If-None-Match': '*' }, 'HEAD'), 200);
  assert.equal(await statusOf(served, '/', { 'If-Unmodified-Since': second(-1) }, 'HEAD'), 412);
  assert.equal(await statusOf(served, '/', { 'If-Modified-Since': second(0) }, 'HEAD'), 304);
});

test('a handler without a tag matches only the asterisk', async (t) => {
  class Untagged extends RequestHandler {
    get(): void {
      this.write('x');
    }
    override computeEtag(): undefined {
      return undefined;
    }
  }
  const served = await serve(t, [['/', Untagged]]);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"a"' }), 412);
  assert.equal(await statusOf(served, '/', { 'If-Match': '*' }), 200);
  assert.equal(await statusOf(served, '/', { 'If-Unmodified-Since': second(-1) }), 200);
});

test('412 has the error page of the handler, also an async one of a verb that awaits nothing', async (t) => {
  class Paged extends Page {
    override get(): void {
      void this.finish('page');
    }
    override async writeError(status: number): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
      // A status of success does not start the comparison again.
      this.setStatus(200);
      this.setHeader('X-Status', status);
      this.write('our page');
    }
  }
  const served = await serve(t, [['/', Paged]]);
  const response = await served.get('/', { headers: { 'If-Match': '"old"' } });
  assert.equal(await response.text(), 'our page');
  assert.equal(response.headers.get('x-status'), '412');
});

test('a response that a callback finishes gets 412 too', async (t) => {
  class Late extends RequestHandler {
    async get(): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      setImmediate(() => {
        void this.finish('late');
        resolve();
      });
      await promise;
    }
  }
  const served = await serve(t, [['/', Late]]);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"old"' }), 412);
  assert.equal(await statusOf(served, '/', { 'If-None-Match': '*' }), 304);
});

test('a response in parts is compared by its own ETag or date at the first flush', async (t) => {
  let flushed = 0;
  class Parts extends RequestHandler {
    async get({ mode }: { mode: string }): Promise<void> {
      this.setHeader('ETag', '"v1"');
      this.setHeader('Last-Modified', modified);
      for (const part of ['a', 'b', 'c']) {
        this.write(part);
        if (mode === 'awaited') await this.flush();
        else void this.flush();
        flushed++;
      }
    }
  }
  const served = await serve(t, [['/:mode', Parts]]);
  for (const path of ['/awaited', '/loose']) {
    assert.equal(await (await served.get(path, { headers: { 'If-Match': '"v1"' } })).text(), 'abc');
    flushed = 0;
    assert.equal(await statusOf(served, path, { 'If-Match': '"v0"' }), 412);
    assert.equal(await statusOf(served, path, { 'If-Unmodified-Since': second(-1) }), 412);
    assert.equal(await statusOf(served, path, { 'If-None-Match': '"v1"' }), 304);
    assert.equal(await statusOf(served, path, { 'If-Modified-Since': second(0) }), 304);
    // A verb that awaits `flush` ends at once.
    assert.equal(flushed, path === '/awaited' ? 0 : 12);
    assert.equal(await (await served.get(path, { headers: { 'If-None-Match': '"v0"' } })).text(), 'abc');
    assert.equal(await statusOf(served, path, { 'If-None-Match': '"v1"' }, 'HEAD'), 304);
  }
});

/** A note with a version, or none, that changes only by `checkPreconditions`. */
class Note extends RequestHandler<unknown, { note: { version: number; changedAt: Date } | undefined }> {
  #check(): void {
    const { note } = this.init;
    this.checkPreconditions({ etag: note && `"${note.version}"`, lastModified: note?.changedAt });
  }
  put(): void {
    this.#check();
    this.init.note = { version: (this.init.note?.version ?? 0) + 1, changedAt: modified };
    this.setStatus(204);
  }
  delete(): void {
    if (this.init.note === undefined) throw new HttpError(404);
    this.#check();
    this.init.note = undefined;
    this.setStatus(204);
  }
  get(): void {
    this.#check();
    if (this.init.note === undefined) throw new HttpError(404);
    this.write(`version ${this.init.note.version}`);
  }
  options(): void {
    this.#check();
    this.setStatus(204);
  }
}

test('checkPreconditions lets a write change only the version that the client names', async (t) => {
  const init: { note: { version: number; changedAt: Date } | undefined } = { note: undefined };
  const served = await serve(t, [['/', Note, { init }]]);
  const put = (headers: Headers): Promise<number> => statusOf(served, '/', headers, 'PUT');
  for (const list of ['*', '"1"']) assert.equal(await put({ 'If-Match': list }), 412, list);
  assert.equal(await put({ 'If-None-Match': '*' }), 204);
  assert.equal(init.note?.version, 1);
  // The second creation of the same note.
  assert.equal(await put({ 'If-None-Match': '*' }), 412);
  assert.equal(await put({ 'If-None-Match': '"0"' }), 204);
  assert.equal(init.note?.version, 2);
  for (const list of ['"1"', 'W/"2"', '2', '"2" x', '']) assert.equal(await put({ 'If-Match': list }), 412, list);
  assert.equal(await put({ 'If-Match': '"1", "2"' }), 204);
  assert.equal(await put({ 'If-Match': '*' }), 204);
  assert.equal(await put({ 'If-Unmodified-Since': second(-1) }), 412);
  assert.equal(await put({ 'If-Unmodified-Since': second(0) }), 204);
  assert.equal(await put({ 'If-Modified-Since': second(0) }), 204);
  assert.equal(await put({}), 204);
  assert.equal(init.note?.version, 7);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"6"' }, 'OPTIONS'), 204);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"6"' }, 'DELETE'), 412);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"7"' }, 'DELETE'), 204);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"7"' }, 'DELETE'), 404);
});

test('checkPreconditions in GET sets the validators and sends 304 before the work', async (t) => {
  const init = { note: { version: 3, changedAt: modified } };
  const served = await serve(t, [
    ['/', Note, { init }],
    ['/missing', Note, { init: { note: undefined } }],
  ]);
  const response = await served.get('/');
  assert.equal(response.headers.get('etag'), '"3"');
  assert.equal(response.headers.get('last-modified'), second(0));
  assert.equal(await response.text(), 'version 3');
  const kept = await served.get('/', { headers: { 'If-None-Match': 'W/"3"' } });
  assert.equal(kept.status, 304);
  assert.equal(kept.headers.get('etag'), '"3"');
  assert.equal(kept.headers.get('content-type'), null);
  assert.equal(await statusOf(served, '/', { 'If-Modified-Since': second(0) }), 304);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"2"' }), 412);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"3"' }, 'HEAD'), 200);
  // The response would be 404 without the condition.
  assert.equal(await statusOf(served, '/missing', { 'If-Match': '"3"' }), 404);
  assert.equal(await statusOf(served, '/missing', { 'If-None-Match': '*' }), 404);
});

test('checkPreconditions works in prepare, and drops what was written before', async (t) => {
  class Early extends RequestHandler {
    override prepare(): void {
      this.write('draft');
      this.checkPreconditions({ etag: '"a"' });
    }
    get(): void {}
    put(): void {}
  }
  const served = await serve(t, [['/', Early]]);
  assert.equal(await statusOf(served, '/', { 'If-None-Match': '"a"' }), 304);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"b"' }), 412);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"b"' }, 'PUT'), 412);
  assert.equal(await statusOf(served, '/', { 'If-Match': '"a"' }, 'PUT'), 200);
});

test('a tag without quotes is an error in checkPreconditions and setHeader, also without a condition', async (t) => {
  class Careless extends RequestHandler {
    get(): void {
      for (const act of [
        () => this.checkPreconditions({ etag: 'v1' }),
        () => this.setHeader('ETag', 'v1'),
        () => this.addHeader('etag', 'W/v1'),
      ]) {
        assert.throws(act, (error) => error instanceof GaleError && error.code === 'WEB_HEADER');
      }
      void this.flush();
      assert.throws(() => this.checkPreconditions(), /checkPreconditions\(\) was called after/);
    }
  }
  const served = await serve(t, [['/', Careless]]);
  assert.equal(await statusOf(served, '/', {}), 200);
});

test('a write with a condition that the handler does not check logs one warning with its route', async (t) => {
  class Heedless extends RequestHandler {
    put({ id }: { id: string }): void {
      if (id === 'missing') throw new HttpError(404);
      if (id === 'moved') void this.redirect('/elsewhere');
    }
    async patch(): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
    }
    async post(): Promise<void> {
      this.write('in ');
      await this.flush();
      this.write('parts');
    }
    get(): void {}
    options(): void {}
  }
  const served = await serve(t, [
    ['/quiet/:id', Heedless],
    ['/story/:id', Heedless],
    ['/draft/:id', Heedless],
    ['/parts/:id', Heedless],
  ]);
  const ask = (method: string, path: string, headers: Headers): Promise<number> =>
    statusOf(served, path, headers, method);
  const match = { 'If-Match': '"old"' };
  assert.equal(await ask('PUT', '/quiet/missing', match), 404);
  assert.equal(await ask('PUT', '/quiet/moved', match), 302);
  assert.equal(await ask('GET', '/quiet/1', match), 412);
  assert.equal(await ask('OPTIONS', '/quiet/1', match), 200);
  assert.equal(await ask('PUT', '/quiet/1', {}), 200);
  assert.equal(await ask('PUT', '/quiet/1', { 'If-Modified-Since': second(0) }), 200);
  assert.equal(await ask('PUT', '/quiet/1', { 'If-None-Match': '"old"' }), 200);
  for (const id of ['1', '2', '3']) assert.equal(await ask('PUT', `/story/${id}`, match), 200);
  assert.equal(await ask('PATCH', '/draft/1', { 'If-Unmodified-Since': second(0) }), 200);
  assert.equal(await ask('POST', '/parts/1', match), 200);
  const ignored = /^warn: A handler ignores the preconditions of requests/;
  const story = await served.expectLine(ignored);
  assert.equal(story.fields['route'], '/story/:id');
  assert.equal(story.fields['method'], 'PUT');
  assert.equal(story.fields['path'], '/story/1');
  const warnedRoutes = (): unknown[] =>
    served.lines.filter(({ message }) => message.includes('preconditions')).map(({ fields }) => fields['route']);
  assert.deepEqual(warnedRoutes(), ['/story/:id', '/draft/:id', '/parts/:id']);
  assert.equal(await ask('PUT', '/draft/1', { 'If-None-Match': '*' }), 200);
  assert.deepEqual(warnedRoutes(), ['/story/:id', '/draft/:id', '/parts/:id']);
});
