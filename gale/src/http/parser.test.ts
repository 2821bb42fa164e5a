import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ProtocolError } from '../errors.ts';
import { RecentHeads } from './head.ts';
import type { RequestHead } from './head.ts';
import { RequestParser } from './parser.ts';

const limits = { maxRequestLineBytes: 256, maxHeadBytes: 1024, maxHeaderCount: 10 };

interface Read {
  /** `METHOD target version declared flags`. */
  readonly line: string;
  readonly headers: readonly (readonly [string, string])[];
  body: string;
  ended: boolean;
}

/** What a parser tells about bytes that come in the given parts: requests, then the code of the error if there is one. */
function read(parts: readonly Buffer[], recent?: RecentHeads): { requests: Read[]; error: string | undefined } {
  const requests: Read[] = [];
  const parser = new RequestParser(
    {
      onHead(head) {
        requests.push({
          line: describe(head),
          headers: [...head.fields.headers],
          body: '',
          ended: false,
        });
      },
      onBody(bytes) {
        assert.ok(bytes.length > 0);
        (requests.at(-1) as Read).body += bytes.toString('latin1');
      },
      onEnd() {
        (requests.at(-1) as Read).ended = true;
      },
    },
    limits,
    recent,
  );
  let error: string | undefined;
  for (const part of parts) {
    try {
      parser.feed(part);
    } catch (thrown) {
      assert.ok(thrown instanceof ProtocolError, String(thrown));
      assert.equal(error, undefined, 'nothing is read behind an error');
      error = thrown.code;
    }
  }
  return { requests, error };
}

function describe(head: RequestHead): string {
  const flags = `${head.keepAlive ? ' keep-alive' : ' close'}${head.expectsContinue ? ' continue' : ''}`;
  return `${head.method} ${head.target} ${head.version} ${head.declaredBytes ?? 'chunked'}${flags}`;
}

/** Reads whole, cut in two at every byte, and byte by byte; all must tell the same. */
function readEveryWay(text: string): ReturnType<typeof read> {
  const bytes = Buffer.from(text, 'latin1');
  const whole = read([bytes]);
  for (let cut = 1; cut < bytes.length; cut++) {
    assert.deepEqual(read([bytes.subarray(0, cut), bytes.subarray(cut)]), whole, `cut at byte ${cut}`);
  }
  assert.deepEqual(read(Array.from(bytes, (byte) => Buffer.of(byte))), whole, 'byte by byte');
  return whole;
}

/** Head of a request with `Host: a` and these further lines. */
function get(...lines: string[]): string {
  return `${['GET / HTTP/1.1', 'Host: a', ...lines].join('\r\n')}\r\n\r\n`;
}

/** A chunked request with this body. */
function chunked(body: string): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
}

function accepts(name: string, text: string, expected: readonly Partial<Read>[]): void {
  test(`accepted: ${name}`, () => {
    const { requests, error } = readEveryWay(text);
    assert.equal(error, undefined);
    assert.equal(requests.length, expected.length);
    for (const [index, request] of requests.entries()) {
      assert.ok(request.ended, 'the request is complete');
      for (const [key, value] of Object.entries(expected[index] as object)) {
        assert.deepEqual(request[key as keyof Read], value);
      }
    }
  });
}

/** The request is refused with `code`, and the good one behind it is never read. */
function refuses(name: string, text: string, code: string): void {
  test(`refused: ${name}`, () => {
    const { requests, error } = readEveryWay(`${text}GET /behind HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.equal(error, code);
    assert.ok(
      requests.every((request) => !request.line.includes('/behind')),
      'nothing is read behind the error',
    );
    assert.ok(
      requests.every((request) => !request.ended),
      'the malformed request never ends',
    );
  });
}

accepts('the smallest request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', [
  { line: 'GET / 1.1 0 keep-alive', headers: [['host', 'a']], body: '' },
]);
accepts('HTTP/1.0 without any header', 'GET / HTTP/1.0\r\n\r\n', [{ line: 'GET / 1.0 0 close', headers: [] }]);
accepts('HTTP/1.0 with keep-alive', 'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n', [
  { line: 'GET / 1.0 0 keep-alive' },
]);
accepts('HTTP/1.0 with keep-alive and close', 'GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n', [
  { line: 'GET / 1.0 0 close' },
]);
accepts('Connection as a list with close in it', get('Connection: x-other , CLOSE'), [{ line: 'GET / 1.1 0 close' }]);
accepts('Connection in two fields', get('Connection: keep-alive', 'Connection: close'), [
  { line: 'GET / 1.1 0 close' },
]);
accepts('a Connection option that only contains close', get('Connection: closed, enclose'), [
  { line: 'GET / 1.1 0 keep-alive' },
]);
accepts('one empty line in front', `\r\n${get()}`, [{ line: 'GET / 1.1 0 keep-alive' }]);
accepts('an empty line between requests', `${get()}\r\n${get()}`, [{}, {}]);
accepts('any token as method', 'M-SEARCH! * HTTP/1.1\r\nHost: a\r\n\r\n'.replace(' * ', ' /x '), [
  { line: 'M-SEARCH! /x 1.1 0 keep-alive' },
]);
accepts('a query with a second question mark', 'GET /a?b?c=%20 HTTP/1.1\r\nHost: a\r\n\r\n', [
  { line: 'GET /a?b?c=%20 1.1 0 keep-alive' },
]);
accepts('white space around values, none in them lost', get('A: \t x\t y \t', 'B:', 'C:z'), [
  {
    headers: [
      ['host', 'a'],
      ['a', 'x\t y'],
      ['b', ''],
      ['c', 'z'],
    ],
  },
]);
accepts('bytes above 0x7F in values', get('A: caf\xe9\xff'), [
  {
    headers: [
      ['host', 'a'],
      ['a', 'caf\xe9\xff'],
    ],
  },
]);
accepts('every token character in a name', get("!#$%&'*+-.^_`|~09azAZ: x"), [
  {
    headers: [
      ['host', 'a'],
      ["!#$%&'*+-.^_`|~09azaz", 'x'],
    ],
  },
]);
accepts('a body of Content-Length bytes', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe\r\nl', [
  { line: 'PUT / 1.1 5 keep-alive', body: 'he\r\nl' },
]);
accepts('Content-Length twice with one value', `${get('Content-Length: 3', 'content-length: 3')}abc`, [
  { body: 'abc' },
]);
accepts('Content-Length 0', get('Content-Length: 0'), [{ line: 'GET / 1.1 0 keep-alive', body: '' }]);
accepts('a body in a GET', `${get('Content-Length: 2')}ab${get()}`, [{ body: 'ab' }, { body: '' }]);
accepts(
  'pipelined requests with and without bodies',
  `${get()}${get('Content-Length: 3')}abc${chunked('1\r\nx\r\n0\r\n\r\n')}${get()}`,
  [{ body: '' }, { body: 'abc' }, { body: 'x' }, { body: '' }],
);
accepts('chunks', chunked('5\r\nhello\r\n00A\r\n, world!\r\n\r\n0\r\n\r\n'), [
  { line: 'POST / 1.1 chunked keep-alive', body: 'hello, world!\r\n' },
]);
accepts('Chunked in any case', get('Transfer-Encoding: ChunKed').replace('\r\n\r\n', '\r\n\r\n0\r\n\r\n'), [
  { body: '' },
]);
accepts('chunk extensions', chunked('1;a;b=c;d="e\\" ;\t\xff"\r\nx\r\n0;z\r\n\r\n'), [{ body: 'x' }]);
accepts('trailers, which are dropped', chunked('1\r\nx\r\n0\r\nA: b\r\nC:\r\n\r\n'), [
  {
    body: 'x',
    headers: [
      ['host', 'a'],
      ['transfer-encoding', 'chunked'],
    ],
  },
]);
accepts('Expect: 100-continue with a body', `${get('Expect: 100-Continue', 'Content-Length: 1')}x`, [
  { line: 'GET / 1.1 1 keep-alive continue', body: 'x' },
]);
accepts('Expect: 100-continue without a body', get('Expect: 100-continue'), [{ line: 'GET / 1.1 0 keep-alive' }]);
accepts('any Expect in HTTP/1.0', 'GET / HTTP/1.0\r\nExpect: x\r\n\r\n', [{ line: 'GET / 1.0 0 close' }]);
accepts('absolute form', 'GET http://Example.com:80/a?b HTTP/1.1\r\nHost: other\r\n\r\n', [
  { line: 'GET http://Example.com:80/a?b 1.1 0 keep-alive' },
]);
accepts('asterisk form', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', [{ line: 'OPTIONS * 1.1 0 keep-alive' }]);
accepts('authority form', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n', [
  { line: 'CONNECT a.example:443 1.1 0 keep-alive' },
]);
for (const host of [
  '',
  'a.example',
  'a.example:8080',
  'a:',
  '127.0.0.1:65535',
  '[::1]',
  '[2001:db8::1]:80',
  'a_b',
  'a%41',
]) {
  accepts(`Host: ${host}`, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, [{ headers: [['host', host]] }]);
}

refuses('two empty lines in front', '\r\n\r\n', 'HTTP_REQUEST_LINE');
for (const line of [
  'GET / HTTP/1.1\n',
  'GET / HTTP/1.1\r\r\n',
  'GET  / HTTP/1.1\r\n',
  'GET /  HTTP/1.1\r\n',
  'GET / HTTP/1.1 \r\n',
  ' GET / HTTP/1.1\r\n',
  'GET\t/ HTTP/1.1\r\n',
  'GET /\r\n',
  'GET HTTP/1.1\r\n',
  'GET / http/1.1\r\n',
  'GET / HTTP/1.10\r\n',
  'GET / HTTP/1\r\n',
  'GET / HTTP/1,1\r\n',
  'GET / HTTQ/1.1\r\n',
  'GET / HTTP 1.1\r\n',
  'G@T / HTTP/1.1\r\n',
  'G\xc9T / HTTP/1.1\r\n',
  'GET /a b HTTP/1.1\r\n',
  'GET /a\tb HTTP/1.1\r\n',
  'GET /a\x00b HTTP/1.1\r\n',
  'GET /a\x7fb HTTP/1.1\r\n',
  'GET /\xe4 HTTP/1.1\r\n',
  'GET /a#b HTTP/1.1\r\n',
  '\nGET / HTTP/1.1\r\n',
  '\rGET / HTTP/1.1\r\n',
]) {
  refuses(`the line ${JSON.stringify(line)}`, `${line}Host: a\r\n\r\n`, 'HTTP_REQUEST_LINE');
}
for (const line of [
  'GET a HTTP/1.1\r\n',
  'GET * HTTP/1.1\r\n',
  'GET ftp://a/ HTTP/1.1\r\n',
  'GET http:///a HTTP/1.1\r\n',
  'GET http://u:p@a/ HTTP/1.1\r\n',
  'GET http://a:b/ HTTP/1.1\r\n',
  'GET http://a:65536/ HTTP/1.1\r\n',
  'GET ?a HTTP/1.1\r\n',
  'CONNECT a HTTP/1.1\r\n',
  'CONNECT /a HTTP/1.1\r\n',
  'CONNECT http://a/ HTTP/1.1\r\n',
  'OPTIONS ** HTTP/1.1\r\n',
]) {
  refuses(`the target in ${JSON.stringify(line)}`, `${line}Host: a\r\n\r\n`, 'HTTP_REQUEST_LINE');
}
for (const version of ['0.9', '1.2', '1.9', '2.0', '3.1']) {
  refuses(`HTTP/${version}`, `GET / HTTP/${version}\r\nHost: a\r\n\r\n`, 'HTTP_VERSION');
}
refuses('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTP_VERSION');

for (const line of [
  'A : b',
  'A\t: b',
  ' A: b',
  '\tA: b',
  'A: b\r\n c',
  'A: b\r\n\tc',
  ': b',
  'A',
  'A b: c',
  'A(: b',
  '\xc4: b',
  'A\x00: b',
  'A: b\x00',
  'A: b\x01',
  'A: b\x7f',
  'A: b\nC: d',
  'A: b\rC: d',
  'A: b\r\r\nC: d',
]) {
  refuses(`the header ${JSON.stringify(line)}`, get(line), 'HTTP_HEADER');
}
refuses('a bare LF as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\n', 'HTTP_HEADER');
refuses('a fold behind the request line', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', 'HTTP_HEADER');

refuses('HTTP/1.1 without Host', 'GET / HTTP/1.1\r\n\r\n', 'HTTP_HOST');
refuses('HTTP/1.1 in absolute form without Host', 'GET http://a/ HTTP/1.1\r\n\r\n', 'HTTP_HOST');
refuses('Host twice', get('Host: a'), 'HTTP_HOST');
refuses('Host twice in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n', 'HTTP_HOST');
for (const host of [
  'a,b',
  'a b',
  'a/b',
  'u@a',
  'a:b',
  'a:1:2',
  'a:65536',
  ':80',
  '[::1',
  '[::1]a',
  '::1',
  '[x]',
  '[:::1]',
  'a?b',
  '"a"',
  'a%4',
  'a\\b',
  '\xe4',
]) {
  refuses(`Host: ${host}`, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'HTTP_HOST');
}

for (const value of ['', '-1', '+1', '0x1', '1_0', '1,1', '1, 1', '1.0', '1e1', 'a', '1 1', '\xb2']) {
  refuses(`Content-Length: ${JSON.stringify(value)}`, get(`Content-Length: ${value}`), 'HTTP_FRAMING');
}
refuses('Content-Length twice, unequal', get('Content-Length: 1', 'Content-Length: 2'), 'HTTP_FRAMING');
refuses('Content-Length that no number holds', get('Content-Length: 9007199254740993'), 'HTTP_BODY_TOO_LARGE');
refuses('both framings', get('Content-Length: 0', 'Transfer-Encoding: chunked'), 'HTTP_FRAMING');
refuses('both framings, the other way round', get('Transfer-Encoding: chunked', 'Content-Length: 0'), 'HTTP_FRAMING');
refuses('chunked in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'HTTP_FRAMING');
for (const value of ['', 'chunked, chunked', 'chunked,', ', chunked', '"chunked"', 'chunked chunked']) {
  refuses(`Transfer-Encoding: ${JSON.stringify(value)}`, get(`Transfer-Encoding: ${value}`), 'HTTP_FRAMING');
}
for (const value of ['gzip', 'chunked;', 'gzip, chunked', 'chunked, gzip', 'identity', 'xchunked', 'chunked;q=1']) {
  refuses(`Transfer-Encoding: ${value}`, get(`Transfer-Encoding: ${value}`), 'HTTP_TRANSFER_CODING');
}
refuses('chunked in two fields', get('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), 'HTTP_FRAMING');
refuses(
  'gzip and chunked in two fields',
  get('Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'),
  'HTTP_TRANSFER_CODING',
);
for (const value of ['x', '100-continue, x', '100-continue, 100-continue', '']) {
  refuses(`Expect: ${value}`, get(`Expect: ${value}`), 'HTTP_EXPECTATION');
}

for (const body of [
  '\r\n',
  'g\r\n',
  '-1\r\n',
  '+1\r\nx\r\n0\r\n\r\n',
  ' 1\r\nx\r\n0\r\n\r\n',
  '1 \r\nx\r\n0\r\n\r\n',
  '0x1\r\nx\r\n0\r\n\r\n',
  '1_0\r\n',
  '1\nx\r\n0\r\n\r\n',
  '1\rx\r\n0\r\n\r\n',
  '1\r\nx\n0\r\n\r\n',
  '1\r\nxy\r\n0\r\n\r\n',
  '1\r\nxy\n0\r\n\r\n',
  '1\r\nx\rz',
  '1\r\nx0\r\n\r\n',
  '20000000000000\r\n',
  'ffffffffffffffff\r\n',
  '00000000000000001\r\nx\r\n',
  '1;\r\nx\r\n',
  '1;;a\r\nx\r\n',
  '1; a\r\nx\r\n',
  '1 ;a\r\nx\r\n',
  '1;a =b\r\nx\r\n',
  '1;a=\r\nx\r\n',
  '1;a=b c\r\nx\r\n',
  '1;a="b\r\nx\r\n',
  '1;a="b"c\r\nx\r\n',
  '1;a=b=c\r\nx\r\n',
  '1;a="\\\r\n"\r\nx\r\n',
  '1;a\nx\r\n',
]) {
  refuses(`the chunked body ${JSON.stringify(body)}`, chunked(body), 'HTTP_CHUNK');
}
for (const trailer of [
  'A : b',
  ' A: b',
  ': b',
  'A',
  'A: \x00',
  'A: b\nC: d',
  'A: b\rC',
  'Content-Length: 1',
  'TRANSFER-encoding: x',
  'Host: a',
]) {
  refuses(`the trailer ${JSON.stringify(trailer)}`, chunked(`0\r\n${trailer}\r\n\r\n`), 'HTTP_HEADER');
}
refuses('a bare LF behind the last chunk', chunked('0\r\n\n'), 'HTTP_HEADER');

/** A request whose line has this many bytes. */
function withLine(bytes: number): string {
  return `GET /${'a'.repeat(bytes - 14)} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

/** A request whose head has this many bytes. */
function withHead(bytes: number): string {
  return get(`A: ${'a'.repeat(bytes - get('A: ').length)}`);
}

/** This many lines `Ax: b`. */
function fields(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `A${index}: b`);
}

test('limits are exact: one byte or field more is refused', () => {
  assert.equal(readEveryWay(withLine(256)).error, undefined);
  assert.equal(readEveryWay(withLine(257)).error, 'HTTP_REQUEST_LINE_TOO_LONG');
  assert.equal(withHead(1024).length, 1024);
  assert.equal(readEveryWay(withHead(1024)).error, undefined);
  assert.equal(readEveryWay(withHead(1025)).error, 'HTTP_HEAD_TOO_LARGE');
  assert.equal(readEveryWay(get(...fields(9))).error, undefined);
  assert.equal(readEveryWay(get(...fields(10))).error, 'HTTP_HEAD_TOO_LARGE');
  assert.equal(readEveryWay(chunked(`0\r\n${fields(10).join('\r\n')}\r\n\r\n`)).error, undefined);
  assert.equal(readEveryWay(chunked(`0\r\n${fields(11).join('\r\n')}\r\n\r\n`)).error, 'HTTP_HEAD_TOO_LARGE');
  assert.equal(readEveryWay(chunked(`0\r\nA: ${'a'.repeat(1100)}\r\n\r\n`)).error, 'HTTP_HEAD_TOO_LARGE');
  assert.equal(read([Buffer.from(chunked(`1;a=${'b'.repeat(17_000)}\r\nx\r\n0\r\n\r\n`))]).error, 'HTTP_CHUNK');
});

test('a request line without an end is refused as soon as it is over the limit', () => {
  assert.equal(readEveryWay('a'.repeat(300)).error, 'HTTP_REQUEST_LINE_TOO_LONG');
});

test('a paused parser keeps what comes and goes on with it in order', () => {
  const seen: string[] = [];
  const parser = new RequestParser(
    {
      onHead: (head) => void seen.push(head.target),
      onBody: () => {},
      onEnd: () => parser.pause(),
    },
    limits,
  );
  const bytes = Buffer.from('GET /1 HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\nGET /3 HTTP/1.0\r\n\r\n');
  for (const byte of bytes) parser.feed(Buffer.of(byte));
  assert.deepEqual(seen, ['/1']);
  assert.equal(parser.keptBytes, (bytes.length / 3) * 2);
  parser.resume();
  assert.deepEqual(seen, ['/1', '/2']);
  parser.feed(Buffer.from('GET /4'));
  parser.resume();
  assert.deepEqual(seen, ['/1', '/2', '/3']);
  parser.resume();
  assert.equal(parser.keptBytes, 6);
  parser.feed(Buffer.from(' HTTP/1.0\r\n\r\n'));
  assert.deepEqual(seen, ['/1', '/2', '/3', '/4']);
  assert.equal(parser.keptBytes, 0);
});

test('a parser stopped inside an event gives back what follows and tells nothing more', () => {
  for (const cut of [10, 25, 29]) {
    const seen: string[] = [];
    let rest: Buffer | undefined;
    const parser = new RequestParser(
      {
        onHead(head) {
          seen.push(head.target);
          rest = parser.stop();
        },
        onBody: () => assert.fail('no body'),
        onEnd: () => assert.fail('no end'),
      },
      limits,
    );
    const bytes = Buffer.from('GET /1 HTTP/1.0\r\nA: b\r\n\r\nrest');
    parser.feed(bytes.subarray(0, cut));
    parser.feed(bytes.subarray(cut));
    assert.deepEqual(seen, ['/1']);
    assert.equal(rest?.toString(), 'rest'.slice(0, Math.max(0, cut <= 24 ? 4 : cut - 25)));
  }
});

test('a long head that comes byte by byte costs little more than one that comes whole', () => {
  // Quadratic work would take minutes for this size.
  const parser = new RequestParser(
    { onHead: () => {}, onBody: () => {}, onEnd: () => {} },
    { maxRequestLineBytes: 8192, maxHeadBytes: 2 ** 20, maxHeaderCount: 100 },
  );
  const bytes = Buffer.from(get(`A: ${'a'.repeat(500_000)}`));
  const started = performance.now();
  for (let at = 0; at < bytes.length; at++) parser.feed(bytes.subarray(at, at + 1));
  assert.ok(performance.now() - started < 5_000);
});

test('a parser that knows heads again tells the same as one that does not', () => {
  const recent = new RecentHeads();
  const texts = [
    get(),
    get('A: b', 'Cookie: c=d'),
    get('A: c', 'Cookie: c=d'),
    get('Content-Length: 0'),
    'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
    'GET /x HTTP/1.0\r\nHost: a\r\n\r\n',
    'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /nohost HTTP/1.0\r\n\r\n',
    'GET /nohost HTTP/1.1\r\n\r\n',
    'GET /nohost HTTP/1.1\r\n\r\n',
    `${get('Content-Length: 3')}abc`,
    `${get('Content-Length: 3')}abd`,
    chunked('1\r\nx\r\n0\r\n\r\n'),
    chunked('1\r\nx\r\n0\r\n\r\n').replace('1.1', '1.0'),
    `\r\n${get()}`,
    get('A : b'),
  ];
  for (let round = 0; round < 4; round++) {
    for (const text of texts) {
      for (const together of [text, text + get(), get() + text, text + text + text]) {
        const bytes = Buffer.from(together);
        assert.deepEqual(read([bytes], recent), read([bytes]), together);
      }
    }
  }
});

test('whatever the bytes and wherever they are cut, the outcome is the same and no error is unexpected', () => {
  const recent = new RecentHeads();
  const piece = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(get(), get('Content-Length: 3'), 'abc', chunked(''), '3\r\nabc\r\n', '0\r\n\r\n'),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'GET ',
        '/ ',
        'HTTP/1.1',
        '\r\n',
        '\r',
        '\n',
        ' ',
        ':',
        'A: b\r\n',
        'Host: a\r\n',
        ';a=b',
        '\0',
        '\xff',
      ),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 6 }), (pieces, numbers) => {
      const bytes = Buffer.from(pieces.join(''), 'latin1');
      const cuts = numbers.map((number) => number % (bytes.length + 1)).toSorted((a, b) => a - b);
      const parts = [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index]));
      const cut = parts.filter((part) => part.length > 0);
      const whole = read([bytes]);
      assert.deepEqual(read(cut), whole);
      assert.deepEqual(read(cut, recent), whole);
      assert.deepEqual(read([bytes], recent), whole);
    }),
    { numRuns: 2_000, seed: seed() },
  );
});

/** A new seed for each run, printed so that a failure can be repeated: `FC_SEED=… npm test`. */
function seed(): number {
  const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31);
  console.log(`fast-check seed ${seed}`);
  return seed;
}
