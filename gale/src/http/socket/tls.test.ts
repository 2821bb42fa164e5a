/** TLS: handshakes, certificates, and responses over it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions as TlsConnectOptions, SecureContextOptions } from 'node:tls';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';
import { HttpServer } from '../server.ts';
import type { HttpServerOptions } from '../options/server-options.ts';
import { eventually, requestText, serve } from '../../../test/support/http/http-server.ts';
import { certificate, everything, secure } from '../../../test/support/http/tls-client.ts';

const plain = [['Content-Type', 'text/plain']] as const;

/** Responds with protocol, address and host of the request. */
function who(request: HttpRequest, response: HttpResponse): void {
  response.send(200, plain, `${request.protocol} ${request.remoteAddress} ${request.host}`);
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
