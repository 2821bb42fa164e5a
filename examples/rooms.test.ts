import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RoomsClient } from 'gale/client';
import { freePort, redisMissing, startRedis } from 'gale/testing';

const runner = fileURLToPath(new URL('run.ts', import.meta.url));

interface Started {
  readonly url: string;
  /** Stops it as Ctrl-C does. @returns Its exit code and signal. */
  stop(): Promise<readonly unknown[]>;
}

async function start(t: TestContext, ...words: string[]): Promise<Started> {
  const child = spawn(process.execPath, ['--conditions=gale-source', runner, 'rooms', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  for await (const chunk of child.stdout) {
    const [, host] = /http:\/\/(127\.0\.0\.1:\d+)\//.exec(String(chunk)) ?? [];
    if (host === undefined) continue;
    return {
      url: `ws://${host}/socket`,
      stop: () => {
        child.kill('SIGINT');
        return ended;
      },
    };
  }
  throw new Error('rooms ended without output.');
}

interface Person {
  readonly client: RoomsClient;
  /** Messages of the lobby, and `reset` or `recovered` for each reply to its subscription. */
  readonly seen: unknown[];
}

function connect(t: TestContext, url: string, name: string): Person {
  const client = new RoomsClient({ url: `${url}?name=${name}`, minBackoffMs: 20, maxBackoffMs: 100 });
  t.after(() => client.close());
  const seen: unknown[] = [];
  client.on('message', ({ message }) => seen.push(message.data));
  client.on('subscribed', ({ reply }) => seen.push(reply.reset ? 'reset' : reply.recovered ? 'recovered' : 'dropped'));
  client.subscribe('lobby');
  client.connect();
  return { client, seen };
}

/** The limit of time is that of the test. */
async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await after(5);
}

for (const store of ['memory', 'sqlite', 'redis']) {
  const skip = store === 'redis' && redisMissing();
  test(
    `rooms with --broker=${store} delivers messages, and keeps them over a restart unless in memory`,
    { skip },
    async (t) => {
      const data = await mkdtemp(join(tmpdir(), 'gale-example-'));
      t.after(() => rm(data, { recursive: true }));
      let broker = store;
      if (store === 'redis') {
        const redis = await startRedis();
        t.after(() => redis.stop());
        broker = redis.url;
      }
      const port = await freePort();
      const words = [`--broker=${broker}`, `--data=${join(data, 'new')}`, `--port=${port}`, '--logging=silent'];
      const server = await start(t, ...words, '--limits=off');
      const [ada, ben] = [connect(t, server.url, 'ada'), connect(t, server.url, 'ben')];
      await eventually(() => ada.seen.length === 1 && ben.seen.length === 1);
      // More than the rates of a person allow.
      const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
      await Promise.all(numbers.map((number) => ada.client.publish('lobby', number).published));
      await eventually(() => ben.seen.length === 61);
      assert.deepEqual(ben.seen, ['recovered', ...numbers]);
      assert.deepEqual(await server.stop(), [0, null]);
      await start(t, ...words);
      await eventually(() => ben.seen.length > 61);
      await ben.client.publish('lobby', 'again').published;
      await eventually(() => ben.seen.at(-1) === 'again');
      assert.deepEqual(ben.seen.slice(61), [store === 'memory' ? 'reset' : 'recovered', 'again']);
    },
  );
}

test('rooms refuses a connection without a name, and says how to connect', async (t) => {
  const { url } = await start(t, '--port=0');
  const http = url.replace('ws:', 'http:');
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const [response] = (await once(get(http, { headers, agent: false }), 'response')) as [IncomingMessage];
  response.resume();
  assert.equal(response.statusCode, 401);
  assert.match(await (await fetch(new URL('/', http))).text(), /\/socket\?name=YOUR-NAME/);
});

test('rooms refuses an unknown broker, and a folder that cannot be created, in one line', async () => {
  for (const [words, message] of [
    [['--broker=mysql'], '--broker must be memory, sqlite or a redis:// URL; got "mysql".\n'],
    [['--broker=http://ada:secret@host'], '--broker must be memory, sqlite or a redis:// URL; got another URL.\n'],
    [
      ['--broker=sqlite', `--data=${runner}`],
      `--data must be a folder, which is created if it is missing; got ${JSON.stringify(runner)} (EEXIST).\n`,
    ],
    [['--broker=sqlite', '--data='], '--data must be a folder, which is created if it is missing; got "" (ENOENT).\n'],
  ] as const) {
    const child = spawn(process.execPath, ['--conditions=gale-source', runner, 'rooms', '--port=0', ...words]);
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    assert.deepEqual(await once(child, 'close'), [1, null]);
    assert.equal(errors, message);
  }
});
