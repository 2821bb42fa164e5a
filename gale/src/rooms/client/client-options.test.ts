import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveRoomsClientOptions } from './client-options.ts';
import type { RoomsClientOptions } from './client-options.ts';

const url = 'ws://chat.test/socket';

test('options that are missing or undefined have their defaults', () => {
  const { minBackoffMs, maxBackoffMs, maxFrameBytes, now } = resolveRoomsClientOptions({
    url,
    maxBackoffMs: undefined,
  } as unknown as RoomsClientOptions);
  assert.deepEqual(
    { minBackoffMs, maxBackoffMs, maxFrameBytes },
    { minBackoffMs: 500, maxBackoffMs: 20_000, maxFrameBytes: 65_536 },
  );
  assert.ok(Math.abs(now() - Date.now()) < 60_000);
});

test('rejects an unknown name and lists the known ones', () => {
  assert.throws(() => resolveRoomsClientOptions({ url, heartbeat: 5 } as RoomsClientOptions), {
    code: 'OPTION_UNKNOWN',
    message: /^Unknown RoomsClient option heartbeat; the options are url, outbox, .*heartbeatMs/,
  });
});

test('rejects a wrong value with its name, the range and the value', () => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ heartbeatMs: 0 }, 'heartbeatMs must be an integer from 1 to 2147483647; got 0.'],
    [{ replyTimeoutMs: '5' }, 'replyTimeoutMs must be an integer from 1 to 2147483647; got "5".'],
    [{ maxWaitingCommands: Number.NaN }, 'maxWaitingCommands must be an integer from 1 to 1000000; got NaN.'],
    [{ maxBackoffMs: 100, minBackoffMs: 101 }, 'minBackoffMs must be an integer from 1 to 100; got 101.'],
    [{ url: '/socket' }, 'url must be a URL with the scheme ws: or wss: and a host; got "/socket".'],
    [{ url: new URL(url) }, 'url must be a URL with the scheme ws: or wss: and a host; got an instance of URL.'],
    [{ now: 5 }, 'now must be a function; got 5.'],
    [
      { outbox: { load: () => [] } },
      'outbox must be an object with the methods load and save; got an object with load.',
    ],
    [{ outbox: null }, 'outbox must be an object with the methods load and save; got null.'],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => resolveRoomsClientOptions({ url, ...options }), { code: 'OPTION_VALUE', message });
  }
  assert.equal(resolveRoomsClientOptions({ url, maxBackoffMs: 100, minBackoffMs: 100 }).minBackoffMs, 100);
  assert.equal(resolveRoomsClientOptions({ url, maxBackoffMs: 100 }).minBackoffMs, 100);
});

test('an error does not show a URL that may hold a token', () => {
  assert.throws(
    () => resolveRoomsClientOptions({ url: 'http://chat.test/socket?token=secret' }),
    (error: Error) =>
      error.message.startsWith('url must be a URL with the scheme ws: or wss:') && !error.message.includes('secret'),
  );
});
