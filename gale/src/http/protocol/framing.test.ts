import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtocolError } from '../../errors.ts';
import { checkTransferEncoding, connectionOptions, readExpectation } from './framing.ts';
import { accepts, chunked, get, refuses } from '../../../test/support/http/parsed-requests.ts';

// Where a body ends: RFC 9112 §6.

accepts('a body of Content-Length bytes', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe\r\nl', [
  { line: 'PUT / 1.1 5 keep-alive', body: 'he\r\nl' },
]);
accepts('a body in HTTP/1.0', 'PUT / HTTP/1.0\r\nContent-Length: 2\r\n\r\nab', [
  { line: 'PUT / 1.0 2 close', body: 'ab' },
]);
accepts('Content-Length twice with one value', `${get('Content-Length: 3', 'content-length: 3')}abc`, [
  { body: 'abc' },
]);
accepts('Content-Length 0', get('Content-Length: 0'), [{ line: 'GET / 1.1 0 keep-alive', body: '' }]);
accepts('whitespace around Content-Length', `${get('Content-Length:\t 2 \t')}ab`, [{ body: 'ab' }]);
accepts('Content-Length with leading zeros', `${get('Content-Length: 000000000000002')}ab`, [{ body: 'ab' }]);
accepts('a POST without any framing has no body', `POST / HTTP/1.1\r\nHost: a\r\n\r\n${get()}`, [
  { line: 'POST / 1.1 0 keep-alive', body: '' },
  {},
]);
accepts('a body in a GET', `${get('Content-Length: 2')}ab${get()}`, [{ body: 'ab' }, { body: '' }]);
accepts(
  'names that resemble framing headers',
  get('Content-Length2: x', 'Content_Length: 5', 'XTransfer-Encoding: gzip'),
  [{ line: 'GET / 1.1 0 keep-alive' }],
);
accepts(
  'pipelined requests with and without bodies',
  `${get()}${get('Content-Length: 3')}abc${chunked('1\r\nx\r\n0\r\n\r\n')}${get()}`,
  [{ body: '' }, { body: 'abc' }, { body: 'x' }, { body: '' }],
);
for (const line of ['Transfer-Encoding: ChunKed', 'TRANSFER-ENCODING:\tchunked\t ', 'transfer-encoding:chunked']) {
  accepts(line, `${get(line)}0\r\n\r\n`, [{ line: 'GET / 1.1 chunked keep-alive', body: '' }]);
}

for (const value of [
  '',
  '-1',
  '+1',
  '0x1',
  '1_0',
  '1,1',
  '1, 1',
  '1,',
  ',1',
  '1;1',
  '1.0',
  '1e1',
  'a',
  '1 1',
  '1\t1',
  '"1"',
  '\xb2',
  '1\xa0',
]) {
  refuses(`Content-Length: ${JSON.stringify(value)}`, get(`Content-Length: ${value}`), 'HTTP_FRAMING');
}
refuses('Content-Length twice, unequal', get('Content-Length: 1', 'Content-Length: 2'), 'HTTP_FRAMING');
refuses('Content-Length twice, once empty', get('Content-Length: 1', 'Content-Length:'), 'HTTP_FRAMING');
refuses('Content-Length twice, first 0', get('Content-Length: 0', 'Content-Length: 1'), 'HTTP_FRAMING');
for (const value of ['9007199254740993', '18446744073709551616', '4294967296'.repeat(4), '9'.repeat(400)]) {
  refuses(`Content-Length: ${value.slice(0, 40)}`, get(`Content-Length: ${value}`), 'HTTP_BODY_TOO_LARGE');
}
refuses('both framings', get('Content-Length: 0', 'Transfer-Encoding: chunked'), 'HTTP_FRAMING');
refuses('both framings, the other way round', get('Transfer-Encoding: chunked', 'Content-Length: 0'), 'HTTP_FRAMING');
refuses('both framings, an unknown coding', get('Transfer-Encoding: gzip', 'Content-Length: 0'), 'HTTP_FRAMING');
refuses('both framings, an empty one', get('Transfer-Encoding:', 'Content-Length: 0'), 'HTTP_FRAMING');
refuses('chunked in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'HTTP_FRAMING');
refuses('any coding in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n', 'HTTP_FRAMING');
for (const value of [
  '',
  ',',
  'chunked, chunked',
  'chunked,',
  ', chunked',
  '"chunked"',
  'chunked chunked',
  'chunked\xa0',
  '\xa0chunked',
  'chunked;',
  'chunked;q=1',
  'chunked ; a',
  'chunked, gzip',
  'chunked, identity',
  'gzip, chunked, chunked',
  'gzip, chunked, gzip',
  'gzip, chunked;q=1',
  'gzip, , chunked',
  'gzip deflate, chunked',
]) {
  refuses(`Transfer-Encoding: ${JSON.stringify(value)}`, get(`Transfer-Encoding: ${value}`), 'HTTP_FRAMING');
}
for (const value of [
  'gzip',
  'gzip, chunked',
  'identity',
  'identity, chunked',
  'xchunked',
  'chunkedx',
  'x;a="b, c',
  'gzip;q=1,chunked',
]) {
  refuses(`Transfer-Encoding: ${value}`, get(`Transfer-Encoding: ${value}`), 'HTTP_TRANSFER_CODING');
}
for (const [first, second, code] of [
  ['chunked', 'chunked', 'HTTP_FRAMING'],
  ['chunked', 'gzip', 'HTTP_FRAMING'],
  ['chunked', '', 'HTTP_FRAMING'],
  ['', 'chunked', 'HTTP_FRAMING'],
  ['gzip', 'chunked', 'HTTP_TRANSFER_CODING'],
] as const) {
  refuses(
    `Transfer-Encoding in two fields: ${first} and ${second}`,
    get(`Transfer-Encoding: ${first}`, `Transfer-Encoding: ${second}`),
    code,
  );
}

test('parses long whitespace inside a value in linear time', () => {
  // Quadratic work would take many minutes for this size.
  const value = `chunked${' \t'.repeat(2 ** 20)}x`;
  assert.throws(() => checkTransferEncoding(value), ProtocolError);
  assert.throws(() => readExpectation(value), ProtocolError);
  assert.equal(connectionOptions(value), 0);
});
