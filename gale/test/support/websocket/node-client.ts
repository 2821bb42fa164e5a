/** The WebSocket client of Node.js, as a peer that knows nothing of Gale. */
import { once } from 'node:events';

/** Connects; `received` collects the data of all messages. */
export async function openNodeClient(
  url: string,
  protocols: string[] = [],
): Promise<{ client: WebSocket; received: unknown[] }> {
  const client = new WebSocket(url, protocols);
  client.binaryType = 'arraybuffer';
  const received: unknown[] = [];
  client.addEventListener('message', ({ data }) => received.push(data));
  await once(client, 'open');
  return { client, received };
}

/** Settles with the close event. */
export async function closeOf(client: WebSocket): Promise<{ code: number; reason: string; wasClean: boolean }> {
  const [event] = (await once(client, 'close')) as [CloseEvent];
  return { code: event.code, reason: event.reason, wasClean: event.wasClean };
}
