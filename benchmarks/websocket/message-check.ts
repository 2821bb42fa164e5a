/** Asks a server once, before it is measured, and sees to it that messages get where they should. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, clientSetting } from './client.ts';
import type { WebSocketWork } from './works.ts';

/**
 * Opens two WebSockets; the first sends three messages, one and then two together. With `broadcast` both have to get them,
 * with `echo` the first alone; then the second sends four, which it has to get and nothing before them.
 *
 * @param waitMilliseconds - How long each step may take.
 * @throws If other messages come, or not in time, or the handshake fails.
 */
export async function checkMessages(
  work: WebSocketWork,
  port: number,
  dialect: string | undefined,
  waitMilliseconds = 5000,
): Promise<void> {
  const setting = clientSetting(work, port, dialect);
  let failure: Error | undefined;
  const clients = [0, 1].map(
    () =>
      new Client(
        setting,
        () => undefined,
        (error) => (failure = error),
      ),
  );
  const [sender, other] = clients as [Client, Client];
  const wait = async (what: string, isDone: () => boolean): Promise<void> => {
    for (const until = performance.now() + waitMilliseconds; failure === undefined && !isDone(); await delay(5)) {
      if (performance.now() < until) continue;
      failure = new Error(
        `${what} did not come: ${sender.received} came to the sender, ${other.received} to the other.`,
      );
    }
    if (failure !== undefined) throw failure;
  };
  try {
    let openCount = 0;
    for (const client of clients) void client.open().then(() => (openCount += 1));
    await wait('The end of the handshake', () => openCount === clients.length);
    sender.send(1);
    sender.send(2);
    if (work.program === 'broadcast') {
      await wait('Messages', () => sender.received === 3 && other.received === 3);
    } else {
      await wait('Messages', () => sender.received === 3);
      other.send(4);
      await wait('Messages', () => sender.received === 3 && other.received === 4);
    }
  } finally {
    for (const client of clients) client.reset();
  }
}
