/** What users write, in the form that a connection sends: text and bytes as they are, any other object as JSON. */
import { isAnyArrayBuffer } from 'node:util/types';
import type { WebSocketConnection } from './connection.ts';
import { PreparedMessage } from './writing/prepared-message.ts';

const notSent: Promise<boolean> = Promise.resolve(false);

/**
 * Sends what was written.
 *
 * @returns As {@link WebSocketConnection.sent} for this message; `false` if it is not on its way at all.
 * @throws {@link TypeError} For an object that cannot become JSON; nothing was sent then.
 */
export function writeTo(
  connection: WebSocketConnection,
  message: string | PreparedMessage | object,
): PromiseLike<boolean> {
  return connection.send(toSent(message)) ? connection.sent() : notSent;
}

/**
 * Makes of what was written what is sent. An ArrayBuffer and whatever is a view of one are bytes.
 *
 * @throws {@link TypeError} For an object that cannot become JSON.
 */
export function toSent(message: string | PreparedMessage | object): string | Uint8Array | PreparedMessage {
  if (typeof message === 'string' || message instanceof Uint8Array || message instanceof PreparedMessage)
    return message;
  if (ArrayBuffer.isView(message)) return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  if (isAnyArrayBuffer(message)) return new Uint8Array(message);
  const json = JSON.stringify(message) as string | undefined;
  if (json === undefined) throw new TypeError(`A message cannot be ${typeof message}; give text, bytes or an object.`);
  return json;
}
