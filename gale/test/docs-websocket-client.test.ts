/** Runs the programs of docs/guide/websocket-client.md. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { stripTypeScriptTypes } from 'node:module';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { HttpServer } from '../src/http/server.ts';
import { acceptWebSocket } from '../src/websocket/accept.ts';
import { readHandshake } from '../src/websocket/protocol/handshake.ts';
import { programsOf, startProgram } from './support/document-program.ts';
import { root } from './support/repository.ts';

const examples = await programsOf('docs/guide/websocket-client.md');
const [shout = '', ask = '', follow = ''] = examples;

/** Runs a program until it ends, with `port` in place of 8888. */
function run(program: string, port: number): Promise<{ stdout: string; stderr: string }> {
  const text = stripTypeScriptTypes(program.replaceAll('8888', String(port)));
  return promisify(execFile)(process.execPath, ['--conditions=gale-source', '--input-type=module', '-e', text], {
    cwd: root,
    timeout: 30_000,
  });
}

test('the client of the guide gets a message from the server of the guide, and ends', async (t) => {
  const { port } = await startProgram(t, shout);
  const { stdout, stderr } = await run(ask, port);
  assert.deepEqual([stdout, stderr], ['HELLO\n1000\n', '']);
});

test('the follower of the guide reconnects, and ends when it is refused', async (t) => {
  const port = await serveNews(t);
  await assert.rejects(run(follow, port), (error: { stdout: string; stderr: string }) => {
    assert.equal(error.stdout, 'news 1\nclosed with 1012 back soon\nnews 2\nclosed with 1012 back soon\n');
    assert.match(error.stderr, /WebSocketRefusedError: .* responded to a WebSocket handshake with 401 Unauthorized\./);
    assert.doesNotMatch(error.stderr, /4711/);
    return true;
  });
});

/** A server that sends news to the first two clients and refuses the third. */
async function serveNews(t: TestContext): Promise<number> {
  let clients = 0;
  const server = new HttpServer((request, response) => {
    assert.equal(request.headers.get('authorization'), 'Bearer 4711');
    if (++clients > 2) return response.send(401, [], '');
    const connection = acceptWebSocket(request, readHandshake(request), {
      onOpen() {
        connection.send(`news ${clients}`);
        connection.close(1012, 'back soon');
      },
      onMessage: () => undefined,
      onClose: () => undefined,
    });
  });
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen(0, 'localhost');
  return port;
}
