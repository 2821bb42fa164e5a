/** Sends messages to a server before it is measured, and checks that the right clients receive them. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, clientSetting } from './client.ts';
import type { WebSocketWork } from './works.ts';

/**
 * Opens two WebSockets. The first sends three messages, one and then two together. With `broadcast` both must receive them,
 * with `echo` only the first. Then the second sends four messages, which must be the next ones that it receives.
 *
 * @param waitMilliseconds - Time limit of each step.
 * @throws If a message is wrong or late, or the handshake fails.
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
        `${what} did not arrive in time: ${sender.received} at the sender, ${other.received} at the other client.`,
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
