import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldSectionReader } from './field-section.ts';
import { HeadCaches } from './request-head.ts';
import {
  accepts,
  chunked,
  get,
  limits,
  read,
  readEveryWay,
  refuses,
} from '../../../test/support/http/parsed-requests.ts';

// Request line: RFC 9112 §2.2, §2.3, §3.

accepts('the smallest request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', [
  { line: 'GET / 1.1 0 keep-alive', headers: [['host', 'a']], body: '' },
]);
accepts('HTTP/1.0 without headers', 'GET / HTTP/1.0\r\n\r\n', [{ line: 'GET / 1.0 0 close', headers: [], host: '' }]);
accepts('one empty line before the request', `\r\n${get()}`, [{ line: 'GET / 1.1 0 keep-alive' }]);
accepts('an empty line between requests', `${get()}\r\n${get()}`, [{}, {}]);
accepts('an empty line after a body', `${get('Content-Length: 2')}ab\r\n${get()}`, [{ body: 'ab' }, {}]);
accepts('an empty line after chunks', `${chunked('0\r\n\r\n')}\r\n${get()}\r\n${get()}`, [{}, {}, {}]);
accepts('an empty line at the end', `${get()}\r\n`, [{}]);
accepts('any token as method', "!#$%&'*+-.^_`|~09azAZ /x HTTP/1.1\r\nHost: a\r\n\r\n", [
  { line: "!#$%&'*+-.^_`|~09azAZ /x 1.1 0 keep-alive" },
]);
accepts('a method in lower case, which is a different method', 'get / HTTP/1.1\r\nHost: a\r\n\r\n', [
  { line: 'get / 1.1 0 keep-alive' },
]);
refuses('two empty lines before the request', '\r\n\r\n', 'HTTP_REQUEST_LINE');
for (const line of [
  'GET / HTTP/1.1\n',
  'GET / HTTP/1.1\r\r\n',
  'GET / HTTP/1.1\rHost',
  'GET  / HTTP/1.1\r\n',
  'GET /  HTTP/1.1\r\n',
  'GET / HTTP/1.1 \r\n',
  'GET / HTTP/1.1\t\r\n',
  ' GET / HTTP/1.1\r\n',
  'GET\t/ HTTP/1.1\r\n',
  'GET /\tHTTP/1.1\r\n',
  'GET\x0b/ HTTP/1.1\r\n',
  'GET\xa0/ HTTP/1.1\r\n',
  'GET /\r\n',
  'GET HTTP/1.1\r\n',
  'GET\r\n',
  '/ HTTP/1.1\r\n',
  'GET / http/1.1\r\n',
  'GET / Http/1.1\r\n',
  'GET / HTTP/1.10\r\n',
  'GET / HTTP/1.20\r\n',
  'GET / HTTP/2.00\r\n',
  'GET / HTTP/10.1\r\n',
  'GET / HTTP/1.2 \r\n',
  'GET / HTTP/01.1\r\n',
  'GET / HTTP/1\r\n',
  'GET / HTTP/1.\r\n',
  'GET / HTTP/.1\r\n',
  'GET / HTTP/1.x\r\n',
  'GET / HTTP/1,1\r\n',
  'GET / HTTP/+1.1\r\n',
  'GET / HTTQ/1.1\r\n',
  'GET / HTTP 1.1\r\n',
  'GET / HTTP/ 1.1\r\n',
  'G@T / HTTP/1.1\r\n',
  'G:T / HTTP/1.1\r\n',
  'G\x00T / HTTP/1.1\r\n',
  'G\xc9T / HTTP/1.1\r\n',
  'GET /a b HTTP/1.1\r\n',
  'GET /a\tb HTTP/1.1\r\n',
  'GET /a\x00b HTTP/1.1\r\n',
  'GET /a\x0bb HTTP/1.1\r\n',
  'GET /a\rb HTTP/1.1\r\n',
  'GET /a\nb HTTP/1.1\r\n',
  'GET /a\x7fb HTTP/1.1\r\n',
  'GET /\x80 HTTP/1.1\r\n',
  'GET /\xe4 HTTP/1.1\r\n',
  'GET /\xff HTTP/1.1\r\n',
  'GET /a#b HTTP/1.1\r\n',
  'GET /a?b#c HTTP/1.1\r\n',
  'GET # HTTP/1.1\r\n',
  '\nGET / HTTP/1.1\r\n',
  '\rGET / HTTP/1.1\r\n',
  '\r\n\nGET / HTTP/1.1\r\n',
  '\r\n GET / HTTP/1.1\r\n',
  '\x00GET / HTTP/1.1\r\n',
  '\xef\xbb\xbfGET / HTTP/1.1\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
]) {
  refuses(`the line ${JSON.stringify(line)}`, `${line}Host: a\r\n\r\n`, 'HTTP_REQUEST_LINE');
}
for (const version of ['1.2', '1.3', '1.9']) {
  accepts(`HTTP/${version} as HTTP/1.1`, `GET / HTTP/${version}\r\nHost: a\r\n\r\n`, [
    { line: 'GET / 1.1 0 keep-alive' },
  ]);
  accepts(`chunks in HTTP/${version}`, chunked('1\r\nx\r\n0\r\n\r\n').replace('HTTP/1.1', `HTTP/${version}`), [
    { line: 'POST / 1.1 chunked keep-alive', body: 'x' },
  ]);
  refuses(`HTTP/${version} without Host`, `GET / HTTP/${version}\r\n\r\n`, 'HTTP_HOST');
}
for (const version of ['0.9', '0.0', '2.0', '2.1', '3.1', '9.9']) {
  refuses(`HTTP/${version}`, `GET / HTTP/${version}\r\nHost: a\r\n\r\n`, 'HTTP_VERSION');
}
refuses('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTP_VERSION');

test('rejects two empty lines between requests and accepts the request before them', () => {
  const { requests, error } = readEveryWay(`${get()}\r\n\r\n${get()}`);
  assert.equal(requests.length, 1);
  assert.equal(error, 'HTTP_REQUEST_LINE');
});

// Targets: RFC 9112 §3.2, §3.3.

for (const [line, path, query, host] of [
  ['GET /a?b?c=%20 HTTP/1.1', '/a', 'b?c=%20', 'a'],
  ['GET //a//b HTTP/1.1', '//a//b', '', 'a'],
  ['GET /? HTTP/1.1', '/', '', 'a'],
  ['GET /%zz%4 HTTP/1.1', '/%zz%4', '', 'a'],
  ['GET /%00%0d%0a HTTP/1.1', '/%00%0d%0a', '', 'a'],
  ['GET /!$&\'()*+,;=:@-._~"<>[\\]^`{|}/ HTTP/1.1', '/!$&\'()*+,;=:@-._~"<>[\\]^`{|}/', '', 'a'],
  ['GET /http://b/ HTTP/1.1', '/http://b/', '', 'a'],
  ['GET http://Example.com:80/a?b HTTP/1.1', '/a', 'b', 'example.com:80'],
  ['GET HTTPS://b HTTP/1.1', '/', '', 'b'],
  ['GET http://b: HTTP/1.1', '/', '', 'b:'],
  ['GET http://b?c/d?e HTTP/1.1', '/', 'c/d?e', 'b'],
  ['GET http://b//c HTTP/1.1', '//c', '', 'b'],
  ['GET http://[2001:DB8::1]:8080/ HTTP/1.1', '/', '', '[2001:db8::1]:8080'],
  ['GET http://[v1.A:b]:80/c HTTP/1.1', '/c', '', '[v1.a:b]:80'],
  ['GET http://b/ HTTP/1.0', '/', '', 'b'],
  ['OPTIONS * HTTP/1.1', '*', '', 'a'],
  ['OPTIONS http://b:8001 HTTP/1.1', '*', '', 'b:8001'],
  ['OPTIONS http://b/ HTTP/1.1', '/', '', 'b'],
  ['OPTIONS http://b? HTTP/1.1', '/', '', 'b'],
  ['OPTIONS /* HTTP/1.1', '/*', '', 'a'],
  ['CONNECT b.example:443 HTTP/1.1', '', '', 'b.example:443'],
  ['CONNECT [::1]:443 HTTP/1.1', '', '', '[::1]:443'],
  ['CONNECT [v1.a]:443 HTTP/1.1', '', '', '[v1.a]:443'],
] as const) {
  accepts(`the target in ${line}`, `${line}\r\nHost: A\r\n\r\n`, [{ path, query, host }]);
}
for (const line of [
  'GET a HTTP/1.1',
  'GET * HTTP/1.1',
  'options * HTTP/1.1',
  'GET a.example:80 HTTP/1.1',
  'GET ftp://a/ HTTP/1.1',
  'GET ws://a/ HTTP/1.1',
  'GET http:/a HTTP/1.1',
  'GET http:a HTTP/1.1',
  'GET http:// HTTP/1.1',
  'GET http:///a HTTP/1.1',
  'GET http://?a HTTP/1.1',
  'GET http://:80/ HTTP/1.1',
  'GET http://u:p@a/ HTTP/1.1',
  'GET http://u@a/ HTTP/1.1',
  'GET http://@a/ HTTP/1.1',
  'GET http://a:b/ HTTP/1.1',
  'GET http://a:65536/ HTTP/1.1',
  'GET http://a:-1/ HTTP/1.1',
  'GET http://a:1:2/ HTTP/1.1',
  'GET http://a,b/ HTTP/1.1',
  'GET http://a%/ HTTP/1.1',
  'GET http://a\\b/ HTTP/1.1',
  'GET http://[::1/ HTTP/1.1',
  'GET http://[::g]/ HTTP/1.1',
  'GET http://[1.2.3.4]/ HTTP/1.1',
  'GET http://[v1.]/ HTTP/1.1',
  'GET http://[fe80::1%25eth0]/ HTTP/1.1',
  'GET http://::1/ HTTP/1.1',
  'GET \\a HTTP/1.1',
  'GET ?a HTTP/1.1',
  'CONNECT a HTTP/1.1',
  'CONNECT a: HTTP/1.1',
  'CONNECT :443 HTTP/1.1',
  'CONNECT a:65536 HTTP/1.1',
  'CONNECT u@a:443 HTTP/1.1',
  'CONNECT a:443/ HTTP/1.1',
  'CONNECT /a HTTP/1.1',
  'CONNECT * HTTP/1.1',
  'CONNECT http://a/ HTTP/1.1',
  'OPTIONS ** HTTP/1.1',
  'OPTIONS *?a HTTP/1.1',
]) {
  refuses(`the target in ${line}`, `${line}\r\nHost: a\r\n\r\n`, 'HTTP_REQUEST_LINE');
}
accepts('CONNECT, after which nothing is parsed', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', [
  { line: 'CONNECT a:443 1.1 0 close' },
]);
accepts('CONNECT with a length of 0', 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n', [{}]);
for (const line of ['Content-Length: 1', 'Transfer-Encoding: chunked']) {
  refuses(`CONNECT with ${line}`, `CONNECT a:443 HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`, 'HTTP_FRAMING');
}
accepts('CONNECT that asks to stay', 'CONNECT a:443 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', [
  { line: 'CONNECT a:443 1.0 0 close' },
]);

// Header fields: RFC 9112 §5.

accepts('whitespace around values, and keeps whitespace inside them', get('A: \t x\t y \t', 'B:', 'C:z', 'D: \t '), [
  {
    headers: [
      ['host', 'a'],
      ['a', 'x\t y'],
      ['b', ''],
      ['c', 'z'],
      ['d', ''],
    ],
  },
]);
accepts('bytes above 0x7F in values', get('A: caf\x80\xe9\xff\xa0'), [
  {
    headers: [
      ['host', 'a'],
      ['a', 'caf\x80\xe9\xff\xa0'],
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
for (const line of [
  'A : b',
  'A\t: b',
  ' A: b',
  '\tA: b',
  'A: b\r\n c',
  'A: b\r\n\tc',
  'A: b\r\n \r\n',
  ': b',
  ':',
  'A',
  'A b: c',
  'A(: b',
  '"A": b',
  'A\xa0: b',
  '\xc4: b',
  'A\x00: b',
  '\x00',
  'A: b\x00',
  'A: \x00b',
  'A: b\x01',
  'A: b\x0b',
  'A: b\x1f',
  'A: b\x7f',
  'A: b\nC: d',
  'A: b\rC: d',
  'A: b\r\r\nC: d',
  'A: b\n',
  'A: \r',
  'A\r: b',
  'A\r\n: b',
  '\rA: b',
  '\nA: b',
]) {
  refuses(`the header ${JSON.stringify(line)}`, get(line), 'HTTP_HEADER');
}
refuses('a bare LF as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\n', 'HTTP_HEADER');
refuses('a CR without LF as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\r', 'HTTP_HEADER');
refuses('a folded line after the request line', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', 'HTTP_HEADER');

// Host: RFC 9110 §7.2, RFC 9112 §3.2.

for (const host of [
  'a.example',
  'a.example:8080',
  'a.example:0',
  'a:',
  '127.0.0.1:65535',
  '[::1]',
  '[2001:db8::1]:80',
  '[::ffff:1.2.3.4]',
  'a_b',
  'a%41',
  "-._~!$&'()*+;=",
  '*',
  'a.',
  '%c3%a4.example:80',
  "%41!$&'()*+;=%5a",
  '[v1.a]',
  '[v1.a]:8080',
  '[v1f.a:b:c]',
  "[v0.-._~!$&'()*+;=:]:",
  '[::]',
  '[1:2:3:4:5:6:7::]',
  '[1:2:3:4:5:6:1.2.3.4]:65535',
]) {
  accepts(`Host: ${host}`, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, [{ headers: [['host', host]], host }]);
}
accepts('an IPvFuture address in upper case', 'GET / HTTP/1.1\r\nHost: [V1F.A]\r\n\r\n', [{ host: '[v1f.a]' }]);
accepts('an empty Host where the target names one', 'GET http://b/ HTTP/1.1\r\nHost:\r\n\r\n', [{ host: 'b' }]);
accepts('an empty Host in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: \r\n\r\n', [{ host: '' }]);
refuses('an empty Host', 'GET / HTTP/1.1\r\nHost: \t\r\n\r\n', 'HTTP_HOST');
refuses('an empty Host for *', 'OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n', 'HTTP_HOST');
refuses('HTTP/1.1 without Host', 'GET / HTTP/1.1\r\n\r\n', 'HTTP_HOST');
refuses('HTTP/1.1 in absolute form without Host', 'GET http://a/ HTTP/1.1\r\n\r\n', 'HTTP_HOST');
refuses('a malformed Host where the target names one', 'GET http://a/ HTTP/1.1\r\nHost: a/\r\n\r\n', 'HTTP_HOST');
refuses('Host twice', get('Host: a'), 'HTTP_HOST');
refuses('Host twice, once empty', get('host:'), 'HTTP_HOST');
refuses('Host twice in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n', 'HTTP_HOST');
refuses('Host twice in absolute form', 'GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 'HTTP_HOST');
for (const host of [
  'a,b',
  'a, a',
  'a b',
  'a\tb',
  'a/b',
  'u@a',
  'a:b',
  'a:1:2',
  'a:65536',
  'a:000080',
  'a:+80',
  'a: 80',
  ':80',
  ':',
  '[::1',
  '::1]',
  '[::1]a',
  '[]',
  '::1',
  '[x]',
  '[:::1]',
  '[v1.]',
  '[v.a]',
  '[v1a]',
  '[vg.a]',
  '[1.a]',
  '[v1.a',
  'v1.a]',
  '[v1.a]b',
  '[v1.a,b]',
  '[v1.a%41]',
  '[v1.a/b]',
  '[v1.[a]',
  '[v1.a]:65536',
  '[v1.a]:b',
  '[fe80::1%25eth0]',
  '[fe80::1%eth0]',
  '[1:2:3:4:5:6:7:8:9]',
  '[1::2::3]',
  '[::256.1.1.1]',
  '[12345::]',
  'a?b',
  'a#b',
  '"a"',
  'a%4',
  'a%',
  'a\\b',
  'http://a',
  '\xe4',
]) {
  refuses(`Host: ${host}`, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'HTTP_HOST');
}

// Connection and Expect: RFC 9110 §7.6.1, §10.1.1, RFC 9112 §9.3.

for (const [lines, stays] of [
  [['Connection: keep-alive'], true],
  [['Connection: x-other , CLOSE'], false],
  [['Connection: ,close,'], false],
  [['Connection: , ,\t close \t, ,x'], false],
  [['Connection:close'], false],
  [['Connection: keep-alive', 'Connection: close'], false],
  [['Connection: close', 'Connection: keep-alive'], false],
  [['Connection: keep-alive, close'], false],
  [['Connection: closed, enclose, clos'], true],
  [['Connection: close close'], true],
  [['Connection: close\xa0'], true],
  [['Connection: close;x'], true],
  [['Connection: "close"'], true],
  [['Connection:'], true],
  [['Proxy-Connection: close'], true],
] as const) {
  accepts(`HTTP/1.1 with ${JSON.stringify(lines)}`, get(...lines), [
    { line: `GET / 1.1 0 ${stays ? 'keep-alive' : 'close'}` },
  ]);
}
for (const [value, stays] of [
  ['Keep-Alive', true],
  ['x, keep-alive', true],
  ['keep-alive, close', false],
  ['close', false],
  ['keep-alive;x', false],
  ['', false],
] as const) {
  accepts(`HTTP/1.0 with Connection: ${value}`, `GET / HTTP/1.0\r\nConnection: ${value}\r\n\r\n`, [
    { line: `GET / 1.0 0 ${stays ? 'keep-alive' : 'close'}` },
  ]);
}
accepts('Expect: 100-continue with a body', `${get('Expect: 100-Continue', 'Content-Length: 1')}x`, [
  { line: 'GET / 1.1 1 keep-alive continue', body: 'x' },
]);
accepts('Expect: 100-continue twice', `${get('Expect: 100-continue,', 'Expect: 100-CONTINUE', 'Content-Length: 1')}x`, [
  { line: 'GET / 1.1 1 keep-alive continue' },
]);
accepts('an empty Expect', `${get('Expect:', 'Content-Length: 1')}x`, [{ line: 'GET / 1.1 1 keep-alive' }]);
accepts('Expect: 100-continue without a body', get('Expect: 100-continue'), [{ line: 'GET / 1.1 0 keep-alive' }]);
accepts('any Expect in HTTP/1.0', 'GET / HTTP/1.0\r\nExpect: x\r\n\r\n', [{ line: 'GET / 1.0 0 close' }]);
accepts('Expect in HTTP/1.0', 'GET / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx', [
  { line: 'GET / 1.0 1 close' },
]);
for (const value of [
  'x',
  '100-continue, x',
  'x, 100-continue',
  '100-continue;x',
  '100 continue',
  '100-continue\xa0',
  '100',
]) {
  refuses(`Expect: ${value}`, get(`Expect: ${value}`), 'HTTP_EXPECTATION');
}

// Limits.

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

test('rejects a head one byte or field over its limit', () => {
  for (const lead of ['', '\r\n', get(), `${get()}\r\n`]) {
    assert.equal(readEveryWay(lead + withLine(256)).error, undefined);
    assert.equal(readEveryWay(lead + withLine(257)).error, 'HTTP_REQUEST_LINE_TOO_LONG');
    assert.equal(withHead(1024).length, 1024);
    assert.equal(readEveryWay(lead + withHead(1024)).error, undefined);
    assert.equal(readEveryWay(lead + withHead(1025)).error, 'HTTP_HEAD_TOO_LARGE');
    assert.equal(readEveryWay(lead + get(...fields(9))).error, undefined);
    assert.equal(readEveryWay(lead + get(...fields(10))).error, 'HTTP_HEAD_TOO_LARGE');
  }
});

test('rejects a request line without an end as soon as it exceeds the limit', () => {
  assert.equal(readEveryWay(`GET /${'a'.repeat(252)}`).error, undefined);
  assert.equal(readEveryWay(`GET /${'a'.repeat(253)}`).error, 'HTTP_REQUEST_LINE_TOO_LONG');
});

test('rejects a method that exceeds the limit of the request line, with or without a target after it', () => {
  for (const lead of ['', '\r\n', get(), `${get()}\r\n`]) {
    assert.equal(readEveryWay(lead + 'a'.repeat(257)).error, undefined);
    for (const tail of ['', ' / HTTP/1.1\r\nHost: a\r\n\r\n']) {
      assert.equal(readEveryWay(lead + 'a'.repeat(258) + tail).error, 'HTTP_METHOD');
    }
    assert.equal(readEveryWay(`${lead}${'a'.repeat(250)} /${'b'.repeat(10)}`).error, 'HTTP_METHOD');
    assert.equal(readEveryWay(`${lead}${'a'.repeat(65)} /${'b'.repeat(300)}`).error, 'HTTP_METHOD');
    assert.equal(readEveryWay(`${lead}${'a'.repeat(64)} /${'b'.repeat(300)}`).error, 'HTTP_REQUEST_LINE_TOO_LONG');
  }
});

test('applies maxHeadBytes also if maxRequestLineBytes is larger', () => {
  const sizes = { ...limits, maxRequestLineBytes: 512, maxHeadBytes: 256 };
  for (const bytes of [200, 254, 255, 256, 257, 258, 300, 500]) {
    const isWithin = withLine(bytes).length <= 256;
    assert.equal(readEveryWay(withLine(bytes), sizes).error, isWithin ? undefined : 'HTTP_HEAD_TOO_LARGE', `${bytes}`);
  }
  assert.equal(readEveryWay(withLine(513), sizes).error, 'HTTP_REQUEST_LINE_TOO_LONG');
});

test('gives the same outcome with and without cached heads', () => {
  const caches = new HeadCaches();
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
        assert.deepEqual(read([bytes], caches), read([bytes]), together);
      }
    }
  }
});

const isConditional = (field: string): boolean | undefined => {
  const bytes = Buffer.from(`Host: a\r\n${field}\r\nConnection: close\r\n\r\n`);
  return new FieldSectionReader(10).read(bytes, 0, bytes.length)?.notes.isConditional;
};

test('a section of fields notes the preconditions, in any case', () => {
  for (const name of ['If-Match', 'IF-NONE-MATCH', 'if-modified-since', 'If-Unmodified-Since']) {
    assert.equal(isConditional(`${name}: x`), true, name);
    assert.equal(isConditional(`${name}x: x`), false, name);
    assert.equal(isConditional(`X: ${name}`), false, name);
  }
  const sameLengths = ['Priority: u=1', 'Authorization: x', 'Transfer-Encoding: chunked', 'X-Field-Of-19-Bytes: x'];
  for (const field of ['If-Range: "a"', 'Range: bytes=0-', ...sameLengths])
    assert.equal(isConditional(field), false, field);
});

test('the next section has no preconditions of the one before', () => {
  const reader = new FieldSectionReader(10);
  const first = Buffer.from('If-Match: "a"\r\n\r\n');
  assert.equal(reader.read(first, 0, first.length)?.notes.isConditional, true);
  const next = Buffer.from('Host: a\r\n\r\n');
  assert.equal(reader.read(next, 0, next.length)?.notes.isConditional, false);
});
