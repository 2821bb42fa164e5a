/** Memory of idle connections: resident memory before and with them. */
import type { Figures } from '../figures.ts';
import { figuresOfMemory, readRestingCost } from '../window.ts';
import { Client, openClients, type ClientSetting } from './client.ts';
import type { WebSocketWork } from './works.ts';

/** Messages that one client sends first, one after the other, as warm-up. */
const warmCount = 1000;

/**
 * Opens the work's connections on a warm server, and reads its memory before and after. Then one client sends a message
 * that all clients must receive, which shows that all connections are alive.
 */
export async function measureIdle(setting: ClientSetting, work: WebSocketWork, pid: number): Promise<Figures> {
  await warmUp(setting);
  const before = await readRestingCost(pid);
  let missing = work.connections;
  const arrived = Promise.withResolvers<void>();
  const clients = await openClients(setting, work.connections, (_client, count) => {
    missing -= count;
    if (missing === 0) arrived.resolve();
  });
  const after = await readRestingCost(pid);
  if (missing < work.connections) throw new Error('Received an unexpected message.');
  clients[0]?.send(1);
  await arrived.promise;
  return figuresOfMemory(before, after, work.connections);
}

/** One client sends messages to itself, then closes. */
function warmUp(setting: ClientSetting): Promise<void> {
  return new Promise((resolve) => {
    const client = new Client(setting, () => {
      if (client.sent < warmCount) {
        client.send(1);
        return;
      }
      client.reset();
      resolve();
    });
    void client.open().then(() => client.send(1));
  });
}
