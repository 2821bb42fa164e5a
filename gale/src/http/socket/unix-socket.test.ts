import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';
import { requestText, serve } from '../../../test/support/http/http-server.ts';
import { everything } from '../../../test/support/http/tls-client.ts';

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
