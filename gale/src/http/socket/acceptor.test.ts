import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';
import { eventually, requestText, serve } from '../../../test/support/http/http-server.ts';
import { certificate, everything } from '../../../test/support/http/tls-client.ts';

const plain = [['Content-Type', 'text/plain']] as const;

/** Responds with protocol, address and host of the request. */
function who(request: HttpRequest, response: HttpResponse): void {
  response.send(200, plain, `${request.protocol} ${request.remoteAddress} ${request.host}`);
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

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
