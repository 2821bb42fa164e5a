import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { serve } from '../../../test/support/web/web-server.ts';
import { healthRoutes } from './health-routes.ts';

test('both routes are 200 while the server serves, and no cache keeps them', async (t) => {
  const served = await serve(t, [...healthRoutes({ checks: { database: () => {} } })]);
  for (const path of ['/healthz', '/readyz']) {
    const response = await served.get(path);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('etag'), null);
    assert.equal(((await response.json()) as { status: string }).status, 'ok');
    assert.equal((await served.get(path, { method: 'HEAD' })).status, 200);
    assert.equal((await served.get(path, { method: 'POST' })).status, 405);
  }
});

function fail(): never {
  throw new Error('secret address');
}

test('a failing check makes /readyz 503 with its name but not its error, and leaves /healthz alone', async (t) => {
  const served = await serve(t, [...healthRoutes({ checks: { database: fail, queue: () => {} } })]);
  const response = await served.get('/readyz');
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const { checkedAt, ...rest } = (await response.json()) as Record<string, unknown>;
  assert.equal(typeof checkedAt, 'number');
  assert.deepEqual(rest, { status: 'unavailable', failed: ['database'] });
  assert.equal((await served.get('/healthz')).status, 200);
  await served.expectLine(/A health check failed \(secret address\)/);
});

test('many concurrent requests run each check once', async (t) => {
  let runs = 0;
  const waiting = Promise.withResolvers<void>();
  const checks = {
    database: async (): Promise<void> => {
      runs++;
      await waiting.promise;
    },
  };
  const served = await serve(t, [...healthRoutes({ checks })]);
  const responses = Array.from({ length: 50 }, () => served.get('/readyz'));
  await served.get('/healthz');
  waiting.resolve();
  for (const response of await Promise.all(responses)) assert.equal(response.status, 200);
  assert.equal(runs, 1);
});

test('both routes are 503 while the server closes, on connections that are still open', async (t) => {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const slow = (): Promise<void> => {
    begun.resolve();
    return go.promise;
  };
  const served = await serve(t, [...healthRoutes({ checks: { slow } })]);
  const ready = served.get('/readyz');
  await begun.promise;
  const socket = connect(served.port, '127.0.0.1');
  const request = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
  socket.write(request);
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 200 /);
  const closed = served.server.close();
  socket.write(request);
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 503 .*"status":"closing"/s);
  go.resolve();
  const response = await ready;
  assert.equal(response.status, 503);
  assert.equal(((await response.json()) as { status: string }).status, 'closing');
  await closed;
});

test('the paths can be changed, and wrong options are errors', async (t) => {
  const served = await serve(t, [...healthRoutes({ livePath: '/live', readyPath: '/health' })]);
  assert.equal((await served.get('/live')).status, 200);
  assert.equal((await served.get('/health')).status, 200);
  assert.equal((await served.get('/healthz')).status, 404);
  const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
    [{ check: {} }, /^Unknown health option check; the options are checks, /],
    [{ checks: [] }, /^checks must be an object; got an array of 0\.$/],
    [{ checks: { database: true } }, /^database must be a function; got true\.$/],
    [{ timeoutMs: 0 }, /^timeoutMs must be an integer from 1 to /],
    [{ reuseMs: -1 }, /^reuseMs must be an integer from 0 to /],
    [{ livePath: 'live' }, /^livePath must be a path that begins with a slash; got "live"\.$/],
    [{ readyPath: '/healthz' }, /^readyPath must be another path than livePath; got \/healthz\.$/],
  ];
  for (const [options, message] of wrong) assert.throws(() => healthRoutes(options as never), { message });
});
