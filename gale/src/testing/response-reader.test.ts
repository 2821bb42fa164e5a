import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseReader } from './response-reader.ts';

/** What a reader reports for parts of a response; the last line says whether the end of the input completes it. */
function read(method: string, parts: readonly string[]): string[] {
  const found: string[] = [];
  const reader = new ResponseReader(method, {
    onHead: ({ status, reason, fields }) => found.push(`${status} ${reason} ${JSON.stringify(fields)}`),
    onBody: (bytes) => found.push(`body ${bytes.toString('latin1')}`),
    onComplete: (keepsAlive) => found.push(keepsAlive ? 'kept' : 'last'),
  });
  for (const part of parts) reader.read(Buffer.from(part, 'latin1'));
  if (!reader.isDone) found.push(reader.end() ? 'complete' : 'cut off');
  return found;
}

/** Joins the parts of a body. */
function joined(found: readonly string[]): string {
  return found.join('\n').replaceAll('\nbody ', '');
}

const responses: readonly (readonly [name: string, method: string, text: string, expected: string])[] = [
  ['a length', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', '200 OK [["Content-Length","3"]]abc\nkept'],
  ['no body', 'GET', 'HTTP/1.1 204 \r\nA:  b \r\n\r\n', '204  [["A","b"]]\nkept'],
  ['HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n', '200 OK [["content-length","3"]]\nkept'],
  [
    'HEAD of chunks',
    'HEAD',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    '200 OK [["Transfer-Encoding","chunked"]]\nkept',
  ],
  [
    'not modified',
    'GET',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
    '304 Not Modified [["Content-Length","9"]]\nkept',
  ],
  [
    'close',
    'GET',
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
    '200 OK [["Connection","close"],["Content-Length","1"]]x\nlast',
  ],
  ['HTTP/1.0', 'GET', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', '200 OK [["Content-Length","1"]]x\nlast'],
  [
    'chunks',
    'GET',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
    '200 OK [["Transfer-Encoding","chunked"]]abc\nkept',
  ],
  ['until the end', 'GET', 'HTTP/1.1 200 OK\r\n\r\nabc', '200 OK []abc\nlast\ncomplete'],
  [
    'informational',
    'GET',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    '100 Continue []\n200 OK [["Content-Length","0"]]\nkept',
  ],
  ['too short', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab', '200 OK [["Content-Length","3"]]ab\ncut off'],
  ['no head', 'GET', 'HTTP/1.1 200 OK\r\nContent', 'cut off'],
];

for (const [name, method, text, expected] of responses) {
  test(`reads the same at every cut: ${name}`, () => {
    assert.equal(joined(read(method, [text])), expected);
    for (let at = 1; at < text.length; at++) {
      assert.equal(joined(read(method, [text.slice(0, at), text.slice(at)])), expected, `cut at ${at}`);
    }
    assert.equal(joined(read(method, [...text])), expected, 'byte by byte');
  });
}

test('rejects what is no response, and bytes after its end', () => {
  for (const text of ['Hello\r\n\r\n', 'HTTP/1.1 20 OK\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab']) {
    assert.throws(() => read('GET', [text]), { code: 'TEST_RESPONSE' });
  }
});
