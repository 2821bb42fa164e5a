/**
 * The server's end of a connection in memory: a socket without a file descriptor. The server uses it like every other socket, with
 * backpressure in both directions.
 */
import { Socket } from 'node:net';

/** The client's end. */
export interface MemoryPeer {
  /**
   * The server has written.
   *
   * @param bytes - Valid until `taken` is called.
   * @param taken - To be called when there is room for more.
   */
  onBytes(bytes: Buffer, taken: () => void): void;
  /** The server has written its last byte. */
  onOutputEnd(): void;
  /** The connection is closed. */
  onClose(): void;
  /** The server wants more bytes, after {@link MemorySocket.receive} returned false. */
  onRoom(): void;
}

/** As for accepted sockets. */
const highWaterMark = 16 * 1024;

/** A socket whose other end is an object. */
export class MemorySocket extends Socket {
  override readonly remoteAddress: string = '127.0.0.1';
  readonly #peer: MemoryPeer;
  #isWaiting = false;

  constructor(peer: MemoryPeer) {
    // The types lack this option, which Node.js passes to the stream.
    super({ allowHalfOpen: true, highWaterMark } as object);
    this.#peer = peer;
  }

  /** Passes bytes to the server, which owns them from now on. @returns Whether there is room for more; see {@link MemoryPeer.onRoom}. */
  receive(bytes: Buffer): boolean {
    if (this.destroyed || this.push(bytes)) return true;
    this.#isWaiting = true;
    return false;
  }

  /** The client has sent its last byte. */
  receiveEnd(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#peer.onRoom();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (chunk.length === 0) return callback();
    this.#peer.onBytes(
      typeof chunk === 'string'
        ? Buffer.from(chunk, encoding)
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length),
      callback,
    );
  }

  override _writev(
    chunks: { chunk: Buffer | string; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    const parts = chunks.map(({ chunk, encoding }) =>
      typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk,
    );
    this._write(Buffer.concat(parts), 'latin1', callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#peer.onOutputEnd();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#peer.onClose();
    super._destroy(error, callback);
  }
}
