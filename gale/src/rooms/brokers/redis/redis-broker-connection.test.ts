import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { redisCommand as command } from '../../../testing/redis-command.ts';
import { redisMissing, startRedis } from '../../../testing/redis-server.ts';
import { RedisBroker } from './redis-broker.ts';
import {
  atMost,
  eventually,
  keptIn,
  Recorder,
  someEntry,
  upTo,
  usual,
} from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import {
  log,
  logged,
  openBroker,
  publishUntilStored,
  startRedisFor,
  unavailable,
} from '../../../../test/support/rooms/redis-brokers.ts';
import { RecordedLog } from '../../../../test/support/recorded-log.ts';
import { startTcpServer } from '../../../../test/support/tcp-server.ts';

const skip = redisMissing();
const refused = (words: RegExp): object => ({ name: 'GaleError', code: 'ROOM_STORE_REFUSED', message: words });

describe('while Redis does not respond', { skip }, () => {
  test('every call is refused at once, and works again after a reconnect', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const recorder = new Recorder();
    const stop = await broker.listen('lobby', recorder);
    const stopOther = await broker.listen('other', new Recorder());
    const reconnects = (): string[] =>
      logged.filter((line) => line.includes(redis.url) && /"Reconnected to/.test(line));
    assert.deepEqual(reconnects(), []);
    await redis.kill();
    await eventually(() => assert.rejects(broker.signal('lobby', 1), unavailable));
    let turns = 0;
    setImmediate(() => turns++);
    await assert.rejects(broker.publish('lobby', someEntry(), usual), unavailable);
    await assert.rejects(broker.read('lobby', 0, atMost(10)), unavailable);
    await assert.rejects(broker.cursors.getAll('ann', ['lobby']), unavailable);
    await assert.rejects(broker.presence.list('lobby'), unavailable);
    assert.equal(turns, 0, 'each call is refused without a wait');
    await eventually(() => assert.rejects(broker.listen('third', new Recorder()), unavailable));
    await assert.rejects(broker.listen('lobby', new Recorder()), unavailable);
    await stopOther();
    await redis.restart();
    await publishUntilStored(broker, 'lobby', someEntry());
    await eventually(() => recorder.doubts > 0);
    await eventually(() => reconnects().length === 2);
    const [{ disconnectedMs, ...fields }, other] = reconnects().map((line) => JSON.parse(line)) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    assert.deepEqual(Object.keys(fields), ['redis', 'connection', 'message']);
    assert.ok(Number.isSafeInteger(disconnectedMs));
    assert.deepEqual([fields['connection'], other['connection']].toSorted(), ['commands', 'live']);
    await broker.publish('lobby', someEntry(), usual);
    await eventually(() => recorder.messages.length > 0);
    const late = new Recorder();
    const stopLate = await broker.listen('lobby', late);
    await broker.publish('lobby', someEntry(), usual);
    await eventually(() => late.messages.length > 0);
    await stopLate();
    assert.deepEqual(await command(redis, 'PUBSUB', 'SHARDCHANNELS', 'gale@*'), ['gale@0:{lobby}']);
    await stop();
    assert.deepEqual(await command(redis, 'PUBSUB', 'SHARDCHANNELS', 'gale@*'), []);
  });

  test('commands are refused after commandTimeoutMs, even with an open connection', async (t) => {
    const redis = await startRedisFor(t, { appendOnly: true });
    const broker = await openBroker(t, redis.url, { commandTimeoutMs: 100 });
    const { epoch } = await broker.publish('lobby', someEntry(), usual);
    const entry = someEntry();
    redis.freeze();
    await assert.rejects(broker.publish('lobby', entry, usual), { ...unavailable, message: /no response in 100 ms/ });
    redis.thaw();
    const published = await publishUntilStored(broker, 'lobby', entry);
    assert.deepEqual([published.epoch, published.offset], [epoch, 2]);
    assert.deepEqual(await keptIn(broker, 'lobby'), [1, 2]);
  });

  test('no command is refused because this process was busy', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url, { commandTimeoutMs: 100, probeMs: 100 });
    const before = logged.length;
    for (const _ of upTo(3)) {
      const publishing = broker.publish('lobby', someEntry(), usual);
      // The command is sent. Then this process reads nothing for longer than commandTimeoutMs.
      await new Promise(setImmediate);
      const end = performance.now() + 300;
      while (performance.now() < end);
      await publishing;
    }
    assert.deepEqual(
      logged.slice(before).filter((line) => line.includes('Lost the connection')),
      [],
    );
  });

  test('close() does not wait for responses that Redis does not send', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await RedisBroker.open({ url: redis.url, log, commandTimeoutMs: 100 });
    redis.freeze();
    const publishing = assert.rejects(broker.publish('lobby', someEntry(), usual), unavailable);
    await broker.close();
    await publishing;
    const down = await startRedis();
    t.after(() => down.stop());
    const other = await RedisBroker.open({ url: down.url, log });
    await down.kill();
    await eventually(() => assert.rejects(other.signal('lobby', 1), unavailable));
    await other.close();
  });
});

describe('connecting to Redis', { skip }, () => {
  test('warns once about a Redis without an append-only file, not about one that has it', async (t) => {
    const durable = await startRedisFor(t, { appendOnly: true });
    await openBroker(t, durable.url);
    const redis = await startRedisFor(t);
    const recorded = new RecordedLog();
    const broker = await openBroker(t, redis.url, { log: recorded });
    const warning = {
      level: 'warn',
      fields: { redis: redis.url },
      message: 'Redis has no append-only file, so a restart loses messages; set appendonly yes and appendfsync always',
    };
    assert.deepEqual(recorded.lines, [warning]);
    await redis.kill();
    await redis.restart();
    await publishUntilStored(broker, 'lobby', someEntry());
    assert.deepEqual(
      recorded.lines.filter(({ message }) => message === warning.message),
      [warning],
    );
    assert.ok(!logged.some((line) => line.includes(durable.url)));
  });

  for (const [args, fields, message] of [
    [['--appendonly', 'yes', '--appendfsync', 'always'], undefined, undefined],
    [
      ['--appendonly', 'yes', '--appendfsync', 'everysec'],
      { appendfsync: 'everysec' },
      'Redis does not sync its append-only file before it responds, so a crash can lose acknowledged messages; set appendfsync always',
    ],
    [
      ['--save', '60 1'],
      { save: '60 1' },
      'Redis has snapshots only, so a crash loses the messages since the last one; set appendonly yes and appendfsync always',
    ],
    [
      ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'allkeys-lru'],
      { policy: 'allkeys-lru' },
      'Redis removes keys when its memory is full, so messages and accounts can be lost; set maxmemory-policy noeviction',
    ],
  ] as const) {
    test(`warns of what can lose messages: ${args.join(' ')}`, async (t) => {
      const redis = await startRedisFor(t, { args });
      const recorded = new RecordedLog();
      await openBroker(t, redis.url, { log: recorded });
      const expected =
        message === undefined ? [] : [{ level: 'warn', fields: { redis: redis.url, ...fields }, message }];
      assert.deepEqual(recorded.lines, expected);
    });
  }

  test('opens for a user of Redis who may not read its settings', async (t) => {
    const redis = await startRedisFor(t, { args: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
    await command(redis, 'ACL', 'SETUSER', 'ada', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const recorded = new RecordedLog();
    const broker = await openBroker(t, redis.url.replace('//', '//ada:secret@'), { log: recorded });
    await broker.publish('lobby', someEntry(), usual);
    assert.deepEqual(recorded.lines, []);
  });

  test('fails with one clear error if nothing listens', async (t) => {
    const redis = await startRedisFor(t);
    await redis.kill();
    await assert.rejects(RedisBroker.open({ url: redis.url, log }), {
      ...unavailable,
      message: `Redis at ${redis.url} does not respond: connect ECONNREFUSED 127.0.0.1:${redis.port}.`,
    });
  });

  test('fails after 2.5 seconds if the server sends nothing', async (t) => {
    const { url } = await startTcpServer(t, () => {});
    await assert.rejects(RedisBroker.open({ url, log }), { ...unavailable, message: /no response in 2500 ms/ });
  });

  test('fails if a password is missing or wrong, and never shows the password', async (t) => {
    const redis = await startRedisFor(t, { args: ['--requirepass', 'right horse'] });
    await assert.rejects(
      RedisBroker.open({ url: redis.url, log }),
      refused(/ refuses: NOAUTH, it needs a password\. Put it in the URL: \S+\.$/),
    );
    const before = logged.length;
    const wrong = `redis://:wrong%20horse@127.0.0.1:${redis.port}`;
    await assert.rejects(RedisBroker.open({ url: wrong, log }), refused(/ refuses: WRONGPASS .*[^.]\.$/));
    const right = await openBroker(t, `redis://:right%20horse@127.0.0.1:${redis.port}`);
    await right.publish('lobby', someEntry(), usual);
    await redis.kill();
    await eventually(async () => {
      const error = await right.publish('lobby', someEntry(), usual).catch((fault: unknown) => fault as Error);
      assert.ok(error instanceof Error);
      assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /horse/);
    });
    assert.ok(logged.length > before);
    assert.doesNotMatch(logged.slice(before).join('\n'), /horse/);
  });

  test('fails if Redis does not let the user load scripts', async (t) => {
    const redis = await startRedisFor(t);
    await command(redis, 'ACL', 'SETUSER', 'default', '-script');
    await assert.rejects(
      RedisBroker.open({ url: redis.url, log }),
      refused(/ refuses: NOPERM .*'script\|load'.*[^.]\.$/),
    );
  });

  test('fails if Redis is too old, and hides a password in its response', async (t) => {
    const ancient = await startTcpServer(t, (socket) => {
      socket.on('data', () =>
        socket.write("-ERR unknown command 'HELLO', with args beginning with: 'secret word'\r\n"),
      );
    });
    const url = `redis://:secret%20word@127.0.0.1:${ancient.port}`;
    await assert.rejects(RedisBroker.open({ url, log }), (error: Error & { code: string }) => {
      assert.equal(error.code, 'ROOM_STORE_REFUSED');
      assert.match(error.message, /unknown command 'HELLO'.*'\*\*\*'/);
      assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /secret/);
      return true;
    });
    // Redis 6.2 speaks RESP3, but has no sharded pub/sub.
    const old = await startTcpServer(t, (socket) => {
      socket.setEncoding('utf8').on('data', (text: string) => {
        for (const [, name] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
          const info = '# Server\r\nredis_version:6.2.14\r\n';
          socket.write(name?.toUpperCase() === 'INFO' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
        }
      });
    });
    await assert.rejects(RedisBroker.open({ url: old.url, log }), {
      code: 'ROOM_STORE_REFUSED',
      message: `Redis at ${old.url} has version 6.2.14; version 7.0 or newer is needed.`,
    });
  });
});

describe('options of a RedisBroker', () => {
  test('reject an invalid URL, and never show it', async () => {
    const value = { name: 'GaleError', code: 'OPTION_VALUE' };
    for (const url of [
      '',
      'localhost:6379',
      'http://:secret@localhost',
      'redis://',
      'redis://:secret@host/x',
      'redis://:%zz@host',
    ]) {
      await assert.rejects(RedisBroker.open({ url, log }), (error: Error) => {
        assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /secret|%zz/);
        return assert.deepEqual({ ...error, name: error.name }, value) === undefined;
      });
    }
  });

  for (const [options, message] of [
    [{ prefix: '' }, 'prefix must be a string of 1 to 100 characters without braces and spaces; got "".'],
    [{ prefix: 'a{b}' }, 'prefix must be a string of 1 to 100 characters without braces and spaces; got "a{b}".'],
    [{ commandTimeoutMs: 5 }, 'commandTimeoutMs must be an integer from 10 to 2000000000; got 5.'],
    [{ commandTimeoutMs: Number.NaN }, 'commandTimeoutMs must be an integer from 10 to 2000000000; got NaN.'],
    [{ probeMs: 0 }, 'probeMs must be an integer from 10 to 2000000000; got 0.'],
    [{ log: {} }, 'log must be an object with the methods debug, info, warn and error; got an empty object.'],
    [{ now: Date.now }, 'Unknown RedisBroker option now; the options are url, prefix, commandTimeoutMs, probeMs, log.'],
  ] as const) {
    test(`reject before any connection: ${message}`, async (t) => {
      const ports: (number | undefined)[] = [];
      const { url, port } = await startTcpServer(t, (socket) => ports.push(socket.remotePort));
      const code = 'now' in options ? 'OPTION_UNKNOWN' : 'OPTION_VALUE';
      await assert.rejects(RedisBroker.open({ url, log, ...(options as object) }), {
        name: 'GaleError',
        code,
        message,
      });
      // The server accepts connections in order, so a connection of the broker would be before this one.
      const last = connect(port, '127.0.0.1');
      t.after(() => last.destroy());
      await once(last, 'connect');
      await eventually(() => ports.includes(last.localPort));
      assert.deepEqual(ports, [last.localPort]);
    });
  }
});
