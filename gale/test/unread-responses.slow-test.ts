/** Memory of a connection whose client requests much and reads nothing, for each kind of response. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { requestText } from './support/http/http-server.ts';
import { eventually } from './support/eventually.ts';
import { MeasuredServer } from './support/processes/measured-server.ts';
import type { Measurement } from './support/processes/measured-server.ts';
import { unreadSocketPath } from './support/processes/unread-socket-path.ts';

const kilobyte = 1024;
const connectionCount = 25;
/** Memory of a connection without requests and responses, and the error of the measurement. */
const baseBytes = 40 * kilobyte;
/** Requests that wait: 16 KiB and one read of 64 KiB in the parser, and the same in Node.js; never more than the client sent. */
const maxRequestBytes = 160 * kilobyte;
/** Response bytes that wait when the next response begins: those of the socket and those of one flush. */
const maxUnsentBytes = 32 * kilobyte;

interface Kind {
  readonly title: string;
  /** What the client sends. */
  readonly sent: string;
  /** Bytes of one response, or of one part if the handler waits for the client; doubled if they are copied. */
  readonly unitBytes: number;
}

const unreadBody = 'x'.repeat(400 * kilobyte);

function post(path: string, body: string, ...headers: readonly string[]): string {
  return requestText(`POST ${path}`, `Content-Length: ${body.length}`, ...headers) + body;
}

function handshake(query: string): string {
  return requestText(
    `GET /socket?${query}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Extensions: permessage-deflate',
  );
}

const kinds: readonly Kind[] = [
  { title: 'a short text', sent: requestText('GET /text').repeat(1500), unitBytes: kilobyte },
  { title: 'a text of 1 KiB', sent: requestText('GET /text?bytes=1024').repeat(1500), unitBytes: 2 * kilobyte },
  { title: 'a text of 64 KiB', sent: requestText('GET /text?bytes=65536').repeat(100), unitBytes: 128 * kilobyte },
  { title: 'a text of 1 MiB', sent: requestText('GET /text?bytes=1048576').repeat(32), unitBytes: 1100 * kilobyte },
  { title: 'a text in UTF-8', sent: requestText('GET /wide-text?bytes=65536').repeat(100), unitBytes: 128 * kilobyte },
  { title: 'bytes', sent: requestText('GET /bytes?bytes=65536').repeat(100), unitBytes: 128 * kilobyte },
  { title: 'a mebibyte', sent: requestText('GET /bytes?bytes=1048576').repeat(32), unitBytes: 1100 * kilobyte },
  {
    title: 'bytes written in parts',
    sent: requestText('GET /parts?parts=64&bytes=1024').repeat(100),
    unitBytes: 128 * kilobyte,
  },
  { title: 'JSON', sent: requestText('GET /json?bytes=16384').repeat(400), unitBytes: 64 * kilobyte },
  { title: 'a template', sent: requestText('GET /page?rows=100').repeat(1200), unitBytes: 8 * kilobyte },
  { title: 'a stream that waits', sent: requestText('GET /waiting').repeat(50), unitBytes: 128 * kilobyte },
  {
    title: 'a stream of small parts that waits',
    sent: requestText('GET /waiting?bytes=100&parts=100').repeat(1000),
    unitBytes: 32 * kilobyte,
  },
  { title: 'a stream that does not wait', sent: requestText('GET /hasty').repeat(100), unitBytes: 320 * kilobyte },
  {
    title: 'a stream of small parts that does not wait',
    sent: requestText('GET /hasty?bytes=10&parts=1000').repeat(500),
    unitBytes: 64 * kilobyte,
  },
  { title: 'a late response', sent: requestText('GET /late?bytes=65536').repeat(100), unitBytes: 128 * kilobyte },
  { title: 'a small file', sent: requestText('GET /file/small.txt').repeat(1000), unitBytes: 2 * kilobyte },
  { title: 'a file of 64 KiB', sent: requestText('GET /file/64k.txt').repeat(50), unitBytes: 128 * kilobyte },
  { title: 'a file of 100 KiB', sent: requestText('GET /file/100k.txt').repeat(50), unitBytes: 128 * kilobyte },
  { title: 'a file of 64 MiB', sent: requestText('GET /file/large.bin').repeat(50), unitBytes: 128 * kilobyte },
  {
    title: 'a range',
    sent: requestText('GET /file/large.bin', 'Range: bytes=100-50000').repeat(100),
    unitBytes: 128 * kilobyte,
  },
  { title: 'HEAD of a file', sent: requestText('HEAD /file/large.bin').repeat(1000), unitBytes: kilobyte },
  {
    title: '304',
    sent: requestText('GET /file/small.txt', 'If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT').repeat(1000),
    unitBytes: kilobyte,
  },
  { title: 'a redirect', sent: requestText('GET /elsewhere').repeat(1500), unitBytes: kilobyte },
  { title: '404', sent: requestText('GET /none').repeat(1200), unitBytes: kilobyte },
  { title: '500', sent: requestText('GET /failing').repeat(1200), unitBytes: kilobyte },
  { title: 'a large body sent back', sent: post('/echo', 'x'.repeat(60_000)).repeat(20), unitBytes: 128 * kilobyte },
  { title: '100 Continue', sent: post('/echo', 'x', 'Expect: 100-continue').repeat(1200), unitBytes: kilobyte },
  {
    title: 'an upgrade that is refused',
    sent: requestText('GET /socket', 'Upgrade: websocket', 'Connection: Upgrade').repeat(1200),
    unitBytes: kilobyte,
  },
  { title: 'a WebSocket whose messages wait', sent: handshake('waiting'), unitBytes: 128 * kilobyte },
  { title: 'a WebSocket whose messages do not wait', sent: handshake('hasty'), unitBytes: 1536 * kilobyte },
  { title: 'a WebSocket whose small messages do not wait', sent: handshake('small'), unitBytes: 128 * kilobyte },
  { title: 'a WebSocket that compresses and waits', sent: handshake('waiting&compress'), unitBytes: 128 * kilobyte },
  {
    title: 'a WebSocket that compresses and does not wait',
    sent: handshake('hasty&compress'),
    unitBytes: 1536 * kilobyte,
  },
  { title: 'an unread body', sent: post('/deaf', unreadBody), unitBytes: 64 * kilobyte },
  { title: 'a body whose reader is busy', sent: post('/stuck', unreadBody), unitBytes: 64 * kilobyte },
  {
    title: 'requests after one without a response',
    sent: post('/deaf', 'x') + requestText('GET /text').repeat(20_000),
    unitBytes: kilobyte,
  },
  {
    title: 'large heads after one without a response',
    sent: post('/deaf', 'x') + requestText('GET /text', `X: ${'y'.repeat(60_000)}`).repeat(20),
    unitBytes: kilobyte,
  },
  {
    title: 'a head without an end',
    sent: requestText('GET /text', ...Array.from({ length: 8 }, (_, field) => `X${field}: ${'y'.repeat(8000)}`)).slice(
      0,
      -2,
    ),
    unitBytes: kilobyte,
  },
];

/** Opens connections that send requests and do not read; settles when the server does no more for them. */
async function ask(
  server: MeasuredServer,
  count: number,
  text: string,
): Promise<{ sockets: Socket[]; now: Measurement }> {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ path: unreadSocketPath(server.port) });
    socket.on('error', () => {});
    socket.pause();
    socket.write(text, 'latin1');
    return socket;
  });
  let now = await server.measure();
  let same = 0;
  for (let last = ''; same < 2;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    now = await server.measure();
    const state = String(now.running);
    same = state === last ? same + 1 : 0;
    last = state;
  }
  return { sockets, now };
}

test('keeps little memory for a client that sends requests and does not read, for each kind of response', async (t) => {
  const server = await MeasuredServer.startProgram(t, 'unread-responses-process.ts');
  for (const { title, sent, unitBytes } of kinds) {
    await t.test(title, async () => {
      // Warm-up: code is compiled and buffers grow to their size.
      for (const count of [2, connectionCount]) {
        const before = await server.measure();
        const { sockets, now } = await ask(server, count, sent);
        const heldBytes = Math.round((now.memoryBytes - before.memoryBytes) / count);
        for (const socket of sockets) socket.destroy();
        // While a handler neither reads nor responds, only probes detect that its client has gone.
        await fetch(`http://127.0.0.1:${server.port}/release`, { headers: { connection: 'close' } });
        await eventually(
          async () => (await server.measure()).connections === 0,
          () => 'nobody is left',
          60_000,
        );
        if (count < connectionCount) continue;
        const limit = baseBytes + Math.min(sent.length, maxRequestBytes) + maxUnsentBytes + unitBytes;
        if (process.env['SHOW_HELD'] !== undefined)
          t.diagnostic(
            `${title}: ${Math.round(heldBytes / kilobyte)} of ${Math.round(limit / kilobyte)} KiB, ${Math.round(sent.length / kilobyte)} KiB sent, ${now.connections} connections`,
          );
        assert.ok(heldBytes < limit, `each holds ${heldBytes} bytes, more than ${limit}`);
      }
    });
  }
});
