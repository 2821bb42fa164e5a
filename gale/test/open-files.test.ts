import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawClient, requestText } from './support/http/http-server.ts';
import { toLimit } from '../src/run/open-files.ts';
import { eventually } from './support/eventually.ts';

const maxOpenFiles = 80;
const skip = process.platform === 'linux' ? false : 'the number of descriptors is known on Linux only';

interface Line {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Starts the server with few descriptors. */
async function start(t: TestContext): Promise<{ connect(): Promise<RawClient>; lines: Line[] }> {
  const program = fileURLToPath(new URL('support/processes/open-files-process.ts', import.meta.url));
  const command = `ulimit -n ${maxOpenFiles}; exec "$0" --conditions=gale-source "$1"`;
  const child = spawn('sh', ['-c', command, process.execPath, program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill();
    const [, signal] = await exited;
    assert.equal(signal, 'SIGTERM', 'it ran until the end');
  });
  const failed = exited.then(([code, signal]) => Promise.reject(new Error(`the server ended with ${signal ?? code}`)));
  failed.catch(() => {});
  const [port] = (await Promise.race([once(child, 'message'), failed])) as [number];
  const lines: Line[] = [];
  child.on('message', (line) => void lines.push(line as Line));
  const clients: RawClient[] = [];
  t.after(() => clients.forEach(({ socket }) => socket.destroy()));
  return {
    lines,
    async connect() {
      const client = new RawClient(port);
      clients.push(client);
      await Promise.race([client.opened, client.closed]);
      return client;
    },
  };
}

async function ask(client: RawClient, path: string): Promise<{ status: number; body: string }> {
  await client.send(requestText(`GET ${path}`));
  const { status, body } = await client.readResponse();
  return { status, body };
}

test('reserves a sixteenth of all descriptors, at least 8 and at most 256', () => {
  assert.deepEqual(
    [64, 1024, 20_000, Infinity].map((max) => toLimit(max).reserve),
    [8, 64, 256, 0],
  );
});

test(
  'keeps descriptors for files and databases when connections take all others, and logs one warning',
  { skip },
  async (t) => {
    const { connect, lines } = await start(t);
    const first = await connect();
    assert.deepEqual(await ask(first, '/'), { status: 200, body: 'here' });
    const crowd = await Promise.all(Array.from({ length: 2 * maxOpenFiles }, connect));
    await eventually(() => lines.length > 0);
    assert.deepEqual(await ask(first, '/file/small.txt'), { status: 200, body: 'small' });
    assert.deepEqual(await ask(first, '/database'), { status: 200, body: 'stored' });
    const refused = crowd.filter(({ received }) => received.startsWith('HTTP/1.1 503 '));
    const closedCount = (): number => crowd.filter(({ ended }) => ended).length;
    assert.ok(refused.length > 0, 'some get 503');
    await eventually(
      () => closedCount() >= maxOpenFiles,
      () => `${closedCount()} are closed`,
    );
    const served = crowd.find(({ ended }) => !ended);
    assert.ok(served !== undefined, 'some were accepted');
    assert.deepEqual(await ask(served, '/'), { status: 200, body: 'here' });
    assert.equal(lines.length, 1, JSON.stringify(lines));
    const { message, fields } = lines[0] as Line;
    assert.match(message, /^File descriptors run out/);
    assert.equal(fields['maxOpenFiles'], maxOpenFiles);
    assert.ok(Number(fields['openFiles']) >= maxOpenFiles - 8 && Number(fields['openFiles']) <= maxOpenFiles);
    assert.ok(Number(fields['connections']) > 0);
    for (const { socket } of crowd) socket.destroy();
    await eventually(async () => {
      const again = await connect();
      await again.send(requestText('GET /'));
      await again.until((received) => received !== '' || again.ended).catch(() => {});
      return again.received.startsWith('HTTP/1.1 200 ');
    });
  },
);

test('responds 503 to a request for a file that is not in memory when no descriptors are left', { skip }, async (t) => {
  const { connect, lines } = await start(t);
  const client = await connect();
  assert.deepEqual(await ask(client, '/file/small.txt'), { status: 200, body: 'small' });
  assert.match((await ask(client, '/take')).body, /^[1-9]\d* taken$/);
  for (let count = 0; count < 3; count++) assert.equal((await ask(client, '/file/other.txt')).status, 503);
  assert.equal((await ask(client, '/give')).body, 'given back');
  assert.deepEqual(await ask(client, '/file/other.txt'), { status: 200, body: 'other' });
  assert.equal(lines.length, 1, JSON.stringify(lines));
  assert.match(lines[0]?.message ?? '', /^File descriptors run out/);
});
