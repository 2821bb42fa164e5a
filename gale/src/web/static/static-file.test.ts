import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { RequestHandler } from '../handler.ts';
import type { Settings } from '../settings.ts';
import type { SiblingCoding } from './precompressed.ts';
import { StaticFileHandler } from './static-file.ts';
import { FileCache } from './file-cache.ts';
import { FileVersions } from './file-versions.ts';
import { StaticFiles } from './static-url.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { RecordedLog } from '../../../test/support/recorded-log.ts';
import { serve, type Served } from '../../../test/support/web/web-server.ts';

const { write } = Socket.prototype;
const alphabet = 'abcdefghijklmnopqrstuvwxyz';
const changed = new Date('2026-01-02T03:04:05.678Z');
const second = (offset: number): string => new Date(changed.getTime() + offset * 1000).toUTCString();

async function makeFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'gale-static-'));
  const root = join(parent, 'root');
  await mkdir(join(root, 'dir'), { recursive: true });
  await mkdir(join(root, '.well-known'));
  await mkdir(join(root, '.git'));
  await writeFile(join(parent, 'secret.txt'), 'secret');
  await writeFile(join(root, 'letters.txt'), alphabet);
  await utimes(join(root, 'letters.txt'), changed, changed);
  await writeFile(join(root, 'dir', 'index.html'), '<p>index</p>');
  await writeFile(join(root, '.env'), 'secret');
  await writeFile(join(root, '.git', 'config'), 'secret');
  await writeFile(join(root, '.well-known', 'security.txt'), 'contact');
  await writeFile(join(root, '名 字.js'), 'let a;');
  await writeFile(join(root, 'data.bin.gz'), 'x');
  await writeFile(join(root, 'empty'), '');
  await writeFile(join(root, 'large.bin'), Buffer.alloc(3_000_001, alphabet));
  await writeFile(join(root, 'favicon.ico'), 'icon');
  await symlink(join(parent, 'secret.txt'), join(root, 'link.txt'));
  await symlink(parent, join(root, 'linked'));
  await symlink('letters.txt', join(root, 'inside.txt'));
  return root;
}

class Linker extends RequestHandler {
  get(): void {
    const path = this.getArgument('path');
    this.write({
      url: this.staticUrl(path),
      plain: this.staticUrl(path, { includeVersion: false }),
      whole: this.staticUrl(path, { includeHost: true, includeVersion: false }),
    });
  }
}

async function serveFolder(context: TestContext, settings: Settings = {}): Promise<Served & { readonly root: string }> {
  const root = await makeFolder();
  const routes = [
    ['/link', Linker],
    ['/indexed/*path', StaticFileHandler, { init: { root, defaultFilename: 'index.html' } }],
    [/\/[/\\](dir)/, StaticFileHandler, { init: { root, defaultFilename: 'index.html' } }],
    [/\/(.*)/, StaticFileHandler, { init: { root, defaultFilename: 'index.html' } }],
  ] as const;
  return { ...(await serve(context, routes, { staticPath: root, ...settings })), root };
}

test('serves a file with its type, tag and modification time', async (t) => {
  const served = await serveFolder(t);
  const response = await served.get('/static/letters.txt');
  assert.equal(response.status, 200);
  assert.equal(await response.text(), alphabet);
  assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(response.headers.get('content-length'), '26');
  assert.equal(response.headers.get('last-modified'), 'Fri, 02 Jan 2026 03:04:05 GMT');
  assert.equal(response.headers.get('accept-ranges'), 'bytes');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
  assert.match(response.headers.get('etag') ?? '', /^"[\w-]{22}"$/);
  const types = { 'dir/index.html': 'text/html; charset=utf-8', 'data.bin.gz': 'application/gzip' };
  const others = { empty: 'application/octet-stream', '%E5%90%8D%20%E5%AD%97.js': 'text/javascript; charset=utf-8' };
  for (const [path, type] of Object.entries({ ...types, ...others })) {
    const { headers, status } = await served.get(`/static/${path}`);
    assert.equal(status, 200, path);
    assert.equal(headers.get('content-type'), type);
  }
  assert.equal(await (await served.get('/favicon.ico')).text(), 'icon');
  assert.equal(await (await served.get('/static/inside.txt')).text(), alphabet);
  assert.equal(await (await served.get('/static/.well-known/security.txt')).text(), 'contact');
  assert.equal((await served.get('/static/letters.txt', { method: 'POST' })).status, 405);
});

test('serves no file outside of the folder and no hidden file', async (t) => {
  const served = await serveFolder(t);
  const ask = async (target: string): Promise<string> => {
    const received = await served.raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(received, /secret/, target);
    return received.slice(9, 12);
  };
  const out = ['../secret.txt', '%2e%2e/secret.txt', '..%2fsecret.txt', 'dir/../../secret.txt', '%2e%2e%2fsecret.txt'];
  for (const path of [...out, 'link.txt', 'linked/secret.txt', 'linked', 'dir/..']) {
    assert.equal(await ask(`/static/${path}`), '403', path);
  }
  const hidden = ['.env', '.git/config', '%2eenv', 'dir/%2e/index.html', 'dir//index.html', '/etc/passwd', 'a%00b'];
  const strange = [
    '..%5csecret.txt',
    'letters.txt%00.html',
    'letters.txt/x',
    'nothing',
    '.well-known/.env',
    'x'.repeat(300),
  ];
  for (const path of [...hidden, ...strange]) assert.equal(await ask(`/static/${path}`), '404', path);
  assert.equal(await ask('/static/letters.txt/'), '404');
  assert.equal(await ask('/static/%FF'), '400');
  for (const path of ['/static/', '/static/dir', '/static/dir/']) assert.equal(await ask(path), '403', path);
  await served.expectLine(/static path|link in a static folder|not UTF-8/);
});

test('many refused paths are one warning for each reason', async (t) => {
  const served = await serveFolder(t);
  for (let index = 0; index < 20; index++) {
    assert.equal((await served.get(`/static/..%2f..%2fpasswd${index}`)).status, 403);
    assert.equal((await served.get('/static/dir')).status, 403);
  }
  await served.expectLine(/Static paths are refused/);
  const warnings = served.lines.filter(({ level }) => level === 'warn');
  assert.deepEqual(
    warnings.map(({ fields: { status, reason, path, count } }) => ({ status, reason, path, count })),
    [
      { status: 403, reason: 'A static path is outside of its folder', path: '/static/..%2f..%2fpasswd0', count: 1 },
      { status: 403, reason: 'A static path is a folder', path: '/static/dir', count: 1 },
    ],
  );
});

test('serves the default file of a folder, and never redirects to another host', async (t) => {
  const served = await serveFolder(t);
  const response = await served.get('/indexed/dir');
  assert.equal(response.status, 301);
  assert.equal(response.headers.get('location'), '/indexed/dir/');
  const withQuery = await served.get('/indexed/dir?lang=de&x=%2F');
  assert.equal(withQuery.headers.get('location'), '/indexed/dir/?lang=de&x=%2F');
  assert.equal(await (await served.get('/indexed/dir/')).text(), '<p>index</p>');
  const root = served.root.slice(1);
  // The route of `//dir` finds the folder, so only the check before the redirect prevents `Location: //dir/`.
  for (const target of ['//dir', '/\\dir']) {
    const refused = await served.raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.match(refused, /^HTTP\/1\.1 403 /);
    assert.doesNotMatch(refused, /location/i);
  }
  await served.expectLine(/redirect would lead to another host/);
  for (const target of ['///dir', `//evil.example/../${root}/dir`, '//evil.example/%2e%2e/dir']) {
    const received = await served.raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.match(received, /^HTTP\/1\.1 40[34] /, target);
    assert.doesNotMatch(received, /location/i);
  }
  await served.expectLine(/static path/);
});

test('sends 304 to a client that has the file; the tag takes precedence over the time', async (t) => {
  const served = await serveFolder(t);
  const etag = (await served.get('/static/letters.txt')).headers.get('etag') ?? '';
  const statusOf = async (headers: Record<string, string>, method = 'GET'): Promise<number> => {
    const response = await served.get('/static/letters.txt', { headers, method });
    if (response.status === 304) {
      assert.equal(await response.text(), '');
      assert.equal(response.headers.get('etag'), etag);
      assert.equal(response.headers.get('content-length'), null);
    }
    return response.status;
  };
  assert.equal(await statusOf({ 'If-None-Match': etag }), 304);
  assert.equal(await statusOf({ 'If-None-Match': `W/${etag}` }, 'HEAD'), 304);
  assert.equal(await statusOf({ 'If-Modified-Since': second(0) }), 304);
  assert.equal(await statusOf({ 'If-Modified-Since': second(1) }), 304);
  assert.equal(await statusOf({ 'If-Modified-Since': second(-1) }), 200);
  assert.equal(await statusOf({ 'If-Modified-Since': 'Thu, 01 Jan 1960 00:00:00 GMT' }), 200);
  assert.equal(await statusOf({ 'If-Modified-Since': 'garbage' }), 200);
  assert.equal(await statusOf({ 'If-None-Match': '"other"', 'If-Modified-Since': second(0) }), 200);
  for (const condition of ['Friday, 02-Jan-26 03:04:05 GMT', 'Fri Jan  2 03:04:05 2026']) {
    assert.equal(await statusOf({ 'If-Modified-Since': condition }), 304, condition);
  }
});

test('ignores an If-Modified-Since that is not a date of HTTP', async (t) => {
  const served = await serveFolder(t);
  const others = [
    '9999',
    'foo 2030',
    '2030-01-01T00:00:00Z',
    'Thu, 31 Feb 2030 00:00:00 GMT',
    'Tue, 01 Jan 2030 24:00:00 GMT',
  ];
  const zoned = ['Tue, 01 Jan 2030 00:00:00 EST', 'Tue, 01 Jan 2030 00:00:00 +0000', 'Tue, 01 Jan 2030 00:00:00'];
  for (const condition of [...others, ...zoned, `${second(1)}, ${second(1)}`]) {
    const response = await served.get('/static/letters.txt', { headers: { 'If-Modified-Since': condition } });
    assert.equal(response.status, 200, condition);
    assert.equal(await response.text(), alphabet);
  }
});

test('sends 412 for another version than the client requires, before ranges and other conditions', async (t) => {
  const served = await serveFolder(t);
  const etag = (await served.get('/static/letters.txt')).headers.get('etag') ?? '';
  const statusOf = async (headers: Record<string, string>, method = 'GET'): Promise<number> => {
    const response = await served.get('/static/letters.txt', { headers, method });
    const body = await response.text();
    if (response.status === 412) {
      assert.doesNotMatch(body, /abc|xyz/);
      for (const name of ['etag', 'last-modified', 'content-range', 'accept-ranges']) {
        assert.equal(response.headers.get(name), null, name);
      }
    }
    return response.status;
  };
  for (const range of ['bytes=5-', 'bytes=99-'])
    assert.equal(await statusOf({ Range: range, 'If-Match': '"old"' }), 412);
  assert.equal(await statusOf({ Range: 'bytes=5-', 'If-Match': etag }), 206);
  assert.equal(await statusOf({ Range: 'bytes=99-', 'If-Match': etag }), 416);
  assert.equal(await statusOf({ Range: 'bytes=5-', 'If-Match': `"old", ${etag}` }), 206);
  assert.equal(await statusOf({ Range: 'bytes=5-', 'If-Match': `W/${etag}` }), 412);
  assert.equal(await statusOf({ 'If-Match': '*' }), 200);
  assert.equal(await statusOf({ 'If-Match': '"old"', 'If-None-Match': etag }), 412);
  assert.equal(await statusOf({ 'If-Match': etag, 'If-None-Match': etag }), 304);
  assert.equal(await statusOf({ 'If-Match': '"old"' }, 'HEAD'), 412);
  assert.equal(await statusOf({ Range: 'bytes=5-', 'If-Unmodified-Since': second(-1) }), 412);
  assert.equal(await statusOf({ Range: 'bytes=5-', 'If-Unmodified-Since': second(0) }), 206);
  assert.equal(await statusOf({ 'If-Unmodified-Since': second(-1), 'If-Modified-Since': second(0) }), 412);
  assert.equal(await statusOf({ 'If-Unmodified-Since': '1999' }), 200);
  assert.equal(await statusOf({ 'If-None-Match': `${etag}, x`, 'If-Modified-Since': second(0) }), 200);
  assert.equal(await statusOf({ Range: 'bytes=5-', 'If-None-Match': etag, 'If-Range': etag }), 304);
  assert.equal((await served.get('/static/nothing.txt', { headers: { 'If-Match': '"old"' } })).status, 404);
});

test('a date is no strong validator for a range of a file that changed less than a second ago', async (t) => {
  const served = await serveFolder(t, { maxStaticCacheBytes: 0 });
  const ask = async (condition: string): Promise<number> =>
    (await served.get('/static/letters.txt', { headers: { Range: 'bytes=2-4', 'If-Range': condition } })).status;
  // The time of a file from the future counts as now, so it is never a second old.
  const future = new Date(Date.now() + 86_400_000);
  await utimes(join(served.root, 'letters.txt'), future, future);
  const { headers } = await served.get('/static/letters.txt');
  assert.equal(await ask(headers.get('last-modified') ?? ''), 200);
  assert.equal(await ask(future.toUTCString()), 200);
  assert.equal(await ask(headers.get('etag') ?? ''), 206);
  const earlier = new Date(Date.now() - 60_000);
  await utimes(join(served.root, 'letters.txt'), earlier, earlier);
  assert.equal(await ask(earlier.toUTCString()), 206);
});

test('a subclass with its own tag is compared by that tag', async (t) => {
  class Weak extends StaticFileHandler {
    override setExtraHeaders(): void {
      this.setHeader('Etag', 'W/"own"');
    }
  }
  const served = await serve(t, [['/*path', Weak, { init: { root: await makeFolder() } }]]);
  const statusOf = async (headers: Record<string, string>): Promise<number> =>
    (await served.get('/letters.txt', { headers })).status;
  assert.equal(await statusOf({ 'If-None-Match': '"own"' }), 304);
  assert.equal(await statusOf({ 'If-Match': 'W/"own"' }), 412);
  assert.equal(await statusOf({ Range: 'bytes=2-4', 'If-Range': 'W/"own"' }), 200);
});

test('the time of a file from the future is sent as the current time', async (t) => {
  const served = await serveFolder(t);
  const future = new Date(Date.now() + 86_400_000);
  await utimes(join(served.root, 'letters.txt'), future, future);
  const { headers } = await served.get('/static/letters.txt');
  const modified = Date.parse(headers.get('last-modified') ?? '');
  assert.ok(modified <= Date.now() && modified > Date.now() - 60_000, headers.get('last-modified') ?? '');
});

test('the last bytes of an empty file are the whole file, and it has no first byte', async (t) => {
  const served = await serveFolder(t);
  const ask = (range: string): Promise<Response> => served.get('/static/empty', { headers: { Range: range } });
  for (const range of ['bytes=-5', 'bytes=-1']) {
    const whole = await ask(range);
    assert.equal(whole.status, 200, range);
    assert.equal(whole.headers.get('content-length'), '0');
    assert.equal(whole.headers.get('content-range'), null);
  }
  for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-0']) {
    const none = await ask(range);
    assert.equal(none.status, 416, range);
    assert.equal(none.headers.get('content-range'), 'bytes */0');
  }
});

test('sends one range with 206, an unsatisfiable one with 416, anything else with the whole file', async (t) => {
  const served = await serveFolder(t);
  const first = await served.get('/static/letters.txt');
  const etag = first.headers.get('etag') ?? '';
  const modified = first.headers.get('last-modified') ?? '';
  const ask = (headers: Record<string, string>, method = 'GET'): Promise<Response> =>
    served.get('/static/letters.txt', { headers, method });
  const part = await ask({ Range: 'bytes=2-4' });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), 'bytes 2-4/26');
  assert.equal(part.headers.get('content-length'), '3');
  assert.equal(part.headers.get('etag'), etag);
  assert.equal(await part.text(), 'cde');
  assert.equal(await (await ask({ Range: 'bytes=-3' })).text(), 'xyz');
  const none = await ask({ Range: 'bytes=26-' });
  assert.equal(none.status, 416);
  assert.equal(none.headers.get('content-range'), 'bytes */26');
  for (const range of ['bytes=0-', 'bytes=0-1,x', 'asdf']) {
    const whole = await ask({ Range: range });
    assert.equal(whole.status, 200, range);
    assert.equal(whole.headers.get('content-range'), null);
    assert.equal(await whole.text(), alphabet);
  }
  for (const condition of [etag, modified]) {
    assert.equal((await ask({ Range: 'bytes=2-4', 'If-Range': condition })).status, 206, condition);
  }
  for (const condition of ['"other"', `W/${etag}`, 'Thu, 01 Jan 1970 00:00:00 GMT', 'nonsense']) {
    assert.equal((await ask({ Range: 'bytes=2-4', 'If-Range': condition })).status, 200, condition);
  }
  const head = await ask({ Range: 'bytes=2-4' }, 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), '26');
});

/** The parts of a multipart body. */
function partsOf(type: string, body: string): { readonly head: string; readonly body: string }[] {
  const [, boundary = ''] = /^multipart\/byteranges; boundary=([\w-]+)$/.exec(type) ?? [];
  assert.notEqual(boundary, '', type);
  const [before, ...parts] = body.split(`\r\n--${boundary}`);
  assert.deepEqual([before, parts.pop()], ['', '--\r\n']);
  return parts.map((part) => {
    const [, head = '', text = ''] = /^\r\n([^]*?)\r\n\r\n([^]*)$/.exec(part) ?? [];
    return { head, body: text };
  });
}

test('sends several ranges of a small and of a large file as parts', async (t) => {
  const served = await serveFolder(t);
  const expected = Buffer.alloc(3_000_001, alphabet).toString();
  await writeFile(join(served.root, 'medium.txt'), expected.slice(0, 20_000));
  for (const [name, size, type] of [
    ['medium.txt', 20_000, 'text/plain; charset=utf-8'],
    ['large.bin', 3_000_001, 'application/octet-stream'],
  ] as const) {
    const ask = (headers: Record<string, string>): Promise<Response> => served.get(`/static/${name}`, { headers });
    const several = await ask({ Range: `bytes=100-199,0-0,${size}-,-5` });
    assert.equal(several.status, 206);
    const body = await several.text();
    assert.equal(several.headers.get('content-length'), String(body.length));
    assert.equal(several.headers.get('content-range'), null);
    assert.deepEqual(
      partsOf(several.headers.get('content-type') ?? '', body),
      [
        [100, 200],
        [0, 1],
        [size - 5, size],
      ].map(([start = 0, end = 0]) => ({
        head: `Content-Type: ${type}\r\nContent-Range: bytes ${start}-${end - 1}/${size}`,
        body: expected.slice(start, end),
      })),
    );
    // Overlapping ranges are one range, which is not sent in parts (RFC 9110 §15.3.7.2).
    const joined = await ask({ Range: 'bytes=5-9,0-6' });
    assert.equal(joined.headers.get('content-range'), `bytes 0-9/${size}`);
    assert.equal(await joined.text(), 'abcdefghij');
    assert.equal((await ask({ Range: `bytes=${size}-,${size + 5}-` })).status, 416);
    const etag = several.headers.get('etag') ?? '';
    assert.equal((await ask({ Range: 'bytes=0-1,4-5', 'If-Range': etag })).status, 206);
    assert.equal((await ask({ Range: 'bytes=0-1,4-5', 'If-Range': '"other"' })).status, 200);
    assert.equal((await ask({ Range: 'bytes=0-1,4-5', 'If-None-Match': etag })).status, 304);
  }
});

test('several ranges that are longer than the file with their heads are the whole file', async (t) => {
  const served = await serveFolder(t);
  const response = await served.get('/static/letters.txt', { headers: { Range: 'bytes=0-1,4-5' } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(await response.text(), alphabet);
});

test('a file in memory is looked up on the disk again after one second', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 });
  const served = await serveFolder(t);
  const ask = async (path = 'letters.txt'): Promise<string | number> => {
    const response = await served.get(`/static/${path}`);
    return response.ok ? response.text() : response.status;
  };
  assert.equal(await ask(), alphabet);
  await writeFile(join(served.root, 'letters.txt'), 'changed');
  t.mock.timers.tick(999);
  assert.equal(await ask(), alphabet);
  t.mock.timers.tick(1);
  assert.equal(await ask(), 'changed');
  // Same size and modification time, so only the file itself differs.
  await writeFile(join(served.root, 'other.txt'), 'CHANGED');
  const { mtime } = await stat(join(served.root, 'letters.txt'));
  await utimes(join(served.root, 'other.txt'), mtime, mtime);
  await rename(join(served.root, 'other.txt'), join(served.root, 'letters.txt'));
  t.mock.timers.tick(1_000);
  assert.equal(await ask(), 'CHANGED');
  await rm(join(served.root, 'letters.txt'));
  t.mock.timers.tick(1_000);
  assert.equal(await ask(), 404);
  await writeFile(join(served.root, 'letters.txt'), 'new');
  assert.equal(await ask(), 'new');
});

test('a path in memory that becomes a link out of the folder is refused after one second', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 });
  const served = await serveFolder(t);
  const ask = async (path: string): Promise<number> => (await served.get(`/static/${path}`)).status;
  assert.equal(await ask('letters.txt'), 200);
  assert.equal(await ask('dir/index.html'), 200);
  await rm(join(served.root, 'letters.txt'));
  await symlink('../secret.txt', join(served.root, 'letters.txt'));
  await rename(join(served.root, 'dir'), join(served.root, '..', 'moved'));
  await symlink('../moved', join(served.root, 'dir'));
  t.mock.timers.tick(1_000);
  assert.equal(await ask('letters.txt'), 403);
  assert.equal(await ask('dir/index.html'), 403);
  await served.expectLine(/leads outside/);
});

test('a file in memory is sent in one write, in the turn of its request', async (t) => {
  const served = await serveFolder(t);
  await writeFile(join(served.root, 'medium.txt'), 'x'.repeat(10_000));
  const socket = connect(served.port, '127.0.0.1');
  t.after(() => socket.destroy());
  let received = 0;
  socket.on('data', (data: Buffer) => (received += data.byteLength));
  const ask = async (bytes: number): Promise<void> => {
    socket.write('GET /static/medium.txt HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => received >= bytes);
  };
  await ask(10_000);
  const first = received;
  const writes: number[] = [];
  const { mock } = t.mock.method(Socket.prototype, 'write', function (this: Socket, ...args: unknown[]) {
    if (this.localPort === served.port) writes.push((args[0] as Uint8Array).byteLength);
    return Reflect.apply(write, this, args) as boolean;
  });
  await ask(2 * first);
  mock.restore();
  assert.deepEqual(writes, [first]);
});

test('debug looks at the disk for each request', async (t) => {
  const served = await serveFolder(t, { debug: true });
  for (const text of ['one', 'two', 'six']) {
    await writeFile(join(served.root, 'letters.txt'), text);
    assert.equal(await (await served.get('/static/letters.txt')).text(), text);
  }
});

test('the default file of a folder comes from memory too', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 });
  const served = await serveFolder(t);
  const ask = async (): Promise<string> => (await served.get('/indexed/dir/')).text();
  assert.equal(await ask(), '<p>index</p>');
  await writeFile(join(served.root, 'dir', 'index.html'), 'changed');
  assert.equal(await ask(), '<p>index</p>');
  t.mock.timers.tick(1_000);
  assert.equal(await ask(), 'changed');
});

/** Offers codings as a middleware does. */
class Compressed extends StaticFileHandler {
  override initialize(): void {
    this.precompressed = (this.request.headers.get('accept-encoding') ?? '').split(', ') as SiblingCoding[];
  }
}

test('sends the sibling of a coding that the client prefers, with its own tag', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 });
  const root = await makeFolder();
  const served = await serve(t, [['/*path', Compressed, { init: { root } }]]);
  const before = new Date(Date.now() - 200_000);
  for (const [name, text] of [
    ['app.js', 'plain'],
    ['app.js.gz', 'gzipped'],
    ['app.js.br', 'brotli'],
    ['large.bin.zst', 'z'.repeat(100_000)],
    ['large.bin.gz', 'small'],
  ] as const) {
    await writeFile(join(root, name), text);
    await utimes(join(root, name), before, before);
  }
  await utimes(join(root, 'large.bin'), before, before);
  const ask = async (path: string, codings: string, more = {}): Promise<[string | null, string, Response]> => {
    const headers = `Accept-Encoding: ${codings}\r\n${Object.entries(more)
      .map(([name, value]) => `${name}: ${String(value)}\r\n`)
      .join('')}`;
    const received = await served.raw(`GET /${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
    const [, head = '', body = ''] = /^([^]*?)\r\n\r\n([^]*)$/.exec(received) ?? [];
    const [line = '', ...fields] = head.split('\r\n');
    const pairs = fields.map((field) => /^([^:]*): (.*)$/.exec(field)?.slice(1, 3) as [string, string]);
    const status = Number(line.split(' ')[1]);
    const response = new Response(status === 304 ? null : body, { status, headers: pairs });
    return [response.headers.get('content-encoding'), body, response];
  };
  const [coding, body, response] = await ask('app.js', 'br, gzip');
  assert.deepEqual([coding, body], ['br', 'brotli']);
  assert.equal(response.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.equal(response.headers.get('vary'), 'Accept-Encoding');
  assert.deepEqual((await ask('app.js', 'zstd, gzip')).slice(0, 2), ['gzip', 'gzipped']);
  const [none, plain, whole] = await ask('app.js', 'zstd');
  assert.deepEqual([none, plain], [null, 'plain']);
  assert.equal(whole.headers.get('vary'), 'Accept-Encoding');
  assert.notEqual(whole.headers.get('etag'), response.headers.get('etag'));
  const condition = { 'If-None-Match': response.headers.get('etag') };
  assert.equal((await ask('app.js', 'br', condition))[2].status, 304);
  assert.equal((await ask('app.js', 'gzip', condition))[2].status, 200);
  assert.deepEqual((await ask('app.js', 'br', { Range: 'bytes=1-2' })).slice(0, 2), ['br', 'ro']);
  // The version in a URL is that of the file.
  const version = (whole.headers.get('etag') ?? '').slice(1, -1);
  assert.match((await ask(`app.js?v=${version}`, 'br'))[2].headers.get('cache-control') ?? '', /immutable/);

  assert.deepEqual((await ask('large.bin', 'zstd')).slice(0, 2), ['zstd', 'z'.repeat(100_000)]);
  assert.deepEqual((await ask('large.bin', 'br, gzip')).slice(0, 2), ['gzip', 'small']);
  assert.equal((await ask('large.bin', 'br'))[1].length, 3_000_001);

  // A file that was changed without its siblings.
  await writeFile(join(root, 'app.js'), 'newer');
  await utimes(join(root, 'large.bin'), new Date(), new Date());
  t.mock.timers.tick(1_000);
  assert.deepEqual((await ask('app.js', 'br')).slice(0, 2), [null, 'newer']);
  assert.equal((await ask('large.bin', 'zstd'))[0], null);
  // A sibling that leads out of the folder is as good as none.
  await rm(join(root, 'app.js.br'));
  await symlink('../secret.txt', join(root, 'app.js.br'));
  t.mock.timers.tick(1_000);
  assert.deepEqual((await ask('app.js', 'br')).slice(0, 2), [null, 'newer']);
});

test('HEAD sends the headers of GET without reading the file', async (t) => {
  const served = await serveFolder(t);
  for (const [path, length] of Object.entries({ 'letters.txt': 26, 'large.bin': 3_000_001, empty: 0 })) {
    const received = await served.raw(`HEAD /static/${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.match(received, new RegExp(`\r\nContent-Length: ${length}\r\n`, 'i'));
    assert.match(received, /^HTTP\/1\.1 200 [^]*\r\n\r\n$/);
  }
});

test('sends large files and ranges of them completely', async (t) => {
  const served = await serveFolder(t);
  const expected = Buffer.alloc(3_000_001, alphabet);
  const whole = Buffer.from(await (await served.get('/static/large.bin')).arrayBuffer());
  assert.ok(whole.equals(expected));
  const part = await served.get('/static/large.bin', { headers: { Range: 'bytes=1000000-1999999' } });
  assert.ok(Buffer.from(await part.arrayBuffer()).equals(expected.subarray(1_000_000, 2_000_000)));
});

test('a client that leaves during a large file is no error', async (t) => {
  const served = await serveFolder(t);
  const socket = connect(served.port, '127.0.0.1');
  socket.write('GET /static/large.bin HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.resetAndDestroy();
  const line = await served.expectLine(/^info: Request aborted/);
  assert.equal(line.fields['path'], '/static/large.bin');
});

test('truncates the response of a file that becomes shorter, and logs it', async (t) => {
  const served = await serveFolder(t);
  const path = join(served.root, 'shrinking.bin');
  // More than the buffers of both sockets hold.
  await writeFile(path, Buffer.alloc(32_000_000, alphabet));
  const socket = connect(served.port, '127.0.0.1');
  socket.write('GET /static/shrinking.bin HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'readable');
  await truncate(path, 100);
  let received = 0;
  socket.on('error', () => {});
  socket.on('data', (data: Buffer) => (received += data.length));
  await new Promise((resolve) => socket.once('close', resolve));
  assert.ok(received < 32_000_000, `received ${received} bytes`);
  const { fields } = await served.expectLine(/^error: /);
  assert.match(String(fields['err']), /A static file became shorter than \d+ bytes during its response/);
  assert.equal(await (await served.get('/static/letters.txt')).text(), alphabet);
});

test('refuses a Unix socket in the folder', async (t) => {
  const served = await serveFolder(t);
  const inner = createServer().listen(join(served.root, 'socket'));
  await once(inner, 'listening');
  t.after(() => inner.close());
  assert.equal((await served.get('/static/socket')).status, 403);
  await served.expectLine(/A static file cannot be read/);
});

test('a versioned URL is cached permanently and changes with the file', async (t) => {
  const served = await serveFolder(t, { maxStaticCacheBytes: 0 });
  const link = async (path: string): Promise<Record<string, string>> =>
    (await served.get(`/link?path=${encodeURIComponent(path)}`)).json() as Promise<Record<string, string>>;
  const { url = '', plain, whole } = await link('letters.txt');
  assert.match(url, /^\/static\/letters\.txt\?v=[\w-]{22}$/);
  assert.equal(plain, '/static/letters.txt');
  assert.equal(whole, `http://127.0.0.1:${served.port}/static/letters.txt`);
  const kept = await served.get(url);
  assert.equal(kept.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(kept.headers.get('etag'), `"${url.split('=')[1]}"`);
  assert.equal((await served.get('/static/letters.txt?v=old')).headers.get('cache-control'), 'no-cache');
  await writeFile(join(served.root, 'letters.txt'), 'changed');
  const after = await served.get(url);
  assert.equal(await after.text(), 'changed');
  assert.equal(after.headers.get('cache-control'), 'no-cache');
  assert.notEqual((await link('letters.txt'))['url'], url);
  assert.equal((await link('名 字.js'))['plain'], '/static/%E5%90%8D%20%E5%AD%97.js');
  assert.equal((await link('nothing.css'))['url'], '/static/nothing.css');
  await served.expectLine(/version of a static file cannot be computed/);
});

test('a prefix may have any signs, and no URL of a file leads to another host', async (t) => {
  const root = await makeFolder();
  const linkWith = async (staticUrlPrefix: string, path: string): Promise<Response> => {
    const served = await serve(t, [['/link', Linker]], { staticPath: root, staticUrlPrefix });
    const links = (await (await served.get(`/link?path=${encodeURIComponent(path)}`)).json()) as { plain: string };
    assert.equal(new URL(links.plain, 'http://site.example').host, 'site.example', links.plain);
    return served.get(links.plain);
  };
  for (const prefix of ['/a:b/', '/dateien für *(alle)/', '/100%/']) {
    assert.equal(await (await linkWith(prefix, 'letters.txt')).text(), alphabet, prefix);
  }
  const rootFiles = new StaticFiles(undefined, '/', () => new RecordedLog(), {
    versions: new FileVersions(false),
    cache: new FileCache(0, false),
  });
  assert.equal(rootFiles.url('/evil.example/x'), '/%2Fevil.example/x');
});

test('a subclass can set types and headers', async (t) => {
  class Downloads extends StaticFileHandler {
    override getContentType(path: string): string {
      return path.endsWith('.txt') ? 'text/x-own' : super.getContentType(path);
    }
    override setExtraHeaders(): void {
      this.setHeader('Content-Disposition', 'attachment');
    }
  }
  const root = await makeFolder();
  const served = await serve(t, [['/*path', Downloads, { init: { root } }]]);
  const { headers } = await served.get('/letters.txt');
  assert.equal(headers.get('content-type'), 'text/x-own');
  assert.equal(headers.get('content-disposition'), 'attachment');
});

test('sends a range of a huge file to a client that has ended its side', async (t) => {
  const served = await serveFolder(t);
  const path = join(served.root, 'huge.bin');
  await writeFile(path, alphabet);
  await truncate(path, 64 * 1024 ** 3);
  const { headers } = await served.get('/static/huge.bin', { method: 'HEAD' });
  const etag = headers.get('etag') ?? '';
  assert.match(etag, /^"[\w-]{22}"$/);
  const socket = connect(served.port, '127.0.0.1');
  socket.end(`GET /static/huge.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-9\r\nIf-Range: ${etag}\r\n\r\n`);
  let text = '';
  for await (const piece of socket) text += String(piece);
  assert.match(text, /^HTTP\/1\.1 206 /);
  assert.ok(text.endsWith('\r\n\r\nabcdefghij'), text);
});
