/**
 * The works of the HTTP benchmark: the requests, the number of connections, and the expected response. The load, the floor
 * and the check before the load use them.
 */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { compressedPage } from '../servers/page.ts';
import { sessionCount, sessionIdOf } from '../servers/session-ids.ts';
import type { Work } from '../work.ts';

/** One work. */
export interface HttpWork extends Work {
  /** `keep`: keep-alive connections; `connect`: a new one per request; `idle`: one request each, then left open. */
  readonly kind: 'keep' | 'connect' | 'idle';
  /** Connections open at once. */
  readonly connections: number;
  /** Requests sent together on each connection. */
  readonly depth: number;
  /** Number of different heads, sent in turn; 1 sends the same bytes each time. */
  readonly variants: number;
  /** `Content-Type` of the response, without parameters. */
  readonly contentType: string;
  /** Expected body of the response. */
  readonly body: Buffer;
  /** Route, for servers with one program per route. */
  readonly route: 'hello' | 'session' | 'section' | 'orders' | 'rows' | 'files' | 'page';
  /** The only Content-Encoding that the client accepts, and that of the response. */
  readonly coding?: 'gzip' | 'br' | 'zstd';
}

const unit = { one: 'request', many: 'requests' };
const keep = { kind: 'keep', unit, connections: 64, depth: 1, variants: 1 } as const;
const hello = {
  ...keep,
  contentType: 'text/plain',
  body: Buffer.from('Hello, world!'),
  route: 'hello',
} as const;
const order = JSON.parse(textOf('order.json')) as { readonly lines: readonly { quantity: number; cents: number }[] };
const total = order.lines.reduce((sum, line) => sum + line.quantity * line.cents, 0);

/** All works, in the order of measurement. `validation` has contestants of its own. */
export const httpWorks: readonly HttpWork[] = [
  { ...hello, name: 'hello', title: '`Hello, world!` over 64 keep-alive connections' },
  {
    ...hello,
    name: 'hello-varied',
    title: '`Hello, world!` over 64 keep-alive connections, each head differs from the one before',
    variants: 4096,
  },
  { ...hello, name: 'hello-1000', title: '`Hello, world!` over 1,000 keep-alive connections', connections: 1000 },
  { ...hello, name: 'hello-deep', title: '`Hello, world!` over 64 connections, pipelined 16 deep', depth: 16 },
  { ...hello, name: 'connect', title: '`Hello, world!` over a new connection for each request', kind: 'connect' },
  {
    ...keep,
    name: 'json',
    title: 'a JSON body of 1 KB parsed, validated and returned',
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify({ accepted: true, total, order })),
    route: 'orders',
  },
  {
    ...keep,
    name: 'validation',
    title: 'a JSON body of 1 KB parsed, checked by a schema and returned',
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify({ accepted: true, total, order })),
    route: 'orders',
  },
  {
    ...keep,
    name: 'template',
    title: 'a page of 50 rows, escaped',
    contentType: 'text/html',
    body: Buffer.from(textOf('rows-page.html')),
    route: 'rows',
  },
  {
    ...keep,
    name: 'static',
    title: 'a file of 10 KB',
    contentType: 'text/plain',
    body: Buffer.from(textOf('ten-kilobytes.txt')),
    route: 'files',
  },
  { ...hello, name: 'idle', title: '1,000 idle keep-alive connections', kind: 'idle', connections: 1000 },
];

/** The works of `npm run bench -- routes`. */
export const routesWorks: readonly HttpWork[] = [
  { ...hello, name: 'routes-text', title: '`Hello, world!` at `/`, among 10 and 1,000 routes' },
  { ...hello, name: 'routes-parameter', title: '`Hello, world!` at a path with a parameter', route: 'section' },
];

/** The works of `npm run bench -- sessions`. */
export const sessionsWorks: readonly HttpWork[] = [
  { ...hello, name: 'session', title: 'a greeting by a value of the session, always the same', route: 'session' },
  {
    ...hello,
    name: 'session-varied',
    title: 'a greeting by a value of the session, of 4,096 sessions in turn',
    route: 'session',
    variants: sessionCount,
  },
];

/** The works of `npm run bench -- compress`. */
export const compressWorks: readonly HttpWork[] = (
  [
    ['gzip', 'gzip, level 6'],
    ['br', 'Brotli, quality 4'],
    ['zstd', 'zstd, level 3'],
  ] as const
).map(([coding, level]) => ({
  ...keep,
  name: `compress-${coding}`,
  title: `a page of 30 KB, compressed for each request with ${level}`,
  contentType: 'text/html',
  body: Buffer.from(compressedPage()),
  route: 'page',
  coding,
}));

/** @throws Error if no work has this name. */
export function findHttpWork(name: string | undefined): HttpWork {
  const work = [...httpWorks, ...routesWorks, ...sessionsWorks, ...compressWorks].find((known) => known.name === name);
  if (work === undefined) throw new Error(`Unknown work ${name}.`);
  return work;
}

/** The requests of a work for a server on `port`, all of the same length. */
export function requestsOf(work: HttpWork, port: number): Buffer[] {
  const [method, path, body] = {
    hello: ['GET', '/', ''],
    session: ['GET', '/', ''],
    section: ['GET', '/section-1/items/42', ''],
    orders: ['POST', '/orders', JSON.stringify(order)],
    rows: ['GET', '/rows', ''],
    files: ['GET', '/files/ten-kilobytes.txt', ''],
    page: ['GET', '/page', ''],
  }[work.route] as [string, string, string];
  return Array.from({ length: work.variants }, (_, index) => {
    const fields = [`Host: 127.0.0.1:${port}`, 'User-Agent: load', 'Accept: */*'];
    if (work.coding !== undefined) fields.push(`Accept-Encoding: ${work.coding}`);
    if (work.route === 'session') fields.push(`Cookie: session=${sessionIdOf(index)}`);
    if (work.kind === 'connect') fields.push('Connection: close');
    if (work.variants > 1) fields.push(`X-Request-Id: ${String(index).padStart(8, '0')}`);
    if (body !== '') fields.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
    return Buffer.from(`${method} ${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${body}`);
  });
}

/** Whether a body equals the work's body. JSON may have spaces, and an apostrophe has two forms. */
export function isSameBody(work: HttpWork, body: Buffer): boolean {
  if (work.contentType === 'application/json') {
    return isDeepStrictEqual(JSON.parse(body.toString()), JSON.parse(work.body.toString()));
  }
  return body.toString().replaceAll('&#39;', '&#x27;') === work.body.toString();
}

function textOf(name: string): string {
  return readFileSync(new URL(`../content/${name}`, import.meta.url), 'utf8');
}
