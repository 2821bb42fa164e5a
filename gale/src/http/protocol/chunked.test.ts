import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accepts, chunked, limits, read, readEveryWay, refuses } from '../../../test/support/http/parsed-requests.ts';
import { RequestParser } from './parser.ts';

// Chunked bodies: RFC 9112 §7.1.

accepts('chunks', chunked('5\r\nhello\r\n00A\r\n, world!\r\n\r\n0\r\n\r\n'), [
  { line: 'POST / 1.1 chunked keep-alive', body: 'hello, world!\r\n' },
]);
accepts('sizes in both cases', chunked(`a\r\n${'x'.repeat(10)}\r\nB\r\n${'y'.repeat(11)}\r\n0\r\n\r\n`), [
  { body: `${'x'.repeat(10)}${'y'.repeat(11)}` },
]);
accepts('16 digits, most of them leading zeros', chunked(`0000000000000001\r\nx\r\n${'0'.repeat(16)}\r\n\r\n`), [
  { body: 'x' },
]);
accepts('data that looks like chunks', chunked('7\r\n0\r\n\r\n0\r\r\n0\r\n\r\n'), [{ body: '0\r\n\r\n0\r' }]);
accepts('chunk extensions', chunked('1;a;b=c;d="e\\" ;\t\xff"\r\nx\r\n0;z\r\n\r\n'), [{ body: 'x' }]);
accepts('an empty quoted value of an extension', chunked('1;a=""\r\nx\r\n0\r\n\r\n'), [{ body: 'x' }]);
// Whitespace around extensions, "BWS": RFC 9112 §7.1.1.
for (const line of [
  '1 ;a',
  '1\t;a',
  '1 \t ;a',
  '1; a',
  '1;\ta',
  '1 ; a',
  '1;a =b',
  '1;a= b',
  '1;a\t=\tb',
  '1;a = "b"',
  '1;a="b" ;c',
  '1;a=b ;c',
  '1;a ;c',
  '1;a \t; c ; d = e\t;f="g ;h" ; i',
]) {
  const text = chunked(`${line}\r\nx\r\n${line.replace('1', '0')}\r\n\r\n`);
  accepts(`the chunk line ${JSON.stringify(line)}`, text + text, [{ body: 'x' }, { body: 'x' }]);
}
for (const body of [
  '\r\n',
  '1  \r\nx\r\n0\r\n\r\n',
  '1 \nx\r\n0\r\n\r\n',
  '1 1;a\r\nx\r\n',
  '1 a\r\nx\r\n',
  '1 =a\r\nx\r\n',
  '1 "a"\r\nx\r\n',
  '1; \r\nx\r\n',
  '1 ; ;a\r\nx\r\n',
  '1;a \r\nx\r\n',
  '1;a b\r\nx\r\n',
  '1;a = \r\nx\r\n',
  '1;a =;b\r\nx\r\n',
  '1;a = =b\r\nx\r\n',
  '1;a=b =c\r\nx\r\n',
  '1;a=b \r\nx\r\n',
  '1;a="b" c\r\nx\r\n',
  '1;a="b"\t\r\nx\r\n',
  '1 \x0b;a\r\nx\r\n',
  '1;\xa0a\r\nx\r\n',
  '1;a=\r\n b\r\nx\r\n',
  '1;\r\n a\r\nx\r\n',
  '0 \r\n\r\n',
  '0;a \r\n\r\n',
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
  '1;a=\r\nx\r\n',
  '1;a=b c\r\nx\r\n',
  '1;a="b\r\nx\r\n',
  '1;a="b"c\r\nx\r\n',
  '1;a=b=c\r\nx\r\n',
  '1;a="\\\r\n"\r\nx\r\n',
  '1;a\nx\r\n',
  '1\r\rx\r\n0\r\n\r\n',
  '1\r\n\rx',
  '1\t\r\nx\r\n0\r\n\r\n',
  '1\x00\r\nx\r\n',
  '1\xa0\r\nx\r\n',
  '1,\r\nx\r\n',
  '1.0\r\nx\r\n',
  '\t1\r\nx\r\n',
  '\n1\r\nx\r\n',
  '1\r\nx\r\n\r\n0\r\n\r\n',
  '1\r\nx\r\n;a\r\n',
  '3\r\nx\r\n0\r\n\r\n',
  ';a\r\n',
  '1;a=b;\r\nx\r\n',
  '1;=b\r\nx\r\n',
  '1;a\t\r\nx\r\n',
  '1;a\r;b\r\nx\r\n',
  '1;a="\r\n"\r\nx\r\n',
  '1;a="\n"\r\nx\r\n',
  '1;a="\x00"\r\nx\r\n',
  '1;a="\\\x01"\r\nx\r\n',
  '1;a="b"\nx\r\n',
  '1;a="b" \r\nx\r\n',
  '1;\xe4\r\nx\r\n',
  '1;a=\xe4\r\nx\r\n',
]) {
  refuses(`the chunked body ${JSON.stringify(body)}`, chunked(body), 'HTTP_CHUNK');
}

// Trailers: RFC 9112 §7.1.2, RFC 9110 §6.5.

accepts('trailers, which are dropped', chunked('1\r\nx\r\n0\r\nA: b\r\nC:\r\nD:\t\xe4 \r\n\r\n'), [
  {
    body: 'x',
    headers: [
      ['host', 'a'],
      ['transfer-encoding', 'chunked'],
    ],
  },
]);
accepts('a trailer whose long name begins as a forbidden one', chunked(`0\r\nhost${'x'.repeat(40)}: b\r\n\r\n`), [{}]);
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
  'A: b\r\n c',
  'A\t: b',
  'A b: c',
  '\xe4: b',
  'A: \x7f',
  'A: \r',
  'A\n: b',
  '\rA: b',
  'Authorization: x',
  'trailer: x',
  'CONNECTION: close',
]) {
  refuses(`the trailer ${JSON.stringify(trailer)}`, chunked(`0\r\n${trailer}\r\n\r\n`), 'HTTP_HEADER');
}
refuses('a bare LF after the last chunk', chunked('0\r\n\n'), 'HTTP_HEADER');
refuses('a CR without LF after the last chunk', chunked('0\r\n\r'), 'HTTP_HEADER');

/** A body with this many trailers. */
function withTrailers(count: number): string {
  return chunked(`0\r\n${'A: b\r\n'.repeat(count)}\r\n`);
}

/** A body whose trailers have this many bytes. */
function withTrailerBytes(bytes: number): string {
  return chunked(`0\r\nA:${'a'.repeat(bytes - 6)}\r\n\r\n`);
}

/** A body whose extensions have this many bytes after their `;`, in two chunks. */
function withExtensionBytes(bytes: number): Buffer {
  return Buffer.from(chunked(`1;${'b'.repeat(999)}\r\nx\r\n0;${'b'.repeat(bytes - 1_001)}\r\n\r\n`));
}

test('rejects trailers and extensions one byte or field over their limit', () => {
  assert.equal(readEveryWay(withTrailers(10)).error, undefined);
  assert.equal(readEveryWay(withTrailers(11)).error, 'HTTP_HEAD_TOO_LARGE');
  assert.equal(readEveryWay(withTrailerBytes(1024)).error, undefined);
  assert.equal(readEveryWay(withTrailerBytes(1025)).error, 'HTTP_HEAD_TOO_LARGE');
  assert.equal(read([withExtensionBytes(16 * 1024)]).error, undefined);
  assert.equal(read([withExtensionBytes(16 * 1024 + 1)]).error, 'HTTP_CHUNK');
  // Whitespace counts too, wherever it is.
  for (const [before, after] of [
    ['1 ', ';a'],
    ['1;', 'a'],
    ['1;a', '=b'],
    ['1;a=', 'b'],
  ] as const) {
    const withSpace = (count: number): Buffer =>
      Buffer.from(chunked(`${before}${' '.repeat(count)}${after}\r\nx\r\n0\r\n\r\n`));
    assert.equal(read([withSpace(16_000)]).error, undefined);
    assert.equal(read([withSpace(16 * 1024)]).error, 'HTTP_CHUNK');
  }
});

test('emits nothing after it was paused or stopped in a part of a chunked body', () => {
  for (const verb of ['pause', 'stop'] as const) {
    const seen: string[] = [];
    let rest: Buffer | undefined;
    const parser = new RequestParser(
      {
        onHead: () => {},
        onBody(bytes) {
          seen.push(bytes.toString());
          rest = parser[verb]() ?? undefined;
        },
        onEnd: () => void seen.push('end'),
      },
      limits,
    );
    parser.feed(Buffer.from(chunked('1\r\nx\r\n1\r\ny\r\n0\r\n\r\n')));
    assert.deepEqual(seen, ['x']);
    if (verb === 'stop') {
      assert.equal(rest?.toString(), '\r\n1\r\ny\r\n0\r\n\r\n');
      parser.feed(Buffer.from('more'));
      assert.deepEqual(seen, ['x']);
    } else {
      parser.resume();
      assert.deepEqual(seen, ['x', 'y']);
      parser.resume();
      assert.deepEqual(seen, ['x', 'y', 'end']);
    }
  }
});
