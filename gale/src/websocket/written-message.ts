/** What users write, in the form that a connection sends: text and bytes as they are, any other object as JSON. */
import { isAnyArrayBuffer } from 'node:util/types';
import { PreparedMessage } from './prepared-message.ts';

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
