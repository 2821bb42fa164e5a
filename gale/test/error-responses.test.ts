/** What a client gets for an error: JSON or HTML, and the stack in debug mode only. Frames of this file count as the application's code. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pathToFileURL } from 'node:url';
import { ProtocolError } from '../src/errors.ts';
import { RequestHandler } from '../src/web/handler.ts';
import { HttpError } from '../src/web/http-error.ts';
import type { ProblemDetails } from '../src/web/errors/problem.ts';
import { securityHeaders } from '../src/web/middleware/security-headers.ts';
import { readExcerpt } from '../src/web/errors/source-excerpt.ts';
import { describeThrown } from '../src/web/errors/thrown.ts';
import { serve } from './support/web/web-server.ts';

const json = { Accept: 'application/json' };
const html = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

class Story extends RequestHandler {
  get(): void {
    throw new HttpError(422, undefined, {
      problem: {
        title: 'Not <b>valid</b>',
        detail: 'Two values & more',
        errors: [
          { path: 'items[0].name', message: 'must not be <empty>' },
          { path: '', message: 'wrong' },
          'other',
          { path: 1 },
        ],
        limit: 3,
      },
    });
  }
  post(): void {
    throw new Error('secret inside');
  }
  put(): void {
    throw new ProtocolError('HTTP_BODY_TOO_LARGE', 'The body is too large.');
  }
}

test('a client that prefers JSON gets a problem with the members of the error', async (t) => {
  const served = await serve(t, [['/story/:id', Story]]);
  const response = await served.get('/story/7', { headers: json });
  assert.equal(response.status, 422);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(response.headers.get('vary'), 'Accept');
  const { instance, ...problem } = (await response.json()) as Record<string, unknown>;
  assert.match(String(instance), /^\/story\/7#[\w-]+$/);
  assert.deepEqual(problem, {
    type: 'about:blank',
    title: 'Not <b>valid</b>',
    status: 422,
    detail: 'Two values & more',
    errors: [
      { path: 'items[0].name', message: 'must not be <empty>' },
      { path: '', message: 'wrong' },
      'other',
      { path: 1 },
    ],
    limit: 3,
  });
});

test('the instance of a problem is the path and the id of the request in the log', async (t) => {
  const served = await serve(t, [['/:id', Story]]);
  const response = await served.get('/a%20b', { method: 'POST', headers: json });
  const { instance } = (await response.json()) as { instance: string };
  const line = await served.expectLine(/secret inside/);
  assert.equal(instance, `/a%20b#${String(line.fields['requestId'])}`);
  const text = await served.raw(
    'GET //evil.test/x HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nConnection: close\r\n\r\n',
  );
  assert.match(text, /"instance":"\/\.\/\/evil\.test\/x#/);
});

test('a browser gets the same as an escaped page', async (t) => {
  const served = await serve(t, [['/story/:id', Story]]);
  const response = await served.get('/story/7', { headers: html });
  assert.equal(response.headers.get('content-type'), 'text/html; charset=UTF-8');
  assert.equal(response.headers.get('vary'), 'Accept');
  const page = await response.text();
  assert.match(page, /<title>422: Not &lt;b&gt;valid&lt;\/b&gt;<\/title>/);
  assert.match(page, /<p>Two values &amp; more<\/p>/);
  assert.match(page, /<ul><li><code>items\[0\]\.name<\/code>: must not be &lt;empty&gt;<\/li><li>wrong<\/li><\/ul>/);
  assert.doesNotMatch(page, /limit|other/);
});

test('neither form shows the message or the stack of an error', async (t) => {
  const served = await serve(t, [['/', Story]]);
  for (const headers of [json, html]) {
    const response = await served.get('/', { method: 'POST', headers });
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /secret| at |\.ts/);
  }
  await served.expectLine(/secret inside/);
});

test('an error page of the server has the id of the request, one of the client has not', async (t) => {
  const served = await serve(t, [['/', Story]]);
  const page = await (await served.get('/', { method: 'POST', headers: html })).text();
  const line = await served.expectLine(/secret inside/);
  assert.ok(page.includes(`Request ${String(line.fields['requestId'])}`));
  assert.doesNotMatch(await (await served.get('/none', { headers: html })).text(), /Request/);
});

test('an error of the protocol says what the client did wrong, with its code', async (t) => {
  const served = await serve(t, [['/', Story]]);
  const response = await served.get('/', { method: 'PUT', headers: json });
  const { instance: _, ...problem } = (await response.json()) as Record<string, unknown>;
  assert.deepEqual(problem, {
    type: 'about:blank',
    title: response.statusText,
    status: 413,
    detail: 'The body is too large.',
    code: 'HTTP_BODY_TOO_LARGE',
  });
});

test('a body over its limit, as sent or decoded, is refused with a detail that names the limit', async (t) => {
  class Reader extends RequestHandler {
    override initialize(): void {
      this.request.body.setMaxBytes(100);
    }
    async post(): Promise<void> {
      this.write({ length: (await this.readText()).length });
    }
  }
  const served = await serve(t, [['/', Reader]]);
  const detailOf = async (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ): Promise<unknown> => {
    const response = await served.get('/', { method: 'POST', body, headers: { ...json, ...headers } });
    assert.equal(response.status, 413);
    return ((await response.json()) as Record<string, unknown>)['detail'];
  };
  const text = 'a'.repeat(101);
  const sent = await detailOf(text, {});
  assert.equal(sent, 'Body of 101 bytes or more is over the limit of 100 bytes; send less.');
  const decoded = await detailOf(new Uint8Array(gzipSync(text)), { 'Content-Encoding': 'gzip' });
  assert.equal(decoded, sent);
});

test('errors of the application itself have the same forms', async (t) => {
  class Broken extends RequestHandler {
    readonly broken: string = this.getQueryArgument('x');
    get(): void {}
  }
  class Reader extends RequestHandler {
    get(): void {
      this.write(this.getArgument('name'));
    }
  }
  const served = await serve(t, [
    ['/broken', Broken],
    ['/reader', Reader],
  ]);
  for (const [method, path, status, detail] of [
    ['GET', '/nothing', 404, undefined],
    ['GET', '/%', 400, 'A path has a % without two hex digits.'],
    ['DELETE', '/reader', 405, 'The methods of this resource are GET, HEAD.'],
    ['GET', '/reader', 400, 'The argument name is missing.'],
    ['GET', '/broken', 500, undefined],
    ['BREW', '/reader', 501, 'No handler has the method BREW; add it to supportedMethods.'],
  ] as const) {
    const response = await served.get(path, { method, headers: json });
    const problem = (await response.json()) as Record<string, unknown>;
    assert.deepEqual([response.status, problem['status'], problem['detail']], [status, status, detail], path);
    assert.equal(response.headers.get('vary'), 'Accept', path);
    const page = await served.get(path, { method, headers: html });
    assert.match(await page.text(), new RegExp(`<h1>${status}: `), path);
  }
  await served.expectLine(/A handler cannot be created/);
  await served.expectLine(/Missing argument name/);
});

test('Accept decides the form; where it does not, the type of the handler and of the request do', async (t) => {
  class Api extends RequestHandler {
    override setDefaultHeaders(): void {
      this.setHeader('Content-Type', 'application/json; charset=UTF-8');
    }
    get(): void {
      throw new HttpError(409);
    }
  }
  class Page extends RequestHandler {
    get(): void {
      throw new HttpError(409);
    }
  }
  const served = await serve(t, [
    ['/api', Api],
    ['/page', Page],
  ]);
  const body = { method: 'POST', body: '{}' };
  const typeOf = async (
    path: string,
    accept: string | undefined,
    contentType?: string,
  ): Promise<string | undefined> => {
    const headers = new Headers();
    if (accept !== undefined) headers.set('Accept', accept);
    if (contentType !== undefined) headers.set('Content-Type', contentType);
    const response = await served.get(path, contentType === undefined ? { headers } : { ...body, headers });
    await response.text();
    return /html|problem/.exec(response.headers.get('content-type') ?? '')?.[0];
  };
  for (const [path, accept, contentType, expected] of [
    ['/page', undefined, undefined, 'html'],
    ['/page', '*/*', undefined, 'html'],
    ['/page', 'image/png', undefined, 'html'],
    ['/page', 'application/json', undefined, 'problem'],
    ['/page', 'application/problem+json', undefined, 'problem'],
    ['/page', 'application/json, text/plain, */*', undefined, 'problem'],
    ['/page', 'application/vnd.api+json', undefined, 'problem'],
    ['/page', 'application/vnd.api+json;q=0.2, text/html;q=0.3', undefined, 'html'],
    ['/page', 'application/json;q=0.9, text/html', undefined, 'html'],
    ['/page', 'application/json, text/html;q=0.9', undefined, 'problem'],
    ['/page', 'application/json;q=0, */*', undefined, 'html'],
    ['/page', 'application/json, application/problem+json;q=0', undefined, 'problem'],
    ['/page', '*/*', 'application/json', 'problem'],
    ['/page', '*/*', 'application/merge-patch+json; charset=utf-8', 'problem'],
    ['/page', '*/*', 'text/plain', 'html'],
    ['/page', 'text/html', 'application/json', 'html'],
    ['/api', '*/*', undefined, 'problem'],
    ['/api', html.Accept, undefined, 'html'],
  ] as const) {
    assert.equal(await typeOf(path, accept, contentType), expected, `${path} ${accept} ${contentType}`);
  }
});

const make = (problem: object) => (): HttpError =>
  new HttpError(400, undefined, { problem: problem as ProblemDetails });

test('a problem that cannot be sent is an error where it is made', () => {
  assert.throws(make({ detail: 5 }), { code: 'OPTION_VALUE', message: 'problem.detail must be a string; got 5.' });
  assert.throws(make({ status: 400 }), { code: 'OPTION_UNKNOWN', message: /^problem\.status is set by/ });
  assert.throws(make({ instance: '/' }), { code: 'OPTION_UNKNOWN' });
  assert.throws(make({ users: new Map() }), { code: 'OPTION_VALUE', message: /^problem must be .* a Map at users/ });
  assert.throws(make([]), { code: 'OPTION_VALUE', message: 'problem must be an object; got an array of 0.' });
  const errors = [{ path: 'a', message: 'b' }];
  const error = new HttpError(400, undefined, { problem: { errors } });
  errors.length = 0;
  assert.deepEqual(error.problem, { errors: [{ path: 'a', message: 'b' }] });
});

test('in debug mode the page shows message, code, causes and stack, escaped, and no header', async (t) => {
  class Failing extends RequestHandler {
    get(): void {
      const cause = new TypeError('deeper <i>');
      throw new Error('<script>alert(1)</script>', { cause }); // the line that throws
    }
  }
  const served = await serve(t, [['/', Failing]], { debug: true });
  const secret = ['s3', 'cret'].join('');
  const headers = { ...html, Cookie: `session=${secret}`, Authorization: `Bearer ${secret}` };
  const response = await served.get('/', { headers });
  assert.equal(response.headers.get('content-type'), 'text/html; charset=UTF-8');
  const page = await response.text();
  await served.expectLine(/alert/);
  assert.match(page, /Error: &lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  assert.match(page, /<mark> *\d+ +throw new Error\(.*\/\/ the line that throws<\/mark>/);
  assert.match(page, /const cause = new TypeError/);
  assert.match(page, /<h2>Cause<\/h2><p class="message">TypeError: deeper &lt;i&gt;/);
  assert.match(page, /<li>Failing\.get \(file:.*error-responses\.test\.ts:\d+:\d+\)<\/li>/);
  assert.doesNotMatch(page, /<script|s3cret/);

  const problem = (await (await served.get('/', { headers: json })).json()) as {
    debug: { message: string; stack: string[]; source: { line: number }; causes: { message: string }[] };
  };
  assert.equal(problem.debug.message, 'Error: <script>alert(1)</script>');
  assert.match(problem.debug.stack[0] ?? '', /^Failing\.get \(file:/);
  assert.equal(problem.debug.causes[0]?.message, 'TypeError: deeper <i>');
});

test('the styles of the debug page are allowed by securityHeaders', async (t) => {
  const served = await serve(t, [['/:id', Story]], { debug: true, middleware: [securityHeaders()] });
  const response = await served.get('/1', { headers: html });
  const [, nonce = ''] = /<style nonce="([\w+/=]+)">/.exec(await response.text()) ?? [];
  assert.ok((response.headers.get('content-security-policy') ?? '').includes(`'nonce-${nonce}'`));
});

test('in debug mode any thrown value has a page', async (t) => {
  const itself = new AggregateError([new Error('part one')], 'many');
  itself.errors.push(itself);
  itself.cause = 'text';
  const thrown = [itself, 'a string', { secret: 1 }, new HttpError(404, 'why')];
  class Odd extends RequestHandler {
    get({ index }: { index: string }): void {
      throw thrown[Number(index)];
    }
  }
  const served = await serve(t, [['/:index', Odd]], { debug: true });
  const pages: string[] = [];
  for (const index of thrown.keys()) pages.push(await (await served.get(`/${index}`, { headers: html })).text());
  assert.match(pages[0] ?? '', /AggregateError: many.*Cause.*Thrown value: &quot;text&quot;.*Cause.*Error: part one/s);
  assert.match(pages[1] ?? '', /Thrown value: &quot;a string&quot;/);
  assert.match(pages[2] ?? '', /Thrown value: an object with secret/);
  assert.match(pages[3] ?? '', /<h1>404: Not Found<\/h1>.*HttpError: HTTP 404: Not Found \(why\)/s);
  await served.expectLine(/A handler failed/);
  await served.expectLine(/why/);
});

test('the number of causes and the length of a message are limited', () => {
  let error = new Error('x'.repeat(20_000));
  for (let depth = 0; depth < 100; depth++) error = new Error(`level ${depth}`, { cause: error });
  assert.equal(describeThrown(error).causes?.length, 5);
  assert.equal(describeThrown(new Error('x'.repeat(20_000))).message.length, 8_000);
});

test('frames in the message of an error are not read', () => {
  const path = new URL(import.meta.url).pathname;
  const error = new Error(`given\n    at get (${path}:1:1)`);
  const { source, stack } = describeThrown(error);
  assert.ok(source !== undefined && source.line > 1);
  assert.doesNotMatch(stack[0] ?? '', /:1:1/);
});

test('the excerpt is that of the first frame of own code that can be read', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-excerpt-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'own (1).ts');
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
  await writeFile(path, `${lines.join('\r\n')}\n`);
  await writeFile(join(folder, 'key.pem'), 'secret');
  await writeFile(join(folder, 'large.js'), 'x'.repeat(1024 * 1024 + 1));
  await writeFile(join(folder, 'wide.js'), 'x'.repeat(1000));
  await symlink('/dev/zero', join(folder, 'device.js'));
  const own = `async Story.get (${pathToFileURL(path).href}:12:5)`;
  const foreign = [
    'node:internal/process/task_queues:104:5',
    'native',
    'Module._compile (node:internal/modules/cjs/loader:1554:14)',
    `x (${folder}/node_modules/pkg/index.js:1:1)`,
    `run (${new URL('../src/web/lifecycle.ts', import.meta.url).href}:1:1)`,
    `x (${folder}/missing.ts:1:1)`,
    `x (${folder}/key.pem:1:1)`,
    `x (${folder}/large.js:1:1)`,
    `x (${folder}/device.js:1:1)`,
    `x (${folder}:1:1)`,
    `x (${path}:99:1)`,
    `x (${path}:0:1)`,
    'x (https://host.test/a.ts:1:1)',
    'x (file://host.test/a.ts:1:1)',
    'eval (eval at get (/app.ts:1:1), <anonymous>:1:1)',
  ];
  assert.equal(readExcerpt(foreign), undefined);
  const found = readExcerpt([...foreign, own]);
  assert.deepEqual(found, { file: path, line: 12, column: 5, firstLine: 7, lines: lines.slice(6, 17) });
  assert.deepEqual(readExcerpt([`${path}:1:1`])?.lines, lines.slice(0, 6));
  assert.deepEqual(readExcerpt([`f (${folder}/wide.js:1:1)`])?.lines, ['x'.repeat(200)]);
  const relative = readExcerpt([`f (${new URL(import.meta.url).pathname}:1:1)`])?.file ?? '';
  assert.ok(import.meta.url.endsWith(relative) && !relative.startsWith('/'), relative);
});
