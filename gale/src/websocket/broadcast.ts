/** One message to many connections. */
import type { WebSocketConnection } from './connection.ts';
import { PreparedMessage, prepareMessage } from './writing/prepared-message.ts';

/**
 * Sends one message to many; it is framed once, and those with nothing else to send share every byte.
 * Connections that are closed are passed over, and nothing that happens to one of them keeps it from the others.
 */
export function broadcast(
  connections: Iterable<WebSocketConnection>,
  message: string | Uint8Array | PreparedMessage,
): void {
  const prepared = message instanceof PreparedMessage ? message : prepareMessage(message);
  for (const connection of connections) connection.send(prepared);
}
