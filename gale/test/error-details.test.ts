/** Errors that Gale itself responds with say in `detail` what was wrong with the request, and nothing about the application. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { basicAuth } from '../src/web/middleware/basic-auth.ts';
import { rateLimit } from '../src/web/middleware/rate-limit.ts';
import { authenticated } from '../src/web/authenticated.ts';
import { RedirectHandler } from '../src/web/redirect-handler.ts';
import { RequestHandler } from '../src/web/handler.ts';
import { WebSocketHandler } from '../src/web/websocket-handler.ts';
import { filesBelow, textOf } from './support/repository.ts';
import { serve } from './support/web/web-server.ts';

class Echo extends RequestHandler {
  get(): void {
    this.write({ a: this.getArgument('a', null) });
  }
  async post(): Promise<void> {
    this.write({ length: (await this.readBytes()).length });
  }
}

class Member extends RequestHandler {
  readonly post = authenticated(function (this: Member) {
    this.write('member');
  });
}

class Socket extends WebSocketHandler {}

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  readonly code?: string;
}

function post(body: string | Buffer, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', body: Buffer.from(body), headers };
}

test('a problem of Gale itself has a detail', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'folder'));
  await writeFile(join(folder, 'a.txt'), 'text');
  await symlink('/etc/hostname', join(folder, 'out.txt'));
  const served = await serve(
    t,
    [
      ['/echo/:id', Echo],
      ['/echo', Echo],
      ['/socket', Socket],
      ['/member', Member],
      ['/to/:host', RedirectHandler, { init: { url: 'http://{host}/' } }],
      ['/secret', () => 'secret', { middleware: [basicAuth({ users: { ada: 'long password' } })] }],
      ['/rare', () => 'rare', { middleware: [rateLimit({ limit: 1 })] }],
    ],
    { staticPath: folder, maxArguments: 10, server: { maxBodyBytes: 100, maxBodyMemoryBytes: 65_536 } },
  );
  await served.get('/rare');
  const cases: readonly (readonly [path: string, status: number, detail: RegExp, init?: RequestInit])[] = [
    ['/echo?a=%FF', 400, /^The argument "a" is not UTF-8\.$/],
    ['/echo?%FF=a', 400, /^The path, or a name in the query or the form, is not UTF-8\.$/],
    ['/echo/%FF', 400, /^The path, or a name/],
    ['/echo/%zz', 400, /^A path has a % without two hex digits\.$/],
    [`/echo?${'a&'.repeat(11)}`, 400, /^The query or the form has more than 10 arguments\.$/],
    ['/echo', 413, /^Body of 101 bytes or more is over the limit of 100 bytes; send less\.$/, post('x'.repeat(101))],
    ['/echo', 405, /^The methods of this resource are GET, HEAD, POST\.$/, { method: 'DELETE' }],
    ['/echo', 501, /^No handler has the method BREW/, { method: 'BREW' }],
    ['/echo', 412, /^A precondition of the request does not hold/, { headers: { 'If-Match': '"other"' } }],
    ['/member', 401, /^This request needs a user who is signed in\.$/, post('')],
    ['/to/a%20b', 400, /^The path has a part that is not part of a host name\.$/],
    ['/secret', 401, /^This resource needs a name and a password/],
    ['/rare', 429, /^Too many requests; send the next one in \d+ s\.$/],
    ['/static/folder', 403, /^This path is not served\.$/],
    ['/static/out.txt', 403, /^This path is not served\.$/],
    ['/static/a.txt', 412, /^A precondition/, { headers: { 'If-Match': '"other"' } }],
    ['/static/a.txt', 416, /outside of the file, which has 4 bytes/, { headers: { Range: 'bytes=9-' } }],
    ['/socket', 400, /Upgrade/],
    ['/echo', 415, /^Content-Encoding must be one of/, post('x', { 'Content-Encoding': 'deflate' })],
  ];
  for (const [path, status, detail, init = {}] of cases) {
    const response = await served.get(path, {
      ...init,
      headers: { Accept: 'application/json', ...(init.headers as Record<string, string> | undefined) },
    });
    const text = await response.text();
    assert.equal(response.status, status, `${path}: ${text}`);
    const problem = JSON.parse(text) as Problem;
    assert.match(problem.detail ?? '', detail, path);
    assert.ok(!text.includes(folder), text);
  }
  await served.expectLine(/Static paths are refused/);
});

test('XSRF refusals say what is missing or wrong', async (t) => {
  const served = await serve(t, [['/', Echo]], { xsrfCookies: true });
  const token = 'a'.repeat(32);
  for (const [headers, detail] of [
    [{}, 'The XSRF token is missing. Send it as the argument _xsrf, or in the header X-Xsrftoken.'],
    [{ 'X-Xsrftoken': '2|x' }, 'The XSRF token is malformed.'],
    [{ 'X-Xsrftoken': token }, 'The XSRF token does not belong to this browser or session. Load the page again.'],
    [
      { 'X-Xsrftoken': token, Cookie: `_xsrf=${token}`, 'Sec-Fetch-Site': 'cross-site' },
      'A page of another origin sent this request.',
    ],
  ] as const) {
    const response = await served.get('/', { method: 'POST', headers: { ...headers, Accept: 'application/json' } });
    assert.equal(response.status, 403);
    assert.equal(((await response.json()) as Problem).detail, detail);
  }
  await served.expectLine(/^warn: Requests are refused because of the page that sent them \('_xsrf' argument missing/);
  await served.expectLine(/^warn: Requests are refused because of the page that sent them \(A page of another origin/);
});

test('every error that Gale throws for a request has a detail; a 404 has none, so that it does not show why', async () => {
  const files = [...filesBelow('gale/src/web'), ...filesBelow('gale/src/rooms')].filter(
    (file) => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file),
  );
  let count = 0;
  for (const file of files) {
    const text = (await textOf(file)).replaceAll(/\/\*\*[\s\S]*?\*\//g, '');
    for (const [call] of text.matchAll(/new (?:HttpError|ClientFault)\([\s\S]*?\);?\n/g)) {
      count++;
      if (/^new HttpError\((?:404|this\.init\?\.status \?\? 404)\)/.test(call)) continue;
      assert.match(call, /problem/, `${file}: ${call}`);
    }
  }
  assert.ok(count > 30, `${count} errors`);
});
