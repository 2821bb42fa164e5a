/** A program in several processes: real processes, real signals, and no leaked process at the end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../test/support/eventually.ts';
import { isAlive, StartedProgram, type Serving } from '../../test/support/started-program.ts';
import { RawClient, requestText } from '../../test/support/http/http-server.ts';

/** Sends a request. @returns The process that responds on this connection. */
async function sendRequest(client: RawClient, ...headers: readonly string[]): Promise<Serving> {
  await client.send(requestText('GET /', ...headers));
  const response = await client.readResponse();
  assert.equal(response.status, 200);
  return JSON.parse(response.body) as Serving;
}

/** One keep-alive connection to each of `count` processes, in the order of their index. */
async function connectToEach(port: number, count: number): Promise<readonly RawClient[]> {
  const clients: RawClient[] = [];
  while (Object.keys(clients).length < count) {
    const client = new RawClient(port);
    const { index } = await sendRequest(client);
    if (clients[index]) client.socket.destroy();
    else clients[index] = client;
  }
  return clients;
}

async function assertNoneLeft(program: StartedProgram): Promise<void> {
  await eventually(
    () => !program.served.some(({ pid }) => isAlive(pid)),
    () => 'a process is left',
  );
}

function endAll(clients: readonly RawClient[]): void {
  for (const { socket } of clients) socket.destroy();
}

for (const [signal, who, count] of [
  ['SIGTERM', 'one', 3],
  ['SIGINT', 'group', 2],
  ['SIGTERM', 'group', 2],
] as const) {
  test(`${signal} to ${who === 'one' ? 'the primary' : 'the whole group'} shuts down all processes gracefully, each once`, async (t) => {
    const program = new StartedProgram(t, { processes: count });
    const served = await program.serving(count);
    assert.deepEqual(
      served.map(({ index, count, restarts }) => [index, count, restarts]).toSorted(),
      Array.from({ length: count }, (_, index) => [index, count, 0]),
    );
    assert.equal(new Set(served.map(({ port }) => port)).size, 1);
    assert.ok(!served.some(({ pid }) => pid === program.pid), 'the primary serves nothing');
    const clients = await connectToEach(served[0]?.port ?? 0, count);
    for (const client of clients) {
      await sendRequest(client);
      await client.send(requestText('POST /', 'Content-Length: 10') + '01234');
    }
    // A round trip with each process, so that each has read its half request.
    endAll(await connectToEach(served[0]?.port ?? 0, count));
    program.signal(signal, who);
    await program.until(() => program.lines.filter((line) => 'closing' in line).length === count);
    for (const client of clients) {
      await client.send('56789');
      const response = await client.readResponse();
      assert.deepEqual([response.status, response.headers.get('connection')], [200, 'close']);
      assert.equal(await client.rest(), '');
    }
    endAll(clients);
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    assert.deepEqual([program.logged, program.errors], [[], '']);
    assert.deepEqual(program.lines.filter((line) => 'closing' in line).length, count);
    await assertNoneLeft(program);
  });
}

test('replaces a killed process by one with its index, while the others continue', async (t) => {
  const program = new StartedProgram(t, { processes: 3 });
  const [{ port } = { port: 0 }] = await program.serving(3);
  const clients = await connectToEach(port, 3);
  const victim = program.served.find(({ index }) => index === 1)!;
  process.kill(victim.pid, 'SIGKILL');
  assert.equal(await clients[1]?.rest(), '');
  // Clients of the other processes notice nothing.
  while (program.served.length < 4) {
    for (const index of [0, 2]) assert.equal((await sendRequest(clients[index]!)).index, index);
  }
  const [fresh] = await program.serving(4).then((served) => served.slice(3));
  assert.deepEqual([fresh?.port, fresh?.index, fresh?.restarts], [port, 1, 1]);
  const again = await connectToEach(port, 3);
  assert.equal((await sendRequest(again[1]!)).pid, fresh?.pid);
  const [warning, ...others] = program.logged;
  assert.deepEqual(
    [
      warning?.['level'],
      warning?.['msg'],
      warning?.['index'],
      warning?.['pid'],
      warning?.['code'],
      warning?.['signal'],
    ],
    [40, 'A process ended; another one is started', 1, victim.pid, null, 'SIGKILL'],
  );
  assert.deepEqual(others, []);
  endAll([...clients, ...again]);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended, { code: 0, signal: null });
  await assertNoneLeft(program);
});

test('replaces a crashed process and prints its stack', async (t) => {
  const program = new StartedProgram(t, { processes: 2 });
  const [{ port } = { port: 0 }] = await program.serving(2);
  const client = new RawClient(port);
  const { index } = await sendRequest(client);
  await client.send(requestText('GET /crash'));
  assert.equal(await client.rest(), '');
  client.socket.destroy();
  const [, , fresh] = await program.serving(3);
  assert.deepEqual([fresh?.index, fresh?.restarts], [index, 1]);
  assert.match(program.errors, /a fault outside of any handler\n\s+at /);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended, { code: 0, signal: null });
});

test('SIGTERM to one worker shuts it down gracefully, and it is replaced; SIGINT to one worker does nothing', async (t) => {
  const program = new StartedProgram(t, { processes: 2 });
  const [{ port } = { port: 0 }] = await program.serving(2);
  const [first, second] = (await connectToEach(port, 2)) as [RawClient, RawClient];
  await first.send(requestText('POST /', 'Content-Length: 10') + '01234');
  endAll(await connectToEach(port, 2));
  const { pid } = program.served.find(({ index }) => index === 0)!;
  process.kill(pid, 'SIGINT');
  process.kill(pid, 'SIGTERM');
  assert.equal(await program.says('closing'), pid);
  await first.send('56789');
  const response = await first.readResponse();
  assert.deepEqual([response.status, response.headers.get('connection')], [200, 'close']);
  first.socket.destroy();
  const [, , fresh] = await program.serving(3);
  assert.deepEqual([fresh?.index, fresh?.restarts, fresh?.port], [0, 1, port]);
  assert.deepEqual([program.logged[0]?.['code'], program.logged[0]?.['signal']], [0, null]);
  assert.equal((await sendRequest(second)).index, 1);
  second.socket.destroy();
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended, { code: 0, signal: null });
});

test('a program whose processes keep crashing ends with code 1 when the limit of restarts is reached', async (t) => {
  const program = new StartedProgram(t, { processes: 2, crashIndex: 1, maxRestartsPerMinute: 3 });
  assert.deepEqual(await program.ended, { code: 1, signal: null });
  assert.equal(
    program.errors,
    'Process 1 ended with code 70 after 3 restarts within a minute; ' +
      'the program ends; see why they crash, or raise maxRestartsPerMinute.\n',
  );
  const ofCrashing = program.served.filter(({ index }) => index === 1);
  assert.deepEqual(
    ofCrashing.map(({ restarts }) => restarts),
    [0, 1, 2, 3],
  );
  assert.equal(program.logged.length, 3);
  // The other process shut down gracefully.
  const other = program.served.find(({ index }) => index === 0);
  assert.deepEqual(
    program.lines.flatMap((line) => line['closing'] ?? []),
    [other?.pid],
  );
  await assertNoneLeft(program);
});

for (const [start, output] of [
  ['gale', /^The store is not there; give another\.\n$/],
  ['explained', /^explained: no such store\n$/],
  ['exit', /^Process \d ended with code 3 before it was ready\.\n$/],
  ['killed', /^Process \d was ended by SIGKILL before it was ready\.\n$/],
] as const) {
  test(`a start that fails in every process (${start}) is reported once, without a restart; exit code 1`, async (t) => {
    const program = new StartedProgram(t, { processes: 3, start });
    assert.deepEqual(await program.ended, { code: 1, signal: null });
    assert.match(program.errors, output);
    assert.deepEqual(program.lines, []);
  });
}

test('a start that fails in one process shuts down the others gracefully; exit code 1', async (t) => {
  const program = new StartedProgram(t, { processes: 2, start: 'gale', startIndex: 1 });
  assert.deepEqual(await program.ended, { code: 1, signal: null });
  assert.equal(program.errors, 'The store is not there; give another.\n');
  assert.deepEqual(program.logged, []);
  assert.deepEqual(
    program.lines.flatMap((line) => line['closing'] ?? []),
    program.served.map(({ pid }) => pid),
  );
  assert.equal(program.served.length, 1);
  await assertNoneLeft(program);
});

test('reports a port in use on one line, with exit code 1', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const program = new StartedProgram(t, { processes: 3, port });
  assert.deepEqual(await program.ended, { code: 1, signal: null });
  assert.equal(program.errors, `bind EADDRINUSE 127.0.0.1:${port}\n`);
});

test('shares a Unix socket, and takes it over from a killed program', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-run-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'socket');
  const killed = new StartedProgram(t, { processes: 2, path });
  await killed.serving(2);
  killed.signal('SIGKILL');
  await assertNoneLeft(killed);
  assert.ok(existsSync(path), 'its file is left');
  const program = new StartedProgram(t, { processes: 2, path });
  await program.serving(2);
  const indexes = new Set<number>();
  while (indexes.size < 2) {
    const sent = request({ socketPath: path, agent: false }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    indexes.add(((await json(response)) as Serving).index);
  }
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended, { code: 0, signal: null });
  assert.ok(!existsSync(path), 'its file is gone');
});

test('when the primary is killed, the workers finish requests in flight and end', async (t) => {
  const program = new StartedProgram(t, { processes: 2 });
  const [{ port } = { port: 0 }] = await program.serving(2);
  const clients = await connectToEach(port, 2);
  for (const client of clients) await client.send(requestText('POST /', 'Content-Length: 10') + '01234');
  endAll(await connectToEach(port, 2));
  program.signal('SIGKILL');
  await eventually(() => program.lines.filter((line) => 'closing' in line).length === 2);
  for (const client of clients) {
    await client.send('56789');
    const response = await client.readResponse();
    assert.deepEqual([response.status, response.headers.get('connection')], [200, 'close']);
  }
  endAll(clients);
  await assertNoneLeft(program);
  assert.deepEqual(await program.ended, { code: null, signal: 'SIGKILL' });
});

test('a second signal ends all processes immediately', async (t) => {
  const program = new StartedProgram(t, { processes: 2, close: 'hangs' });
  await program.serving(2);
  program.signal('SIGINT', 'group');
  await program.until(() => program.lines.filter((line) => 'closing' in line).length === 2);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended, { code: 143, signal: null });
  await assertNoneLeft(program);
});

test('a close that rejects in the processes makes the exit code 1', async (t) => {
  const program = new StartedProgram(t, { processes: 2, close: 'rejects' });
  await program.serving(2);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended, { code: 1, signal: null });
  assert.equal(program.logged.length, 2);
  await assertNoneLeft(program);
});

test('kills a worker that does not react to the stop message, and logs it; exit code 1', async (t) => {
  const fixture = fileURLToPath(new URL('../../test/support/programs/impatient-primary.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=gale-source', fixture], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<Record<string, unknown>> =>
    JSON.parse(String((await lines.next()).value)) as Record<string, unknown>;
  const { pids } = (await nextLine()) as { pids: [number, number] };
  process.kill(pids[1], 'SIGSTOP');
  child.kill('SIGTERM');
  const { level, msg, killMs } = await nextLine();
  assert.deepEqual([level, msg, killMs], [50, 'Processes did not stop in time; they are killed', 10]);
  assert.deepEqual(await ended, [1, null]);
  await eventually(() => !pids.some(isAlive));
});

test('a signal during the start stops the processes; exit code 0', async (t) => {
  const program = new StartedProgram(t, { processes: 4 });
  await program.serving(1);
  program.signal('SIGINT', 'group');
  assert.deepEqual(await program.ended, { code: 0, signal: null });
  assert.equal(program.errors, '');
  await assertNoneLeft(program);
});
