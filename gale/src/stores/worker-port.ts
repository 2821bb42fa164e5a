/**
 * The port of a worker thread to its parent, the same on Node.js, Bun and Deno. The port of Deno has no `close`
 * and no synchronous read.
 */
import { MessagePort, parentPort as ownPort, receiveMessageOnPort as receive } from 'node:worker_threads';

/** The port. Null in the main thread. */
export const parentPort: MessagePort | null = ownPort && withClose(ownPort);

/** The next message that has already arrived. Undefined if there is none, or if the runtime cannot say. */
export function receiveMessageOnPort(port: MessagePort): { readonly message: never } | undefined {
  return port instanceof MessagePort ? (receive(port) as { message: never } | undefined) : undefined;
}

function withClose(port: MessagePort): MessagePort {
  if (typeof port.close === 'function') return port;
  // Ends the whole thread: it does nothing else.
  return Object.assign(port as object, { close: () => globalThis.close() }) as MessagePort;
}
