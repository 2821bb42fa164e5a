import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions as TlsConnectOptions, SecureContextOptions, TLSSocket } from 'node:tls';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';
import { HttpServer } from '../server.ts';
import type { HttpServerOptions } from '../options/server-options.ts';
import { eventually, requestText, serve } from '../../../test/support/http/http-server.ts';

const fixtures = new URL('../../../test/fixtures/tls/', import.meta.url);
const plain = [['Content-Type', 'text/plain']] as const;

async function certificate(name: 'first' | 'second'): Promise<{ cert: string; key: string }> {
  const read = (file: string): Promise<string> => readFile(new URL(`${name}-${file}.pem`, fixtures), 'utf8');
  return { cert: await read('cert'), key: await read('key') };
}

/** Responds with protocol, address and host of the request. */
function who(request: HttpRequest, response: HttpResponse): void {
  response.send(200, plain, `${request.protocol} ${request.remoteAddress} ${request.host}`);
}

/** A client of a TLS server that checks no certificate; ends with the test. */
async function secure(t: TestContext, port: number, options: TlsConnectOptions = {}): Promise<TLSSocket> {
  const ALPNProtocols = ['h2', 'http/1.1'];
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols, ...options });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** All bytes until the connection ends. */
async function everything(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('serves HTTP over TLS, with bodies, streams and responses larger than any buffer', async (t) => {
  const { port } = await serve(
    t,
    async (request, response) => {
      const body = await request.body.bytes();
      response.start(200, plain);
      await response.write(`${request.protocol} ${body.length} `);
      for (let part = 0; part < 40; part++) await response.write('#'.repeat(100_000));
      await response.end();
    },
    { tls: await certificate('first') },
  );
  const socket = await secure(t, port);
  assert.equal(socket.alpnProtocol, 'http/1.1');
  const body = 'b'.repeat(300_000);
  socket.write(requestText('POST /', `Content-Length: ${body.length}`, 'Connection: close') + body);
  const response = await everything(socket);
  assert.match(response, /^HTTP\/1\.1 200 OK\r\n[^]*https 300000 /);
  assert.equal(response.split('#').length - 1, 4_000_000);
});

test('sends many small responses over one TLS connection unchanged', async (t) => {
  const { port } = await serve(t, (request, response) => response.send(200, plain, request.path.repeat(50)), {
    tls: await certificate('first'),
  });
  const socket = await secure(t, port);
  const count = 500;
  for (let index = 0; index < count; index++) {
    socket.write(requestText(`GET /${index}`, ...(index === count - 1 ? ['Connection: close'] : [])));
  }
  const bodies = (await everything(socket)).split(/HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)+\r\n/).slice(1);
  assert.deepEqual(
    bodies,
    Array.from({ length: count }, (_, index) => `/${index}`.repeat(50)),
  );
});

test('uses a new certificate for the next connection and keeps open connections', async (t) => {
  const { port, server } = await serve(t, who, { tls: await certificate('first') });
  const before = await secure(t, port);
  assert.equal(before.getPeerCertificate().subject.CN, 'first.test');
  server.setCertificate(await certificate('second'));
  const after = await secure(t, port);
  assert.equal(after.getPeerCertificate().subject.CN, 'second.test');
  before.write(requestText('GET /', 'Connection: close'));
  assert.match(await everything(before), /https 127\.0\.0\.1 test$/);

  assert.throws(() => server.setCertificate({ cert: 'no certificate', key: 'no key' }));
  assert.equal((await secure(t, port)).getPeerCertificate().subject.CN, 'second.test');
  const { port: other } = await server.listen(0, '127.0.0.1');
  assert.equal((await secure(t, other)).getPeerCertificate().subject.CN, 'second.test');
});

test('rejects an invalid certificate at construction, and any certificate for a server without TLS', async (t) => {
  assert.throws(() => new HttpServer(who, { tls: { cert: 'no certificate', key: 'no key' } }));
  const { server } = await serve(t, who);
  assert.throws(() => server.setCertificate({}), { code: 'OPTION_VALUE' });
});

test('destroys connections that do not use TLS or do not finish the handshake', async (t) => {
  const { port, server } = await serve(t, who, { tls: await certificate('first'), headTimeoutMs: 50 });
  const clear = connect({ port, host: '127.0.0.1' });
  clear.on('error', () => {});
  clear.write(requestText('GET /'));
  await once(clear, 'close');
  const silent = connect({ port, host: '127.0.0.1' });
  silent.on('error', () => {});
  silent.resume();
  await once(silent, 'close');
  await eventually(() => server.connectionCount === 0);
});

test('closes connections during the handshake and serves those after it when the server closes', async (t) => {
  const waiting: HttpResponse[] = [];
  const { port, server } = await serve(t, (_, response) => void waiting.push(response), {
    tls: await certificate('first'),
    // Only the close ends this handshake.
    headTimeoutMs: 0,
  });
  const silent = connect({ port, host: '127.0.0.1' });
  silent.on('error', () => {});
  await once(silent, 'connect');
  const socket = await secure(t, port);
  socket.write(requestText('GET /'));
  await eventually(() => waiting.length === 1 && server.connectionCount === 2);
  const closed = server.close({ graceMs: 2 ** 31 - 1 });
  await once(silent, 'close');
  await eventually(() => server.connectionCount === 1);
  assert.equal(waiting.length, 1);
  waiting[0]?.send(200, plain, 'the last');
  assert.match(await everything(socket), /Connection: close\r\n\r\nthe last$/);
  await closed;
});

for (const kind of ['tls', 'proxyProtocol'] as const) {
  test(`closes without delay while clients have not begun their ${kind}`, async (t) => {
    const options = kind === 'tls' ? { tls: await certificate('first') } : { proxyProtocol: true };
    const { port, server } = await serve(t, who, { ...options, headTimeoutMs: 0 });
    const silent = Array.from({ length: 5 }, () => connect({ port, host: '127.0.0.1' }));
    const gone = silent.map((socket) => once(socket.on('error', () => {}).resume(), 'close'));
    await eventually(() => server.connectionCount === 5);
    await server.close({ graceMs: 2 ** 31 - 1 });
    assert.equal(server.connectionCount, 0);
    await Promise.all(gone);
  });
}

test('drops a client that disconnects during the handshake and logs it without a stack', async (t) => {
  const lines: { readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[] = [];
  const info = (fields: object, message: string): void => {
    lines.push({ fields: fields as Record<string, unknown>, message });
  };
  const { port, server } = await serve(t, who, {
    tls: await certificate('first'),
    headTimeoutMs: 0,
    log: { debug() {}, info, warn: info, error: info },
  });
  const hello = Buffer.from('160301020001000', 'hex');
  const leave: readonly ((socket: Socket) => void)[] = [
    (socket) => socket.end(),
    (socket) => socket.end(hello),
    (socket) => socket.destroy(),
    (socket) => socket.write(hello, () => socket.destroy()),
    (socket) => socket.resetAndDestroy(),
  ];
  for (const [index, how] of leave.entries()) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    await eventually(() => server.connectionCount === 1);
    how(socket);
    await eventually(() => server.connectionCount === 0 && lines.length === index + 1);
  }
  for (const { fields, message } of lines) {
    assert.equal(message, 'TLS handshake failed');
    assert.equal(fields['code'], 'ECONNRESET');
    assert.equal(typeof fields['reason'], 'string');
    assert.equal('err' in fields, false);
  }
});

test('responds to a half-closed client over TLS', async (t) => {
  const { port } = await serve(t, who, { tls: await certificate('first') });
  const socket = connectTls({
    socket: connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
    rejectUnauthorized: false,
  });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  socket.end(requestText('GET /'));
  assert.match(await everything(socket), /https 127\.0\.0\.1 test$/);
});

test('keeps the other TLS options with a new certificate', async (t) => {
  const [first, second] = [await certificate('first'), await certificate('second')];
  const { port, server } = await serve(t, who, {
    tls: { ...first, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: true, ca: [first.cert] },
  });
  const visit = async (options: TlsConnectOptions): Promise<string> => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    t.after(() => socket.destroy());
    socket.write(requestText('GET /', 'Connection: close'));
    return everything(socket);
  };
  const assertStrict = async (): Promise<void> => {
    assert.match(await visit(first), /https 127\.0\.0\.1 test$/);
    await assert.rejects(visit({ ...first, maxVersion: 'TLSv1.2' }), /protocol version/);
    await assert.rejects(visit({}), (error: NodeJS.ErrnoException) =>
      /^(?:ERR_SSL|EPROTO|ECONNRESET|EPIPE)/.test(error.code ?? ''),
    );
  };
  await assertStrict();
  server.setCertificate(second);
  assert.equal((await secure(t, port, first)).getPeerCertificate().subject.CN, 'second.test');
  await assertStrict();
});

test('rejects TLS options without a certificate, at construction and in setCertificate', async (t) => {
  const { cert, key } = await certificate('first');
  const wrong: readonly unknown[] = [
    {},
    { crt: 'x' },
    null,
    '',
    'x',
    { cert },
    { key },
    { cert: '', key },
    { cert: [], key },
  ];
  const refusal = { code: 'OPTION_VALUE', message: /cert and key, or pfx/ };
  const { server, port } = await serve(t, who, { tls: { cert, key } });
  for (const tls of wrong) {
    assert.throws(() => new HttpServer(who, { tls } as HttpServerOptions), refusal);
    assert.throws(() => server.setCertificate(tls as SecureContextOptions), refusal);
  }
  assert.equal((await secure(t, port)).getPeerCertificate().subject.CN, 'first.test');
  const { key: another } = await certificate('second');
  assert.throws(() => server.setCertificate({ cert, key: another }), { code: /^ERR_OSSL/ });
  await new HttpServer(who, { tls: { SNICallback: () => {} } }).close();
});

test('does not end a truncated response over TLS like a complete one', async (t) => {
  const { port, complaints } = await serve(
    t,
    async (_, response) => {
      response.start(200, plain);
      await response.write('half');
      throw new Error('broken');
    },
    { tls: await certificate('first') },
  );
  const socket = await secure(t, port);
  socket.write('GET / HTTP/1.0\r\n\r\n');
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.match(String(error.code), /^(?:ECONNRESET|EPIPE)$/);
  assert.equal(complaints.splice(0).length, 1);
});

test('listens at a Unix socket that only its owner may use, and removes it on close', async (t) => {
  const path = join(await temporaryFolder(t), 'gale.sock');
  const { server } = await serve(t, who);
  assert.deepEqual(await server.listen({ path }), { port: 0, host: path });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const socket = connect({ path });
  socket.write(requestText('GET /', 'Connection: close'));
  assert.match(await everything(socket), /\r\n\r\nhttp  test$/);
  await server.close({ graceMs: 0 });
  await assert.rejects(stat(path), { code: 'ENOENT' });
});

test("a Unix socket is its owner's alone from its first moment on, whatever the process gives to new files", async (t) => {
  const path = join(await temporaryFolder(t), 'gale.sock');
  const { server } = await serve(t, who);
  const before = process.umask(0);
  let first: number;
  let listening: Promise<unknown>;
  try {
    listening = server.listen({ path });
    first = statSync(path).mode & 0o777;
    assert.equal(process.umask(), 0);
  } finally {
    process.umask(before);
  }
  await listening;
  assert.equal(first, 0o600);
});

test('replaces an abandoned socket file, but no socket in use and no other file', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'gale.sock');
  const first = await serve(t, who);
  await first.server.listen({ path, mode: 0o666 });
  assert.equal((await stat(path)).mode & 0o777, 0o666);
  const second = await serve(t, who);
  await assert.rejects(second.server.listen({ path }), { code: 'EADDRINUSE' });

  // A killed server leaves a socket file without a listener.
  const left = join(folder, 'left.sock');
  const killed = createServer().listen(left);
  await once(killed, 'listening');
  const kept = join(folder, 'kept.sock');
  await rename(left, kept);
  killed.close();
  await once(killed, 'close');
  await rename(kept, left);
  await second.server.listen({ path: left });
  const socket = connect({ path: left });
  socket.write(requestText('GET /', 'Connection: close'));
  assert.match(await everything(socket), /200 OK/);

  const text = join(folder, 'notes.txt');
  await writeFile(text, 'not a socket');
  await chmod(text, 0o600);
  await assert.rejects((await serve(t, who)).server.listen({ path: text }), { code: 'EADDRINUSE' });
  assert.equal(await readFile(text, 'utf8'), 'not a socket');
});

test('rejects invalid options of listen with name, value and range', async (t) => {
  const { server, port } = await serve(t, who);
  const wrong: readonly (readonly [unknown, string, RegExp])[] = [
    ['8970', 'OPTION_VALUE', /^port must be an integer from 0 to 65535; got "8970"\.$/],
    ['x', 'OPTION_VALUE', /^port must be .*; got "x"\.$/],
    [undefined, 'OPTION_VALUE', /^port must be .*; got undefined\.$/],
    [null, 'OPTION_VALUE', /^port must be .*; got null\.$/],
    [-1, 'OPTION_VALUE', /^port must be .*; got -1\.$/],
    [65_536, 'OPTION_VALUE', /^port must be .*; got 65536\.$/],
    [{ prot: 1 }, 'OPTION_UNKNOWN', /^Unknown listen option prot; the options are port, /],
    [{ hosst: '::1' }, 'OPTION_UNKNOWN', /^Unknown listen option hosst; /],
    [{ host: 5 }, 'OPTION_VALUE', /^host must be a string; got 5\.$/],
    [{ path: '' }, 'OPTION_VALUE', /^path must be the path of a Unix socket; got ""\.$/],
    [{ mode: 0o1000 }, 'OPTION_VALUE', /^mode must be .*; got 512\.$/],
    [{ backlog: -1 }, 'OPTION_VALUE', /^backlog must be .*; got -1\.$/],
    [{ backlog: '5' }, 'OPTION_VALUE', /^backlog must be .*; got "5"\.$/],
    [{ reusePort: 'yes' }, 'OPTION_VALUE', /^reusePort must be true or false; got "yes"\.$/],
  ];
  for (const [given, code, message] of wrong) await assert.rejects(server.listen(given as number), { code, message });
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
});

test('does not start to listen once it is closed, at any point of listen', async (t) => {
  const folder = await temporaryFolder(t);
  const refusal = { code: 'HTTP_CLOSED' };
  const { server } = await serve(t, who);
  const path = join(folder, 'gale.sock');
  // Neither server has bound yet, or reported it.
  const refused = [{ path }, { host: 'localhost' }].map((where) => assert.rejects(server.listen(where), refusal));
  const closed = server.close();
  await assert.rejects(server.listen(0), refusal);
  await closed;
  await Promise.all(refused);
  await assert.rejects(server.listen(0), refusal);
  await assert.rejects(stat(path), { code: 'ENOENT' });
});

test('listens at several addresses and closes them all', async (t) => {
  const { server, port } = await serve(t, who);
  const { port: second } = await server.listen({ host: '127.0.0.1' });
  assert.notEqual(second, port);
  for (const each of [port, second]) assert.equal((await fetch(`http://127.0.0.1:${each}/`)).status, 200);
  await server.close({ idleMs: 0 });
  for (const each of [port, second]) await assert.rejects(fetch(`http://127.0.0.1:${each}/`));
});

test('shares one port between two servers with reusePort', async (t) => {
  const one = await serve(t, (_, response) => response.send(200, plain, 'one'));
  const two = await serve(t, (_, response) => response.send(200, plain, 'two'));
  const { port } = await one.server.listen({ host: '127.0.0.1', reusePort: true });
  await two.server.listen({ host: '127.0.0.1', port, reusePort: true });
  await assert.rejects((await serve(t, who)).server.listen({ host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
  const seen = new Set<string>();
  // The operating system chooses by the port of the client; the probability that one server gets no connection is 2^-100.
  for (let attempt = 0; attempt < 100 && seen.size < 2; attempt++) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write(requestText('GET /', 'Connection: close'));
    seen.add((await everything(socket)).slice(-3));
  }
  assert.deepEqual([...seen].toSorted(), ['one', 'two']);
});

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

test('destroys the connection of a TLS 1.2 client that renegotiates repeatedly', async (t) => {
  const { port } = await serve(t, who, { tls: await certificate('first') });
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  let count = 0;
  const renegotiate = (): void => {
    socket.renegotiate({}, (error) => {
      if (error === null && ++count < 100) renegotiate();
      else if (count === 100) socket.destroy();
    });
  };
  renegotiate();
  await once(socket, 'close');
  assert.ok(count < 100, `${count} renegotiations`);
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
