/** A program in one process, from outside: real processes, real signals, exit codes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { runProgram } from 'gale';
import { StartedProgram } from '../../test/support/started-program.ts';
import { RawClient, requestText } from '../../test/support/http/http-server.ts';

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} shuts down gracefully: a request in flight gets its response with Connection: close; exit code 0`, async (t) => {
    const program = new StartedProgram(t);
    const [{ port } = { port: 0 }] = await program.serving();
    const client = new RawClient(port);
    await client.send(requestText('POST /', 'Content-Length: 10') + '01234');
    // A round trip on another connection, so that the server has the first half before the signal.
    await (await fetch(`http://127.0.0.1:${port}/`)).text();
    program.signal(signal);
    await program.says('closing');
    await client.send('56789');
    const response = await client.readResponse();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('connection'), 'close');
    assert.equal((JSON.parse(response.body) as { bytes: number }).bytes, 10);
    assert.equal(await client.rest(), '');
    client.socket.destroy();
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    assert.deepEqual([program.logged, program.errors], [[], '']);
  });
}

test('closes the connection of a stuck request after graceMs; exit code 0', async (t) => {
  const program = new StartedProgram(t, { graceMs: 50 });
  const [{ port } = { port: 0 }] = await program.serving();
  const client = new RawClient(port);
  await client.send(requestText('GET /stuck'));
  await program.says('stuck');
  program.signal('SIGTERM');
  assert.equal(await client.rest(), '');
  client.socket.destroy();
  assert.deepEqual(await program.ended, { code: 0, signal: null });
});

test('refuses new connections after a signal', async (t) => {
  const program = new StartedProgram(t);
  const [{ port } = { port: 0 }] = await program.serving();
  const client = new RawClient(port);
  await client.send(requestText('GET /stuck'));
  await program.says('stuck');
  program.signal('SIGTERM');
  await program.until(() =>
    fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
      () => false,
      (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ECONNREFUSED',
    ),
  );
  client.socket.resetAndDestroy();
  assert.deepEqual(await program.ended, { code: 0, signal: null });
});

for (const [first, second, code] of [
  ['SIGTERM', 'SIGINT', 130],
  ['SIGINT', 'SIGTERM', 143],
] as const) {
  test(`${second} after ${first} ends the program immediately with exit code ${code}`, async (t) => {
    const program = new StartedProgram(t, { close: 'hangs' });
    await program.serving();
    program.signal(first);
    await program.says('closing');
    program.signal(second);
    assert.deepEqual(await program.ended, { code, signal: null });
  });
}

test('a repeat of the same signal also ends the program', async (t) => {
  const program = new StartedProgram(t, { close: 'hangs' });
  await program.serving();
  await program.until(() => {
    if (!program.hasEnded) program.signal('SIGTERM');
    return program.hasEnded;
  });
  assert.deepEqual(await program.ended, { code: 143, signal: null });
  assert.equal(program.lines.filter((line) => 'closing' in line).length, 1);
});

test('logs the error of a close that rejects; exit code 1', async (t) => {
  const program = new StartedProgram(t, { close: 'rejects' });
  await program.serving();
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended, { code: 1, signal: null });
  const [line, ...others] = program.logged;
  assert.equal(line?.['msg'], 'The process failed to stop cleanly');
  assert.match(JSON.stringify(line), /the store is gone/);
  assert.deepEqual(others, []);
});

test('continues after an error of a handler; an uncaught error ends it and prints its stack', async (t) => {
  const program = new StartedProgram(t);
  const [{ port } = { port: 0 }] = await program.serving();
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 3; i++) assert.equal((await fetch(`${url}/throw`)).status, 500);
  assert.equal((await fetch(url)).status, 200);
  await assert.rejects(fetch(`${url}/reject`));
  assert.deepEqual(await program.ended, { code: 1, signal: null });
  assert.match(program.errors, /nobody handles this\n\s+at /);
});

for (const [start, output] of [
  ['gale', /^The store is not there; give another\.\n$/],
  ['explained', /^explained: no such store\n$/],
  ['bug', /^TypeError: a fault of the program\n\s+at /],
] as const) {
  test(`prints the error of a failed start (${start}) on standard error; exit code 1`, async (t) => {
    const program = new StartedProgram(t, { start });
    assert.deepEqual(await program.ended, { code: 1, signal: null });
    assert.match(program.errors, output);
    assert.deepEqual(program.lines, []);
  });
}

test('reports a port in use on one line, with exit code 1', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const program = new StartedProgram(t, { port });
  assert.deepEqual(await program.ended, { code: 1, signal: null });
  assert.equal(program.errors, `listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`);
});

const start = (): never => assert.fail('start was called');

test('rejects an invalid option with its name, value and range', async () => {
  for (const [options, message] of [
    [{ processes: -1 }, /^processes must be an integer from 0 to 1024; got -1\.$/],
    [{ graceMs: 0.5 }, /^graceMs must be .* 0 to 86400000; got 0\.5\.$/],
    [{ maxRestartsPerMinute: Number.NaN }, /^maxRestartsPerMinute must be .*; got NaN\.$/],
  ] as const) {
    await assert.rejects(runProgram(start, options), { code: 'OPTION_VALUE', message });
  }
  for (const [options, message] of [
    [{ processes: '2' }, /^processes must be .*; got "2"\.$/],
    [{ log: { warn() {} } }, /^log must be an object with the methods debug, info, warn and error/],
    [{ explain: 'it failed' }, /^explain must be a function; got "it failed"\.$/],
    [null, /^program options must be an object; got null\.$/],
  ] as const) {
    await assert.rejects(runProgram(start, options as object), { code: 'OPTION_VALUE', message });
  }
  await assert.rejects(runProgram(start, { proceses: 2 } as object), {
    code: 'OPTION_UNKNOWN',
    message: 'Unknown program option proceses; the options are processes, graceMs, maxRestartsPerMinute, explain, log.',
  });
  await assert.rejects(runProgram(5 as unknown as typeof start), {
    code: 'OPTION_VALUE',
    message: /^start must be a function/,
  });
});
