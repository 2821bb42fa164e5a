/** Address, scheme and host of a client after a proxy: PROXY headers, and headers of trusted proxies. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';
import { eventually, requestText, serve } from '../../../test/support/http/http-server.ts';
import { certificate, everything } from '../../../test/support/http/tls-client.ts';

const plain = [['Content-Type', 'text/plain']] as const;

/** Responds with protocol, address and host of the request. */
function who(request: HttpRequest, response: HttpResponse): void {
  response.send(200, plain, `${request.protocol} ${request.remoteAddress} ${request.host}`);
}

test('takes the client address from the PROXY header, with and without TLS', async (t) => {
  const proxyProtocol = true;
  const { port } = await serve(t, who, { proxyProtocol });
  const header = 'PROXY TCP4 203.0.113.7 198.51.100.1 4242 443\r\n';
  const text = header + requestText('GET /1') + requestText('GET /2', 'Connection: close');
  const whole = connect({ port, host: '127.0.0.1' });
  whole.write(text);
  assert.equal((await everything(whole)).split('http 203.0.113.7 test').length, 3);
  const dripping = connect({ port, host: '127.0.0.1', noDelay: true });
  for (const character of text) {
    dripping.write(character);
    await new Promise(setImmediate);
  }
  assert.equal((await everything(dripping)).split('http 203.0.113.7 test').length, 3);

  const { port: tlsPort } = await serve(t, who, { proxyProtocol, tls: await certificate('first') });
  const raw = connect({ port: tlsPort, host: '127.0.0.1' });
  raw.write(header);
  const socket = connectTls({ socket: raw, rejectUnauthorized: false });
  socket.write(requestText('GET /', 'Connection: close'));
  assert.match(await everything(socket), /https 203\.0\.113\.7 test$/);
});

test('destroys a connection without a valid PROXY header or from an untrusted peer', async (t) => {
  const { port, server } = await serve(t, who, { proxyProtocol: true, headTimeoutMs: 50 });
  for (const text of [requestText('GET /'), 'PROXY TCP4 nonsense\r\n', 'PROXY TCP4']) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.write(text);
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += String(chunk)));
    await once(socket, 'close');
    assert.equal(received, '');
  }
  await eventually(() => server.connectionCount === 0);

  const closed = await serve(t, who, { proxyProtocol: true, trustedProxies: ['192.0.2.1'] });
  const socket = connect({ port: closed.port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.write(`PROXY TCP4 203.0.113.7 198.51.100.1 4242 443\r\n${requestText('GET /')}`);
  socket.resume();
  await once(socket, 'close');
});

test('takes client, scheme and host from headers of trusted proxies, for each request', async (t) => {
  const { connect: open } = await serve(t, who, { trustedProxies: ['loopback'] });
  const client = await open();
  const cases: readonly [readonly string[], string][] = [
    [[], 'http 127.0.0.1 test'],
    [['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https'], 'https 203.0.113.7 test'],
    [['X-Forwarded-For: 198.51.100.9, 203.0.113.8'], 'http 203.0.113.8 test'],
    [['X-Forwarded-Host: chat.example'], 'http 127.0.0.1 chat.example'],
    [['Forwarded: for=203.0.113.9;proto=https'], 'http 127.0.0.1 test'],
  ];
  for (const [headers, expected] of cases) {
    await client.send(requestText('GET /', ...headers));
    assert.equal((await client.readResponse()).body, expected);
  }
});

test('ignores proxy headers of untrusted peers, and headers of the other kind', async (t) => {
  const strangers = await serve(t, who, { trustedProxies: ['192.0.2.1'] });
  const client = await strangers.connect();
  await client.send(requestText('GET /', 'X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https'));
  assert.equal((await client.readResponse()).body, 'http 127.0.0.1 test');

  const forwarded = await serve(t, who, { trustedProxies: ['loopback'], proxyHeaders: 'forwarded' });
  const other = await forwarded.connect();
  await other.send(requestText('GET /', 'Forwarded: for=203.0.113.9;proto=https', 'X-Forwarded-For: 203.0.113.7'));
  assert.equal((await other.readResponse()).body, 'https 203.0.113.9 test');
});

test('ignores forwarded headers on a connection whose PROXY header names no client', async (t) => {
  const { connect } = await serve(t, who, { trustedProxies: ['loopback'], proxyProtocol: true });
  for (const [header, expected] of [
    ['PROXY UNKNOWN\r\n', 'http 127.0.0.1 test'],
    ['PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n', 'http 203.0.113.7 test'],
  ] as const) {
    const client = await connect();
    await client.send(header + requestText('GET /', 'X-Forwarded-For: 203.0.113.7'));
    assert.equal((await client.readResponse()).body, expected);
  }
});
