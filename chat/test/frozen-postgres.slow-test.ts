/**
 * A PostgreSQL that accepts connections and does not respond: each request ends after the longest wait for it.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { startServer } from './support/chat-server.ts';
import { annAt, assertRefused, assertRepaired } from './support/outage.ts';
import { postgresMissing } from './support/postgres-server.ts';
import { sharedPostgres } from './support/storages.ts';

/** A connection to PostgreSQL that the test can stop without closing it. */
async function relay(t: TestContext, port: number): Promise<{ port: number; setFrozen(isFrozen: boolean): void }> {
  const sockets: Socket[] = [];
  let isFrozen = false;
  const server = createServer((inner) => {
    const outer = connect(port, '127.0.0.1');
    sockets.push(inner, outer);
    for (const socket of [inner, outer]) {
      socket.on('error', () => undefined);
      if (isFrozen) socket.pause();
    }
    inner.on('data', (bytes) => outer.write(bytes)).on('close', () => outer.destroy());
    outer.on('data', (bytes) => inner.write(bytes)).on('close', () => inner.destroy());
    if (isFrozen) for (const socket of [inner, outer]) socket.pause();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    setFrozen: (value) => {
      isFrozen = value;
      for (const socket of sockets) {
        if (value) socket.pause();
        else socket.resume();
      }
    },
  };
}

test('a PostgreSQL that accepts connections and does not respond', { skip: postgresMissing() }, async (t) => {
  const url = new URL(await (await sharedPostgres()).createDatabase());
  const between = await relay(t, Number(url.port));
  url.port = String(between.port);
  const server = await startServer(t, { args: [`--database=${url}`] });
  const { window } = await annAt(t, server);
  between.setFrozen(true);
  await assertRefused(t, server, window);
  between.setFrozen(false);
  await assertRepaired(t, server, window);
});
