/** Sends what an application gives to one connection or to many: text and bytes as they are, any other object as JSON. */
import { isAnyArrayBuffer } from 'node:util/types';
import type { WebSocketConnection } from './connection.ts';
import { PreparedMessage, prepareMessage } from './writing/prepared-message.ts';

const notSent: Promise<boolean> = Promise.resolve(false);

/**
 * Sends one message to one connection.
 *
 * @returns As {@link WebSocketConnection.sent} for this message; `false` if it was not queued.
 * @throws {@link TypeError} If the object cannot become JSON. Nothing is sent then.
 */
export function sendMessage(
  connection: WebSocketConnection,
  message: string | PreparedMessage | object,
): PromiseLike<boolean> {
  return connection.send(toSendable(message)) ? connection.sent() : notSent;
}

/**
 * Sends one message to many connections. It is framed once, and connections with nothing else to send share its bytes.
 * Closed connections are skipped, and an error of one connection does not affect the others.
 */
export function broadcast(
  connections: Iterable<WebSocketConnection>,
  message: string | Uint8Array | PreparedMessage,
): void {
  const prepared = message instanceof PreparedMessage ? message : prepareMessage(message);
  for (const connection of connections) connection.send(prepared);
}

/**
 * Converts a message to what a connection can send. An ArrayBuffer and a view of one are bytes.
 *
 * @throws {@link TypeError} If the object cannot become JSON.
 */
export function toSendable(message: string | PreparedMessage | object): string | Uint8Array | PreparedMessage {
  if (typeof message === 'string' || message instanceof Uint8Array || message instanceof PreparedMessage)
    return message;
  if (ArrayBuffer.isView(message)) return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  if (isAnyArrayBuffer(message)) return new Uint8Array(message);
  const json = JSON.stringify(message) as string | undefined;
  if (json === undefined) throw new TypeError(`A message must be text, bytes or an object; got ${typeof message}.`);
  return json;
}
