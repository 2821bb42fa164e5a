/** What idle connections weigh: resident memory without them and with them. */
import type { Figures } from '../figures.ts';
import { figuresOfMemory, readRestingCost } from '../window.ts';
import { Client, openClients, type ClientSetting } from './client.ts';
import type { WebSocketWork } from './works.ts';

/** Messages that one client sends beforehand, one after the other, so that nobody is measured cold. */
const warmCount = 1000;

/**
 * Opens the work's connections on a server that was used before, and reads its memory before and after. Then one client
 * sends a message, which everybody has to get: they are all alive.
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
  if (missing < work.connections) throw new Error('A message came that nobody sent.');
  clients[0]?.send(1);
  await arrived.promise;
  return figuresOfMemory(before, after, work.connections);
}

/** A client sends to itself, and is gone. */
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
