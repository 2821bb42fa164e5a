import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { inspect, promisify } from 'node:util';
import { goodResponse, serveBare } from '../../../test/support/websocket/bare-websocket-server.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { GaleError } from '../../errors.ts';
import { HttpServer } from '../../http/server.ts';
import type { HttpServerOptions } from '../../http/options/server-options.ts';
import { freePort } from '../../testing/free-port.ts';
import { acceptWebSocket } from '../accept.ts';
import { connectWebSocket } from './client.ts';
import type { ConnectOptions } from './connect-options.ts';
import { readHandshake } from '../protocol/handshake.ts';
import { WebSocketRefusedError } from './refused-error.ts';

const fixtures = new URL('../../../test/fixtures/tls/', import.meta.url);
const readFixture = (name: string): Promise<string> => readFile(new URL(name, fixtures), 'utf8');

/** A server of Gale that echoes and first sends the value of Host. */
async function serveEcho(t: TestContext, options: HttpServerOptions = {}): Promise<HttpServer> {
  const server = new HttpServer((request) => {
    const connection = acceptWebSocket(request, readHandshake(request), {
      onOpen: () => void connection.send(request.host),
      onMessage: (message) => void connection.send(message),
      onClose: () => undefined,
    });
  }, options);
  t.after(() => server.close({ graceMs: 0 }));
  return server;
}

/** The error of a failed connect, checked for secrets. */
async function failureOf(url: string, options: ConnectOptions = {}): Promise<GaleError> {
  try {
    await connectWebSocket(url, options);
  } catch (error) {
    assert.ok(error instanceof GaleError, inspect(error));
    assert.doesNotMatch(inspect(error), /hidden/);
    return error;
  }
  return assert.fail(`connected to ${url}`);
}

test('sends the headers of RFC 6455 §4.1 and the options, with a new key each time', async (t) => {
  const server = await serveBare(t);
  const options = { headers: { Cookie: 'a=b' }, protocols: [], origin: 'https://a.test' };
  for (let i = 0; i < 3; i++)
    (await connectWebSocket(`http://ada:pw@127.0.0.1:${server.port}/a?b`, options)).terminate();
  const requests = server.connections.map(({ request }) => request);
  const keys = requests.map((request) => /^Sec-WebSocket-Key: (.{24})\r$/m.exec(request)?.[1] ?? '');
  assert.equal(new Set(keys).size, 3);
  for (const key of keys) assert.equal(Buffer.from(key, 'base64').length, 16);
  assert.equal(
    requests[0],
    `GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${keys[0]}\r\nSec-WebSocket-Version: 13\r\nOrigin: https://a.test\r\n` +
      'Authorization: Basic YWRhOnB3\r\nCookie: a=b\r\n\r\n',
  );
});

test('reads a response split anywhere, with a frame after it', async (t) => {
  const frame = '\x81\x05Hello';
  const server = await serveBare(t, async (peer) => {
    const response = goodResponse(peer.request, 'X-Server: bare') + frame;
    const at = server.connections.length;
    for (const part of [response.slice(0, at), response.slice(at)]) {
      await new Promise((resolve) => void peer.socket.write(part, 'latin1', resolve));
    }
  });
  const bytes = goodResponse('', 'X-Server: bare').length + frame.length;
  for (let at = 1; at < bytes; at++) {
    const client = await connectWebSocket(server.url);
    assert.equal(client.headers.get('x-server'), 'bare');
    assert.equal(await client.readMessage(), 'Hello', `split at ${at}`);
    client.terminate();
  }
});

test('reads a response byte by byte', async (t) => {
  const server = await serveBare(t, async (peer) => {
    for (const part of goodResponse(peer.request)) {
      await new Promise((resolve) => void peer.socket.write(part, 'latin1', resolve));
    }
  });
  const client = await connectWebSocket(server.url);
  assert.equal(client.isOpen, true);
  client.terminate();
});

test('rejects with WS_CONNECT and its cause for a port without a listener', async () => {
  const port = await freePort();
  const error = await failureOf(`ws://ada:hidden@127.0.0.1:${port}/hidden?hidden`, {
    headers: { 'X-Token': 'hidden' },
  });
  assert.equal(error.code, 'WS_CONNECT');
  assert.equal(error.message, `ws://127.0.0.1:${port} could not be reached: ECONNREFUSED.`);
  assert.equal((error.cause as NodeJS.ErrnoException).code, 'ECONNREFUSED');
});

test('rejects with WS_CONNECT for both addresses of localhost without a listener', async () => {
  const port = await freePort();
  const error = await failureOf(`ws://localhost:${port}/`);
  assert.equal(error.message, `ws://localhost:${port} could not be reached: ECONNREFUSED.`);
});

for (const [what, act] of [
  ['ends', 'end'],
  ['resets', 'resetAndDestroy'],
] as const) {
  test(`rejects with WS_CONNECT when the server ${what} the connection before its response`, async (t) => {
    const server = await serveBare(t, (peer) => {
      peer.write('HTTP/1.1 101 Switching Protocols\r\nUpgra');
      peer.socket[act]();
    });
    const error = await failureOf(server.url);
    assert.equal(error.code, 'WS_CONNECT');
    assert.match(
      error.message,
      act === 'end' ? /closed the connection while .* a response/ : /: ECONNRESET\.$|response/,
    );
  });
}

test('rejects after connectTimeoutMs without a response and closes the connection', async (t) => {
  const server = await serveBare(t, () => undefined);
  const error = await failureOf(server.url, { connectTimeoutMs: 100 });
  assert.equal(error.code, 'WS_CONNECT');
  assert.match(error.message, /could not be reached within 100 ms \(connectTimeoutMs\), waiting for a response\.$/);
  const peer = await server.connected(1);
  await eventually(() => peer.ended || peer.closed);
});

test('connectTimeoutMs applies to the whole opening, a slow response included', async (t) => {
  const server = await serveBare(t, (peer) => {
    peer.write('HTTP/1.1 101 Switching Protocols\r\nX-Long: ');
    const drip = setInterval(() => peer.write('x'), 5);
    peer.socket.on('close', () => clearInterval(drip));
    t.after(() => clearInterval(drip));
  });
  assert.match((await failureOf(server.url, { connectTimeoutMs: 150 })).message, /within 150 ms/);
});

test('rejects after connectTimeoutMs while it waits for TLS', async (t) => {
  const server = await serveBare(t, () => undefined);
  const error = await failureOf(`wss://127.0.0.1:${server.port}`, { connectTimeoutMs: 200 });
  assert.match(error.message, /waiting for TLS\.$/);
});

test('reports status and headers of a refusal and follows no redirect', async (t) => {
  const target = await serveBare(t);
  const server = await serveBare(t, (peer) => {
    const isMoved = peer.request.startsWith('GET /moved');
    const moved = `302 Found\r\nLocation: http://127.0.0.1:${target.port}/?hidden`;
    peer.write(`HTTP/1.1 ${isMoved ? moved : '401 No\r\nWWW-Authenticate: Bearer'}\r\nContent-Length: 4\r\n\r\nbody`);
  });
  const refused = await failureOf(`${server.url}hidden`);
  assert.ok(refused instanceof WebSocketRefusedError);
  assert.deepEqual([refused.code, refused.response.status], ['WS_REFUSED', 401]);
  assert.equal(refused.response.headers.get('www-authenticate'), 'Bearer');
  const moved = await failureOf(`${server.url}moved`);
  assert.equal(moved.code, 'WS_REFUSED');
  assert.ok(moved.message.includes(`302 Found to http://127.0.0.1:${target.port}/; redirects are not followed`));
  assert.equal(target.connections.length, 0);
  for (const peer of server.connections) await eventually(() => peer.ended || peer.closed);
});

for (const [what, response] of [
  ['no HTTP', 'SSH-2.0-hidden\r\n'],
  ['a wrong Sec-WebSocket-Accept', goodResponse('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n')],
  ['no end', `HTTP/1.1 101 Switching Protocols\r\nX: ${'hidden'.repeat(4000)}`],
] as const) {
  test(`rejects a response of ${what} with WS_BAD_RESPONSE and closes the connection`, async (t) => {
    const server = await serveBare(t, (peer) => peer.write(response));
    assert.equal((await failureOf(server.url)).code, 'WS_BAD_RESPONSE');
    const peer = await server.connected(1);
    await eventually(() => peer.ended || peer.closed);
  });
}

test('an aborted signal prevents or stops connecting and is the reason', async (t) => {
  const server = await serveBare(t, () => undefined);
  const reason = new Error('changed my mind');
  const signal = AbortSignal.abort(reason);
  await assert.rejects(connectWebSocket(server.url, { signal }), reason);
  assert.equal(server.connections.length, 0);
  const controller = new AbortController();
  const connecting = connectWebSocket(server.url, { signal: controller.signal });
  const rejected = assert.rejects(connecting, reason);
  const peer = await server.connected(1);
  controller.abort(reason);
  await rejected;
  await eventually(() => peer.ended || peer.closed);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
});

test('a signal that aborts after the WebSocket is open has no effect', async (t) => {
  const server = await serveBare(t);
  const controller = new AbortController();
  const client = await connectWebSocket(server.url, { signal: controller.signal });
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  controller.abort();
  const peer = await server.connected(1);
  assert.equal(await client.writeMessage('still there'), true);
  await peer.saw('text still there');
  client.terminate();
});

test('rejects invalid arguments without an exception', async () => {
  await assert.rejects(connectWebSocket('gopher://a'), { code: 'WS_URL' });
  await assert.rejects(connectWebSocket('ws://a', { protocols: ['a b'] }), { code: 'OPTION_VALUE' });
  await assert.rejects(connectWebSocket('ws://a:1', { tls: {} }), { code: 'OPTION_VALUE' });
  await assert.rejects(connectWebSocket('ws://ada@a', { headers: { authorization: 'x' } }), { code: 'OPTION_VALUE' });
});

test('wss: connects to a server with a trusted certificate and sends its name', async (t) => {
  const cert = await readFixture('first-cert.pem');
  const server = await serveEcho(t, { tls: { cert, key: await readFixture('first-key.pem') } });
  const { port } = await server.listen(0, '127.0.0.1');
  for (const host of ['127.0.0.1', 'localhost']) {
    const client = await connectWebSocket(`wss://${host}:${port}/`, { tls: { ca: cert } });
    assert.equal(await client.readMessage(), `${host}:${port}`);
    const large = 'ü'.repeat(500_000);
    void client.writeMessage(large);
    assert.equal(await client.readMessage(), large);
    assert.deepEqual(await client.close(), { code: 1000, reason: '' });
  }
});

test('rejects an untrusted certificate or another name before it sends secrets', async (t) => {
  const cert = await readFixture('first-cert.pem');
  const received: Buffer[] = [];
  const server = createTlsServer({ cert, key: await readFixture('first-key.pem') }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => received.push(bytes));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = `wss://ada:hidden@127.0.0.1:${port}/?hidden`;
  const untrusted = await failureOf(url);
  assert.deepEqual(
    [untrusted.code, untrusted.message],
    ['WS_CONNECT', `wss://127.0.0.1:${port} could not be reached: DEPTH_ZERO_SELF_SIGNED_CERT.`],
  );
  const misnamed = await failureOf(url, { tls: { ca: cert, servername: 'other.test' } });
  assert.match(misnamed.message, /: ERR_TLS_CERT_ALTNAME_INVALID\.$/);
  assert.deepEqual(received, []);
});

test('rejects invalid TLS options with OPTION_VALUE and a server without TLS with WS_CONNECT', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const unusable = await failureOf(url, { tls: { cert: 'no certificate' } });
  assert.equal(unusable.code, 'OPTION_VALUE');
  assert.match(unusable.message, /^tls must be valid options of node:tls; got an error: /);
  const plain = await failureOf(url);
  assert.equal(plain.code, 'WS_CONNECT');
  assert.match(plain.message, /could not be reached: ERR_SSL_/);
});

test('connects to a Unix socket with the Host of the URL', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-'));
  t.after(() => rm(folder, { recursive: true }));
  const socketPath = join(folder, 'socket');
  const server = await serveEcho(t);
  await server.listen({ path: socketPath });
  const client = await connectWebSocket('ws://chat.test/', { socketPath });
  assert.equal(await client.readMessage(), 'chat.test');
  await client.close();
  const error = await failureOf('ws://chat.test/', { socketPath: join(folder, 'none') });
  assert.equal(error.message, 'ws://chat.test could not be reached: ENOENT.');
});

test('a process exits when its last client has closed or failed to connect', async (t) => {
  const server = await serveBare(t, (peer) => {
    peer.write(goodResponse(peer.request));
    peer.socket.on('data', () => peer.socket.end(Buffer.from('880203e8', 'hex')));
  });
  const program = `
    import { connectWebSocket } from ${JSON.stringify(new URL('client.ts', import.meta.url).href)};
    // A timer that were left would keep the process alive for ten minutes.
    const long = 600_000;
    const options = { connectTimeoutMs: long, websocket: { closeTimeoutMs: long, pingIntervalMs: long, pongTimeoutMs: long } };
    const client = await connectWebSocket('${server.url}', options);
    await connectWebSocket('ws://127.0.0.1:${await freePort()}', options).catch((error) => console.log(error.code));
    console.log((await client.close()).code);
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  assert.deepEqual([stdout, stderr], ['WS_CONNECT\n1000\n', '']);
});
