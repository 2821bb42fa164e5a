/**
 * The responses of /health.
 */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { serveChat } from './support/app.ts';
import { fullStores } from './support/full-store.ts';
import { startServer, temporaryFolder } from './support/chat-server.ts';

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
      const { status, failed, checkedAt, ...rest } = await healthWith(server.url, 503);
      assert.equal(status, 'unavailable');
      assert.deepEqual(failed, fullStore.failing);
      assert.equal(typeof checkedAt, 'number');
      assert.deepEqual(rest, {});
      await allowWrites();
      assert.equal((await healthWith(server.url, 200))['status'], 'ok');
    },
  );
}

for (const [file, part] of [
  ['database.sqlite', 'database'],
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
