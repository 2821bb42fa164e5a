/**
 * The port of a thread to the thread that started it, the same on Node.js, Bun and Deno. Deno's has no `close` and cannot be read
 * without waiting.
 */
import { MessagePort, parentPort as ownPort, receiveMessageOnPort as receive } from 'node:worker_threads';

/** The port; null in the main thread. */
export const parentPort: MessagePort | null = ownPort && withClose(ownPort);

/** The next message that has come already; undefined if there is none, or if this runtime cannot tell. */
export function receiveMessageOnPort(port: MessagePort): { readonly message: never } | undefined {
  return port instanceof MessagePort ? (receive(port) as { message: never } | undefined) : undefined;
}

function withClose(port: MessagePort): MessagePort {
  if (typeof port.close === 'function') return port;
  // Ends the thread: there is nothing else in it.
  return Object.assign(port as object, { close: () => globalThis.close() }) as MessagePort;
}
