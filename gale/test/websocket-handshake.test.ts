/** The opening handshake over real sockets: accepted and rejected requests. RFC 6455 §4.2, RFC 9110 §7.8. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { RawClient } from './support/http/http-server.ts';
import type { RawResponse } from './support/http/http-server.ts';
import { serve as serveRoutes } from './support/web/web-server.ts';
import { WebSocketHandler } from '../src/web/websocket-handler.ts';
import { clientFrame } from './support/websocket/websocket-bytes.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const keyOf = (byteCount: number): string => Buffer.alloc(byteCount, 7).toString('base64');

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    this.writeMessage(message);
  }
}

/** Changes to a valid request. */
interface Changes {
  /** Request line. */
  readonly line?: string;
  /** Replacements of headers; `undefined` omits the header. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Additional lines, after the others. */
  readonly more?: readonly string[];
  readonly body?: string;
}

function requestWith({ line = 'GET / HTTP/1.1', headers = {}, more = [], body = '' }: Changes): string {
  const fields = {
    Host: 'gale.test',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `${[line, ...lines, ...more].join('\r\n')}\r\n\r\n${body}`;
}

/** Starts a server and opens connections that close with the test. */
async function start(
  t: TestContext,
): Promise<{ connect: () => Promise<RawClient>; foreignTold: () => Promise<unknown> }> {
  const { port, expectLine } = await serveRoutes(t, [['/', Echo]]);
  return {
    async connect() {
      const client = new RawClient(port);
      t.after(() => client.socket.destroy());
      await client.opened;
      return client;
    },
    foreignTold: () => expectLine(/tried to open a WebSocket/),
  };
}

/** Asserts that the connection is a WebSocket: a message is echoed. */
async function assertOpen(client: RawClient): Promise<void> {
  client.socket.write(clientFrame(1, 'ping-pong'));
  await client.until((received) => received === '\x81\x09ping-pong');
}

const accepted: readonly ({ readonly name: string } & Changes)[] = [
  { name: 'the handshake of RFC 6455 §1.3' },
  { name: 'tokens in any case', headers: { Upgrade: 'WebSocket', Connection: 'uPGRADE' } },
  {
    name: 'names of headers in any case',
    headers: { Upgrade: undefined, Connection: undefined },
    more: ['UPGRADE: websocket', 'connection: Upgrade'],
  },
  { name: 'Upgrade in a list, as Firefox sends it', headers: { Connection: 'keep-alive, Upgrade' } },
  {
    name: 'lists with empty elements and spaces',
    headers: { Upgrade: ',h2c ,\twebsocket,', Connection: ' , keep-alive ,, upgrade' },
  },
  { name: 'several Connection headers', headers: { Connection: 'keep-alive' }, more: ['Connection: Upgrade'] },
  { name: 'several Upgrade headers', headers: { Upgrade: 'h2c' }, more: ['Upgrade: websocket'] },
  { name: 'another key', headers: { 'Sec-WebSocket-Key': keyOf(16) } },
  { name: 'an empty body', headers: { 'Content-Length': '0' } },
  { name: 'a query', line: 'GET /?room=1 HTTP/1.1' },
  { name: 'a target in absolute form', line: 'GET http://gale.test/ HTTP/1.1' },
  {
    name: 'an unknown extension',
    headers: { 'Sec-WebSocket-Extensions': 'x-unknown; a="b", permessage-deflate' },
  },
  { name: 'the origin of the same site', headers: { Origin: 'http://gale.test' } },
  { name: 'the origin with the default port', headers: { Origin: 'http://gale.test:80' } },
  { name: 'the origin in capitals', headers: { Origin: 'HTTP://Gale.Test' } },
  { name: 'no origin, as from clients other than browsers', headers: { Origin: undefined } },
];

for (const { name, ...changes } of accepted) {
  test(`responds with 101 to ${name}`, async (t) => {
    const { connect } = await start(t);
    const client = await connect();
    await client.send(requestWith(changes));
    const { status, headers } = await client.readResponse();
    assert.equal(status, 101);
    assert.equal(headers.get('upgrade'), 'websocket');
    assert.equal(headers.get('connection'), 'Upgrade');
    const isOther = changes.headers?.['Sec-WebSocket-Key'] !== undefined;
    if (!isOther) assert.equal(headers.get('sec-websocket-accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    assert.equal(headers.has('sec-websocket-extensions'), false);
    assert.equal(headers.has('sec-websocket-protocol'), false);
    assert.equal(headers.has('content-length'), false);
    await assertOpen(client);
  });
}

test('reads a handshake byte by byte, with the first frame after it', async (t) => {
  const { connect } = await start(t);
  const client = await connect();
  const bytes = requestWith({}) + clientFrame(1, 'early').toString('latin1');
  for (const byte of bytes) await client.send(byte);
  assert.equal((await client.readResponse()).status, 101);
  await client.until((received) => received === '\x81\x05early');
});

const refused: readonly ({ readonly name: string; readonly status: number } & Changes)[] = [
  { name: 'HTTP/1.0', status: 400, line: 'GET / HTTP/1.0' },
  { name: 'POST', status: 405, line: 'POST / HTTP/1.1' },
  { name: 'a body', status: 400, headers: { 'Content-Length': '3' }, body: 'abc' },
  { name: 'a chunked body', status: 400, headers: { 'Transfer-Encoding': 'chunked' }, body: '0\r\n\r\n' },
  { name: 'no Upgrade', status: 400, headers: { Upgrade: undefined } },
  { name: 'another Upgrade', status: 400, headers: { Upgrade: 'h2c' } },
  { name: 'an Upgrade with a longer token', status: 400, headers: { Upgrade: 'websockets' } },
  { name: 'no Connection', status: 400, headers: { Connection: undefined } },
  { name: 'a Connection without upgrade', status: 400, headers: { Connection: 'keep-alive' } },
  { name: 'no key', status: 400, headers: { 'Sec-WebSocket-Key': undefined } },
  { name: 'an empty key', status: 400, headers: { 'Sec-WebSocket-Key': '' } },
  { name: 'a key of 15 bytes', status: 400, headers: { 'Sec-WebSocket-Key': keyOf(15) } },
  { name: 'a key of 17 bytes', status: 400, headers: { 'Sec-WebSocket-Key': keyOf(17) } },
  {
    name: 'a key with a character outside of base64',
    status: 400,
    headers: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j!Q==' },
  },
  { name: 'a key in base64url', status: 400, headers: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j_Q==' } },
  { name: 'a key without its padding', status: 400, headers: { 'Sec-WebSocket-Key': key.slice(0, 22) } },
  { name: 'a key with a space inside', status: 400, headers: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBs ZSBub25jZQ==' } },
  { name: 'two keys', status: 400, more: [`Sec-WebSocket-Key: ${keyOf(16)}`] },
  { name: 'the same key twice', status: 400, more: [`Sec-WebSocket-Key: ${key}`] },
  { name: 'a malformed subprotocol', status: 400, headers: { 'Sec-WebSocket-Protocol': 'a b' } },
  { name: 'a malformed extension', status: 400, headers: { 'Sec-WebSocket-Extensions': 'x; a="b' } },
];

/** A rejection is a complete response without WebSocket headers. */
async function refusalOf(client: RawClient, changes: Changes): Promise<RawResponse> {
  await client.send(requestWith(changes));
  const response = await client.readResponse();
  assert.equal(response.headers.has('sec-websocket-accept'), false);
  assert.ok(response.headers.has('content-length'));
  return response;
}

for (const { name, status, ...changes } of refused) {
  test(`responds with ${status} to ${name}`, async (t) => {
    const { connect } = await start(t);
    const response = await refusalOf(await connect(), changes);
    assert.equal(response.status, status);
    assert.equal(response.headers.has('upgrade'), false);
    if (status === 405) assert.match(response.headers.get('allow') ?? '', /\bGET\b/);
  });
}

for (const version of [undefined, '', '0', '7', '8', '12', '14', '013', '+13', '13, 8', '13.0', 'x']) {
  test(`responds to version ${version ?? '(none)'} with 426, version 13 and Upgrade, and accepts another request on the connection`, async (t) => {
    const { connect } = await start(t);
    const client = await connect();
    const { status, headers } = await refusalOf(client, { headers: { 'Sec-WebSocket-Version': version } });
    assert.equal(status, 426);
    assert.equal(headers.get('sec-websocket-version'), '13');
    assert.equal(headers.get('upgrade'), 'websocket');
    // RFC 9110 §7.8: a sender of Upgrade must name it in Connection.
    assert.match(headers.get('connection') ?? '', /^([^,]+, *)*upgrade( *,.*)?$/i);
    await client.send(requestWith({}));
    assert.equal((await client.readResponse()).status, 101);
    await assertOpen(client);
  });
}

test('rejects a repeated version', async (t) => {
  const { connect } = await start(t);
  const { status } = await refusalOf(await connect(), { more: ['Sec-WebSocket-Version: 13'] });
  assert.equal(status, 426);
});

for (const origin of [
  'http://evil.test',
  'https://gale.test',
  'http://gale.test:8080',
  'http://sub.gale.test',
  'http://gale.test.evil.test',
  'http://gale.test@evil.test',
  'http://evil.test/gale.test',
  'null',
  'gale.test',
  'file://',
]) {
  test(`responds with 403 to a page of ${origin}`, async (t) => {
    const { connect, foreignTold } = await start(t);
    const { status } = await refusalOf(await connect(), { headers: { Origin: origin } });
    assert.equal(status, 403);
    await foreignTold();
  });
}
