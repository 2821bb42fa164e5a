/**
 * One buffer that all accepted sockets of a thread read into, one after the other. Without it Node.js allocates 64 KiB for each read and
 * shrinks them afterwards, which costs more than Gale needs for a small request.
 *
 * Node.js reads into a given buffer only for sockets that connect: the option `onread`. It has no public API for accepted sockets, so this
 * file sets on them what that option sets. Where Node.js has other internals, it does nothing, and the socket emits `data` as usual.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/** As many bytes as Node.js reads at once. */
const bufferBytes = 64 * 1024;
/** Views up to this length are cached. */
const maxViewBytes = 1024;

const memory: Buffer = Buffer.allocUnsafeSlow(bufferBytes);
const views: (Buffer | undefined)[] = [];

/** Names of the two fields that `onread` sets; undefined before the first socket, null if Node.js does not have them. */
let fieldNames: readonly [buffer: symbol, callback: symbol] | null | undefined;

/**
 * Makes a socket read into the shared buffer.
 *
 * @param onRead - Called with the number of bytes that were read, also while the socket is paused; {@link sharedBytes} returns them. If it
 *   returns false, reading stops until the stream asks for more.
 * @returns Whether it does; false for TLS, whose bytes are decrypted into memory of Node.js, and for sockets in memory.
 */
export function readIntoSharedBuffer(socket: Socket, onRead: (this: Socket, byteCount: number) => boolean): boolean {
  if (socket instanceof TLSSocket) return false;
  const handle: unknown = Reflect.get(socket, '_handle');
  if (!isReadHandle(handle)) return false;
  if (fieldNames === undefined) fieldNames = fieldNamesOf(socket);
  if (fieldNames === null) return false;
  const [buffer, callback] = fieldNames;
  Reflect.set(socket, buffer, memory);
  Reflect.set(socket, callback, onRead);
  socket.pause = pause;
  handle.useUserBuffer(memory);
  return true;
}

/** The bytes of the last read. The next read of any socket overwrites them. */
export function sharedBytes(byteCount: number): Buffer {
  if (byteCount > maxViewBytes) return memory.subarray(0, byteCount);
  return (views[byteCount] ??= memory.subarray(0, byteCount));
}

/** A copy in memory of its own, so that it keeps no other bytes in memory. */
export function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

/** With `onread`, `pause` stops reading, so that the end of the input is not noticed. This is the `pause` of other sockets. */
function pause(this: Socket): Socket {
  Duplex.prototype.pause.call(this);
  return this;
}

function isReadHandle(handle: unknown): handle is { useUserBuffer(buffer: Buffer): void } {
  return typeof handle === 'object' && handle !== null && typeof Reflect.get(handle, 'useUserBuffer') === 'function';
}

function fieldNamesOf(socket: Socket): readonly [symbol, symbol] | null {
  const symbols = Object.getOwnPropertySymbols(socket);
  const buffer = symbols.find(({ description }) => description === 'kBuffer');
  const callback = symbols.find(({ description }) => description === 'kBufferCb');
  return buffer === undefined || callback === undefined ? null : [buffer, callback];
}
