/** Sends what an application gives to one connection or to many: text and bytes as they are, any other object as JSON. */
import { wrongValue } from '../run/given-options.ts';
import { toJsonText, type JsonRule } from '../run/json-text.ts';
import { viewBytes } from '../run/view-bytes.ts';
import type { WebSocketConnection } from './connection.ts';
import { PreparedMessage, prepareMessage } from './writing/prepared-message.ts';

const notSent: Promise<boolean> = Promise.resolve(false);

/**
 * Sends one message to one connection.
 *
 * @returns As {@link WebSocketConnection.sent} for this message; `false` if it was not queued.
 * @throws {@link GaleError} `JSON_VALUE` if the object cannot become JSON. Nothing is sent then.
 */
export function sendMessage(
  connection: WebSocketConnection,
  message: string | PreparedMessage | object,
): PromiseLike<boolean> {
  return connection.send(toSendable(message)) ? connection.sent() : notSent;
}

/**
 * Sends one message to many connections: text for a string, binary for bytes, JSON for any other object. It is framed once, and
 * connections with nothing else to send share its bytes. Closed connections are skipped, and an error of one connection does not
 * affect the others.
 *
 * @throws {@link GaleError} `JSON_VALUE` if the object cannot become JSON, `OPTION_VALUE` if `connections` is not iterable. Nothing is sent then.
 */
export function broadcast(
  connections: Iterable<WebSocketConnection>,
  message: string | Uint8Array | PreparedMessage | object,
): void {
  if (typeof connections?.[Symbol.iterator] !== 'function') {
    throw wrongValue('connections', 'an iterable of connections', connections);
  }
  const sendable = toSendable(message);
  const prepared = sendable instanceof PreparedMessage ? sendable : prepareMessage(sendable);
  for (const connection of connections) connection.send(prepared);
}

/**
 * Converts a message to what a connection can send. An ArrayBuffer and a view of one are bytes, any other object is JSON.
 *
 * @throws {@link GaleError} `JSON_VALUE` for a value that is neither.
 */
export function toSendable(message: string | PreparedMessage | object): string | Uint8Array | PreparedMessage {
  if (typeof message === 'string' || message instanceof PreparedMessage) return message;
  const bytes = typeof message === 'object' && message !== null ? viewBytes(message, messageRule.code) : undefined;
  return bytes ?? toJsonText(message, messageRule);
}

const messageRule: JsonRule = { must: 'message must be a string, bytes or an object', code: 'JSON_VALUE' };
