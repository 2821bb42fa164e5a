/** The WebSocket client of Node.js, as a peer that knows nothing of Gale. */
import { once } from 'node:events';
import { within } from '../eventually.ts';

/** Connects; `received` collects the data of all messages. */
export async function openNodeClient(
  url: string,
  protocols: string[] = [],
): Promise<{ client: WebSocket; received: unknown[] }> {
  const client = new WebSocket(url, protocols);
  client.binaryType = 'arraybuffer';
  const received: unknown[] = [];
  client.addEventListener('message', ({ data }) => received.push(data));
  await within(once(client, 'open'), () => `a connection to ${url}`);
  return { client, received };
}

/** Settles with the close event. */
export async function closeOf(client: WebSocket): Promise<{ code: number; reason: string; wasClean: boolean }> {
  const closed = once(client, 'close') as Promise<[CloseEvent]>;
  const [event] = await within(closed, () => 'the close of the connection');
  return { code: event.code, reason: event.reason, wasClean: event.wasClean };
}
