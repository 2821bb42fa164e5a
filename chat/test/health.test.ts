/**
 * The responses of /health.
 */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger, type Logger } from 'gale';
import { HealthCheck } from '../pages/health-check.ts';
import { serveChat } from './support/app.ts';
import { fullStores } from './support/full-store.ts';
import { startServer, temporaryFolder } from './support/chat-server.ts';

const log = createLogger({ level: 'silent' });

/** Requests /health until the response has this status. */
async function healthWith(url: string, status: number): Promise<Record<string, unknown>> {
  for (;;) {
    const response = await fetch(`${url}/health`);
    const body = (await response.json()) as Record<string, unknown>;
    if (response.status === status) return body;
  }
}

for (const fullStore of fullStores) {
  test(
    `${fullStore.name} is reported as 503 with the failing parts, and 200 afterwards`,
    { skip: fullStore.skip },
    async (t) => {
      const { server, refuseWrites, allowWrites } = await fullStore.start(t);
      assert.equal((await fetch(`${server.url}/health`)).status, 200);
      await refuseWrites();
      const { status, failed, broker, checkedAt, ...rest } = await healthWith(server.url, 503);
      assert.equal(status, 'unavailable');
      assert.deepEqual(failed, ['store', 'broker']);
      assert.equal(typeof broker, 'string');
      assert.equal(typeof checkedAt, 'number');
      assert.deepEqual(rest, {});
      await allowWrites();
      assert.equal((await healthWith(server.url, 200))['status'], 'ok');
    },
  );
}

for (const [file, part] of [
  ['chat.sqlite', 'store'],
  ['rooms.sqlite', 'broker'],
] as const) {
  test(`reports a failing ${part} after ${file} was moved while the server runs`, async (t) => {
    const folder = await temporaryFolder(t);
    const server = await startServer(t, { args: [`--data=${folder}`] });
    await rename(join(folder, file), join(folder, 'elsewhere'));
    assert.deepEqual((await healthWith(server.url, 503))['failed'], [part]);
    await rename(join(folder, 'elsewhere'), join(folder, file));
    await healthWith(server.url, 200);
  });
}

test('concurrent requests share checks', async (t) => {
  const chat = await serveChat(t);
  let checks = 0;
  const { check } = chat.broker;
  chat.broker.check = () => {
    checks++;
    return check.call(chat.broker);
  };
  const responses = await Promise.all(Array.from({ length: 100 }, () => fetch(`${chat.url}/health`)));
  for (const response of responses) assert.equal(response.status, 200);
  // On a busy machine a hundred requests may take longer than a result is reused.
  assert.ok(checks < 20, `${checks} checks`);
});

test('reuses a result for a second, also a failing one', async () => {
  let now = 0;
  let runs = 0;
  let isWell = false;
  const check = async (): Promise<void> => {
    runs++;
    if (!isWell) throw new Error('full');
  };
  const health = new HealthCheck({ store: check }, { log, now: () => now });
  const [one, other] = await Promise.all([health.run(), health.run()]);
  assert.deepEqual(one.failed, ['store']);
  assert.equal(other, one);
  isWell = true;
  now = 999;
  assert.deepEqual((await health.run()).failed, ['store']);
  assert.equal(runs, 1);
  now = 1000;
  assert.deepEqual((await health.run()).failed, []);
  assert.equal(runs, 2);
});

test('logs a part that begins to fail once, and once that all parts pass again', async () => {
  let now = 0;
  const fails = { store: false, broker: false };
  const lines: string[] = [];
  const add = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    lines.push(`${message}: ${String(fields['part'] ?? fields['parts'])}`);
  };
  const recorded: Logger = { debug: add, info: add, warn: add, error: add };
  const part = (name: keyof typeof fails) => async (): Promise<void> => {
    if (fails[name]) throw new Error(`${name} is full`);
  };
  const health = new HealthCheck({ store: part('store'), broker: part('broker') }, { log: recorded, now: () => now });
  const steps = [{}, { store: true }, { store: true }, { store: true, broker: true }, { broker: true }, {}, {}];
  for (const step of steps) {
    Object.assign(fails, { store: false, broker: false }, step);
    await health.run();
    now += 1000;
  }
  assert.deepEqual(lines, [
    'A health check failed: store',
    'A health check failed: broker',
    'Health checks pass again: broker',
  ]);
});

test('reports only the part that does not respond in time', async () => {
  const health = new HealthCheck(
    { store: () => new Promise(() => {}), broker: () => Promise.resolve() },
    { log, timeoutMs: 5 },
  );
  assert.deepEqual((await health.run()).failed, ['store']);
});
