/**
 * The server as a program: its options, its output, its files and its exit codes.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import {
  runServer,
  spawnServer,
  startServer,
  temporaryFolder,
  Visitor,
  type Ended,
  type ServerStart,
} from './support/chat-server.ts';

/** Runs a server that cannot start. @returns The line that it prints. */
async function startErrorOf(t: TestContext, start: ServerStart): Promise<string> {
  const ended: Ended = await runServer(t, start);
  assert.equal(ended.code, 1, JSON.stringify(ended));
  assert.equal(ended.output, '');
  assert.match(ended.errors, /^[^\n]+\n$/, 'one line');
  assert.doesNotMatch(ended.errors, /\.ts:\d+|node:/, 'no stack trace');
  return ended.errors.trim();
}

async function listening(t: TestContext): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

for (const args of [
  ['--nothing', '--help'],
  ['--help', '--port=x'],
  ['--data=', 'word', '--help'],
]) {
  test(`${args.join(' ')} prints the help and opens nothing`, async (t) => {
    const { code, output, errors } = await runServer(t, { args });
    assert.equal(code, 0);
    assert.equal(errors, '');
    assert.match(output, /^npm start -- \[options\]\n/);
  });
}

test('--help lists every option with its default, with exit code 0', async (t) => {
  const { code, output, errors } = await runServer(t, { args: ['--help'] });
  assert.equal(code, 0);
  assert.equal(errors, '');
  for (const line of [
    /--port=N .*default 8888.*PORT/,
    /--host=TEXT .*default 127\.0\.0\.1/,
    /--data=TEXT .*default \.\/data.*DATA_DIR/,
    /--redis=TEXT .*none by default.*REDIS_URL/,
    /--database=TEXT .*none by default.*DATABASE_URL/,
    /--logging=.*default warn/,
    /--limits=on\|off .*default on.*LIMITS/,
    /--person-publish-burst=N .*default 10\b/,
    /--person-publishes-per-second=N .*default 2\b/,
    /--room-publish-burst=N .*default 100\b/,
    /--room-publishes-per-second=N .*default 50\b/,
    /--command-burst=N .*default 60\b/,
    /--commands-per-second=N .*default 20\b/,
    /--max-connections=N .*default 65536\b/,
    /--max-connections-per-address=N .*default 1024\b/,
    /--max-sockets-per-person=N .*default 20\b/,
    /--max-subscriptions-per-connection=N .*default 1000\b/,
    /--dedupe-count=N .*default 256/,
    /--identify-timeout-ms=N .*default 10000\b/,
    /--origin=TEXT .*ORIGIN/,
    /--trusted-proxies=TEXT .*none by default.*TRUSTED_PROXIES/,
    /--rooms-per-hour=N .*default 60/,
    /--empty-room-ms=N .*default 86400000/,
    /--presence-lease-ms=N .*default 60000/,
    /--presence-grace-ms=N .*default 10000/,
    /--presence-batch-ms=N .*default 1000/,
    /--presence-names-max=N .*default 200/,
  ]) {
    assert.match(output, line);
  }
});

test('a started server prints its address, its data folder and its broker in one line', async (t) => {
  const folder = await temporaryFolder(t);
  const server = await startServer(t, { args: [`--data=${folder}`] });
  assert.match(server.line, /http:\/\/localhost:\d+/);
  assert.ok(server.line.includes(folder));
  assert.match(server.line, /sqlite/);
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
  assert.equal((await stat(join(folder, 'cookie-secret'))).mode & 0o777, 0o600);
  assert.deepEqual((await readdir(folder)).filter((name) => !/-(?:wal|shm|lock)$/.test(name)).toSorted(), [
    'cookie-secret',
    'database-id',
    'database.sqlite',
    'rooms.sqlite',
  ]);
});

test('warns at start that limits are off, and applies the limits of the command line', async (t) => {
  const environment = { DATA_DIR: await temporaryFolder(t), LIMITS: 'off' };
  const child = spawnServer(t, { args: ['--port=0'], environment });
  let output = '';
  const warnings = (): string[] => output.split('\n').filter((line) => line.includes('no rate limits'));
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    if (output.endsWith('\n') && warnings().length === 2) break;
  }
  assert.match(warnings().join(' '), /sign-in.*publishes/, output);

  const args = [
    `--data=${await temporaryFolder(t)}`,
    '--person-publish-burst=2',
    '--person-publishes-per-second=1',
    '--max-sockets-per-person=1',
  ];
  const server = await startServer(t, { args });
  const ann = new Visitor(t, server.url);
  await ann.register('Ann');
  const window = await RawSocket.open(ann);
  const publish = (): Promise<Frame> => window.ask('publish', { room: 'lobby', id: randomUUID(), data: { text: 'x' } });
  // Even on a busy machine each of these takes less than a second.
  const replies = await Promise.all(Array.from({ length: 12 }, publish));
  const refused = replies.find(({ code }) => code === 'ROOM_TOO_FAST');
  assert.match(String(refused?.['message']), /2 at once, then 1 per second/);
  assert.equal(await ann.handshake(), 429);
});

/** The status line of a response on a new connection, which stays open. */
async function firstLineOf(t: TestContext, url: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [text] = (await once(socket, 'data')) as [string];
  return text.split('\r\n', 1)[0] ?? '';
}

for (const option of ['max-connections', 'max-connections-per-address']) {
  test(`--${option} refuses a connection over the limit with 503`, async (t) => {
    const args = [`--data=${await temporaryFolder(t)}`, `--${option}=2`];
    const server = await startServer(t, { args });
    const lines: string[] = [];
    for (let count = 0; count < 3; count++) lines.push(await firstLineOf(t, server.url));
    assert.deepEqual(lines, ['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.1 503 Service Unavailable']);
  });
}

test('--limits=off turns off the limit of connections per address', async (t) => {
  const args = [`--data=${await temporaryFolder(t)}`, '--max-connections-per-address=1', '--limits=off'];
  const server = await startServer(t, { args });
  for (let count = 0; count < 3; count++) assert.equal(await firstLineOf(t, server.url), 'HTTP/1.1 200 OK');
});

test('reads port and data folder from the environment, and the command line takes precedence', async (t) => {
  const { port } = await listening(t);
  const folder = await temporaryFolder(t);
  const server = await startServer(t, { environment: { PORT: String(port), DATA_DIR: folder } });
  assert.ok(server.line.includes(folder));
  assert.notEqual(new URL(server.url).port, String(port));
});

test('a port in use prints one line, with exit code 1', async (t) => {
  const { port } = await listening(t);
  const folder = await temporaryFolder(t);
  const message = await startErrorOf(t, { args: [`--port=${port}`, `--data=${folder}`] });
  assert.match(message, new RegExp(`Port ${port} .*in use`));
});

test('a data folder that cannot be written prints one line, with exit code 1', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), '');
  const message = await startErrorOf(t, { args: ['--port=0', `--data=${join(folder, 'file', 'data')}`] });
  assert.match(message, /cannot be written/);
});

test('a data folder in use prints one line, with exit code 1', async (t) => {
  const folder = await temporaryFolder(t);
  await startServer(t, { args: [`--data=${folder}`] });
  const message = await startErrorOf(t, { args: ['--port=0', `--data=${folder}`] });
  assert.match(message, /in use by another server/);
});

test('an invalid database prints one line, with exit code 1', async (t) => {
  for (const [file, pattern] of [
    ['database.sqlite', /database\.sqlite cannot be used/],
    ['rooms.sqlite', /rooms\.sqlite is not a database, or is damaged/],
  ] as const) {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, file), 'this is no database, but long enough to be looked at\n'.repeat(100));
    assert.match(await startErrorOf(t, { args: ['--port=0', `--data=${folder}`] }), pattern);
  }
});

test('a Redis that does not respond prints one line, with exit code 1', async (t) => {
  const { server, port } = await listening(t);
  server.close();
  await once(server, 'close');
  const message = await startErrorOf(t, { args: ['--port=0', `--redis=redis://user:secret@127.0.0.1:${port}`] });
  assert.match(
    message,
    /^Redis at redis:\/\/127\.0\.0\.1:\d+ does not respond: [^;]+; check --redis, and that it runs\.$/,
  );
  assert.doesNotMatch(message, /secret/);
});

test('a server that is not Redis, or never responds, prints one line, with exit code 1', async (t) => {
  const silent = await listening(t);
  const rude = await listening(t);
  rude.server.on('connection', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const messages = await Promise.all(
    [silent.port, rude.port].map((port) =>
      startErrorOf(t, { args: ['--port=0', `--redis=redis://127.0.0.1:${port}`] }),
    ),
  );
  for (const message of messages) assert.match(message, /^Redis at .* does not respond/);
});

for (const [what, start, pattern] of [
  ['an unknown option', { args: ['--prot=1'] }, /Unknown option --prot/],
  ['an invalid port', { args: ['--port=http'] }, /--port must be an integer/],
  ['an invalid port in the environment', { environment: { PORT: '99999' } }, /PORT must be an integer/],
  ['an invalid Redis URL', { args: ['--redis=http://localhost'] }, /url must be redis:/],
  [
    'a short cookie secret',
    { args: ['--port=0'], environment: { COOKIE_SECRET: 'secret' } },
    /COOKIE_SECRET has 6 characters/,
  ],
  ['an invalid origin', { args: ['--port=0', '--origin=chat.example'] }, /--origin must be scheme and host/],
  [
    'an address of another machine as host',
    { args: ['--port=0', '--host=192.0.2.1'] },
    /192\.0\.2\.1 is not an address of this machine/,
  ],
] as const) {
  test(`${what} prints one line, with exit code 1`, async (t) => {
    const environment = { DATA_DIR: await temporaryFolder(t), ...('environment' in start ? start.environment : {}) };
    assert.match(await startErrorOf(t, { args: 'args' in start ? start.args : [], environment }), pattern);
  });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} closes windows with 1012 and exits with code 0`, async (t) => {
    const folder = await temporaryFolder(t);
    const server = await startServer(t, { args: [`--data=${folder}`] });
    const ann = new Visitor(t, server.url);
    await ann.register('Ann');
    const window = await RawSocket.open(ann);
    await window.do('subscribe', { room: 'lobby' });
    const code = await server.end(signal);
    assert.equal(code, 0);
    assert.equal((await window.closed).code, 1012);
  });
}

test('accounts, sessions and rooms survive kill -9', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await startServer(t, { args: [`--data=${folder}`] });
  const ann = new Visitor(t, first.url);
  await ann.register('Ann');
  await (await RawSocket.open(ann)).do('make-room', { name: 'Tea' });
  await first.end('SIGKILL');
  const second = await startServer(t, { args: [`--data=${folder}`] });
  ann.url = second.url;
  assert.equal((await ann.get('/')).status, 200);
  const window = await RawSocket.open(ann);
  const rooms = window.frames[0]?.['rooms'] as { name: string; member: boolean }[];
  assert.deepEqual(
    rooms.map(({ name, member }) => [name, member]),
    [
      ['Lobby', true],
      ['Tea', true],
    ],
  );
  const phone = new Visitor(t, second.url);
  await phone.logIn('Ann');
});
