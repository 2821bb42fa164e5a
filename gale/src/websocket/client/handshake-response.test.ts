import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytewise, splitAt } from '../../../test/support/websocket/websocket-bytes.ts';
import { GaleError } from '../../errors.ts';
import { HandshakeResponseReader } from './handshake-response.ts';

const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-Word: grüß\r\nX-Word:  two \r\n\r\n';

/** The result of a reader: version, status, fields and rest, or code and message of its error. */
function read(parts: readonly Uint8Array[], maxHeadBytes = 1024): unknown {
  const reader = new HandshakeResponseReader(maxHeadBytes);
  let found: unknown;
  const rest: Buffer[] = [];
  for (const part of parts) {
    if (found !== undefined) {
      rest.push(Buffer.from(part));
      continue;
    }
    try {
      const head = reader.push(Buffer.from(part));
      if (head === undefined) continue;
      found = { version: head.version, status: head.status, headers: [...head.headers] };
      rest.push(reader.rest);
    } catch (error) {
      assert.ok(error instanceof GaleError);
      return `${error.code} ${error.message}`;
    }
  }
  return found === undefined ? undefined : { ...found, rest: Buffer.concat(rest).toString('latin1') };
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

test('reads a head split anywhere and keeps the rest', () => {
  const whole = latin1(`${switching}\x81\x02hi`);
  const expected = {
    version: '1.1',
    status: 101,
    headers: [
      ['upgrade', 'websocket'],
      ['x-word', 'grüß'],
      ['x-word', 'two'],
    ],
    rest: '\x81\x02hi',
  };
  assert.deepEqual(read([whole]), expected);
  assert.deepEqual(read(bytewise(whole)), expected);
  for (let at = 0; at <= whole.length; at++) assert.deepEqual(read(splitAt(whole, at)), expected, `split at ${at}`);
});

test('returns nothing before the last byte of the head', () => {
  for (let end = 0; end < switching.length; end++) assert.equal(read([latin1(switching.slice(0, end))]), undefined);
});

test('skips informational responses', () => {
  const whole = latin1(
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.0 404\r\nServer: x\r\n\r\nbody',
  );
  const expected = { version: '1.0', status: 404, headers: [['server', 'x']], rest: 'body' };
  for (let at = 0; at <= whole.length; at++) assert.deepEqual(read(splitAt(whole, at)), expected, `split at ${at}`);
});

const notHttp = 'WS_BAD_RESPONSE The response to a WebSocket handshake has no status line of HTTP/1.1.';
const badHeaders = 'WS_BAD_RESPONSE The response to a WebSocket handshake has malformed headers.';
for (const [what, text, error] of [
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', notHttp],
  ['HTTP/2', 'HTTP/2.0 101 Switching Protocols\r\n', notHttp],
  ['a status of two digits', 'HTTP/1.1 10 Switching\r\n', notHttp],
  ['a status of 600', 'HTTP/1.1 600 Odd\r\n', notHttp],
  ['two spaces before the status', 'HTTP/1.1  101 Switching\r\n', notHttp],
  ['an empty line first', `\r\n${switching}`, notHttp],
  ['a control character in the reason', 'HTTP/1.1 101 Swit\x01ching\r\n', notHttp],
  ['a bare LF after the status line', `HTTP/1.1 101 Switching\nUpgrade: websocket\r\n`, notHttp],
  ['a folded header', 'HTTP/1.1 101 Switching\r\nUpgrade:\r\n websocket\r\n\r\n', badHeaders],
  ['space before a colon', 'HTTP/1.1 101 Switching\r\nUpgrade : websocket\r\n\r\n', badHeaders],
  ['a control character in a value', 'HTTP/1.1 101 Switching\r\nA: b\x00\r\n\r\n', badHeaders],
  ['a line without a colon', 'HTTP/1.1 101 Switching\r\nUpgrade\r\n\r\n', badHeaders],
  ['over 100 headers', `HTTP/1.1 101 Switching\r\n${'A: b\r\n'.repeat(101)}\r\n`, badHeaders],
] as const) {
  test(`rejects ${what}`, () => {
    assert.equal(read([latin1(text)]), error);
    assert.equal(read(bytewise(latin1(text))), error);
  });
}

test('accepts a head of maxHeadBytes and rejects one byte more, complete or not', () => {
  const head = latin1(switching);
  const tooLarge = `WS_BAD_RESPONSE The response to a WebSocket handshake has a head over maxHeadBytes (${head.length}).`;
  assert.notEqual(read([head], head.length), undefined);
  assert.notEqual(read([Buffer.concat([head, Buffer.alloc(5000)])], head.length), undefined);
  const larger = latin1(switching.replace('grüß', 'grüße'));
  assert.equal(read([larger], head.length), tooLarge);
  assert.equal(read(bytewise(larger), head.length), tooLarge);
  assert.equal(read([Buffer.alloc(head.length + 1, 0x41)], head.length), tooLarge);
  assert.equal(read([latin1('HTTP/1.1 103 Early Hints\r\n\r\n'), head], head.length), tooLarge);
});
