/**
 * The output of the chat never contains a password: neither the line at the start, nor an error, nor a log line.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import type { Logger } from 'gale';
import { redisMissing, startRedis, type RedisServer } from 'gale/testing';
import { RedisConnection } from '../store/redis-connection.ts';
import { password, runServer, startServer, temporaryFolder, Visitor } from './support/chat-server.ts';
import { RawSocket } from './support/raw-socket.ts';

const skip = redisMissing();

async function startSecretRedis(t: TestContext): Promise<RedisServer> {
  const redis = await startRedis({ appendOnly: true, args: ['--requirepass', 't0p@secret'] });
  t.after(() => redis.stop());
  return redis;
}

for (const typed of ['t0p@secret', 't0p%40secret', 't0p%40se%63ret']) {
  test(`starts with redis://:${typed}@host and prints the address without it`, { skip }, async (t) => {
    const redis = await startSecretRedis(t);
    const server = await startServer(t, {
      args: ['--logging=debug'],
      environment: { REDIS_URL: `redis://:${typed}@127.0.0.1:${redis.port}/1` },
    });
    assert.match(server.line, new RegExp(`data in \\S+ and redis://127\\.0\\.0\\.1:${redis.port}/1, broker redis`));
    await redis.kill();
    await server.prints(/Lost the connection to Redis/);
    await server.prints(/The connection of the chat store to Redis failed/);
    assert.equal((await fetch(`${server.url}/health`)).status, 503);
    await server.end('SIGTERM');
    assert.doesNotMatch(server.output, /secret|t0p/);
  });
}

test('does not print a password that Redis rejects', { skip }, async (t) => {
  const redis = await startSecretRedis(t);
  for (const userinfo of [':wrong@secret', 'ada:wrong%40secret', 'secret', 'secret:']) {
    const ended = await runServer(t, { args: ['--port=0', `--redis=redis://${userinfo}@127.0.0.1:${redis.port}`] });
    assert.equal(ended.code, 1);
    assert.match(ended.errors, /^Redis at redis:\/\/127\.0\.0\.1:\d+ refuses: .*\n$/);
    assert.doesNotMatch(ended.output + ended.errors, /secret|wrong%40/);
  }
});

for (const args of [
  ['--redis=redis://:t0p/secret@host'],
  ['--redis=redis://host:secret'],
  ['--redis=secret'],
  ['--redi=redis://:secret@host'],
  ['--redis=', 'redis://:secret@host'],
  ['--redis', 'redis://:secret@host'],
  ['--host=redis://:secret@host'],
  ['--host=ada:secret@host'],
  ['--data=redis://:secret@host'],
  ['--data=postgres://:secret@host/chat'],
  ['--database=mysql://:secret@host/chat'],
  ['--database=postgres://ada:sec ret@ho st/chat'],
  ['--database=secret'],
  ['--database=postgres://ada:secret@127.0.0.1:1/chat'],
  ['--database=postgres://ada@127.0.0.1:1/chat?password=secret'],
  ['--port=redis://:secret@host'],
  ['--origin=redis://:secret@host'],
  ['--origin=https://ada:secret@host'],
  ['--trusted-proxies=loopback,redis://:secret@host'],
  ['--logging=redis://:secret@host'],
]) {
  test(`rejects ${args.join(' ')} and does not print the secret`, async (t) => {
    const environment = { DATA_DIR: await temporaryFolder(t) };
    const ended = await runServer(t, { args: ['--port=0', ...args], environment });
    assert.equal(ended.code, 1);
    assert.match(ended.errors, /^[^\n]+\n$/, 'one line');
    assert.doesNotMatch(ended.output + ended.errors, /secret/);
  });
}

test('no log line contains the token of a link, a cookie or a password, at any level', async (t) => {
  const server = await startServer(t, { args: ['--logging=debug'], environment: { REGISTRATION: 'invite' } });
  const ada = new Visitor(t, server.url);
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  assert.equal((await ada.submit('/admin/invites', { role: 'member', lasts: 'week', uses: 'any' })).status, 303);
  const list = await (await ada.get('/admin/invites')).text();
  const invite = /\/invite\/([\w-]+)"/.exec(list)?.[1] ?? '';
  const bob = new Visitor(t, server.url);
  assert.equal((await bob.submit(`/invite/${invite}`, { name: 'Bob', password })).status, 303);
  const id = /name="id" value="([^"]+)"[^]*?action" value="link"/.exec(
    await (await ada.get('/admin/people')).text(),
  )?.[1];
  const made = await (await ada.submit('/admin/people', { action: 'link', id: id ?? '' })).text();
  const link = /\/sign-in\/([\w-]+)"/.exec(made)?.[1] ?? '';
  assert.deepEqual([invite.length, link.length], [24, 24], made);
  const phone = new Visitor(t, server.url);
  // Also a refusal and a query have the token.
  for (const path of [`/sign-in/${link}?from=${link}`, `/invite/${invite}`, `/invite/${invite}/more`])
    await phone.get(path);
  await phone.post(`/sign-in/${link}`, {}, { referer: `${server.url}/sign-in/${link}` });
  assert.equal((await phone.submit(`/sign-in/${link}`, {})).status, 303);
  await RawSocket.open(phone);
  await server.prints(/"path":"\/sign-in\/…"[^\n]*"status":303/);
  await server.prints(/Connection upgraded/);
  const setupToken = /setup token ([A-Z2-9-]+)/.exec(server.output)?.[1];
  assert.ok(setupToken);
  // The line for the operator at the start is not a log line.
  const lines = server.output.split('\n').filter((line) => line.startsWith('{'));
  assert.ok(lines.length > 10);
  const secrets = [
    invite,
    link,
    password,
    setupToken,
    ...[ada, bob, phone].flatMap(({ cookies }) => [...cookies.values()]),
  ];
  for (const secret of secrets) assert.equal(lines.join('\n').includes(secret), false, secret);
});

test('the connection of the store hides the password in errors, their causes and log lines', async (t) => {
  // A server that is too old for HELLO repeats the command in its error.
  const old = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () =>
      socket.write("-ERR unknown command 'HELLO', with args beginning with: '3' 't0p@s3cr3t'\r\n"),
    );
  }).listen(0, '127.0.0.1');
  t.after(() => old.close());
  await once(old, 'listening');
  const lines: string[] = [];
  const write = (...line: unknown[]): void => void lines.push(inspect(line, { depth: null }));
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const { port } = old.address() as AddressInfo;
  for (const url of [`redis://:t0p@s3cr3t@127.0.0.1:${port}`, `redis://:t0p%40s3cr3t@127.0.0.1:${port}`]) {
    await assert.rejects(RedisConnection.open(url, log), (error: Error) => {
      assert.match(error.message, /^Redis at redis:\/\/127\.0\.0\.1:\d+ does not respond: .*HELLO/);
      assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /s3cr3t/);
      return true;
    });
  }
  assert.doesNotMatch(lines.join('\n'), /s3cr3t/);
});
