/**
 * Data that waits for a slow peer. It exists only while the peer is slow.
 * Control frames overtake the data, so pings and pongs still work with a slow peer.
 */

/** Bytes written to the socket at a time. Written bytes can no longer be overtaken or dropped. */
const batchBytes = 64 * 1024;

/**
 * Frames smaller than this are copied together when more than a few wait, because each buffer needs about 200 bytes more.
 * Larger frames are not copied: many receivers may share them.
 */
const smallBytes = 512;
const fewBuffers = 16;
const joinedBytes = 4 * 1024;

/** Buffers of whole frames, in order, after at most one ping and one pong. */
export class WriteBacklog {
  #buffers: Buffer[] = [];
  #bytes = 0;
  /** Memory for small frames, and its used length. It comes after `#buffers`. */
  #joined: Buffer | undefined;
  #joinedLength = 0;
  #ping: Buffer | undefined;
  #pong: Buffer | undefined;

  /** Pending bytes without control frames. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds whole frames at the end. */
  push(frames: Buffer): void {
    this.#bytes += frames.length;
    if (frames.length < smallBytes && this.#buffers.length >= fewBuffers) return this.#join(frames);
    this.#endJoined();
    this.#buffers.push(frames);
  }

  /** Puts a ping before the data and replaces one that still waits. */
  putPing(frame: Buffer): void {
    this.#ping = frame;
  }

  /** Puts a pong before the data. Only the latest ping needs a pong, RFC 6455 §5.5.3. */
  putPong(frame: Buffer): void {
    this.#pong = frame;
  }

  /** Drops everything. */
  drop(): void {
    this.#buffers = [];
    this.#joined = undefined;
    this.#joinedLength = 0;
    this.#bytes = 0;
    this.#ping = undefined;
    this.#pong = undefined;
  }

  /** Removes and returns the next batch for the socket; empty when nothing waits. */
  take(): Buffer[] {
    this.#endJoined();
    const batch: Buffer[] = [];
    if (this.#pong !== undefined) batch.push(this.#pong);
    if (this.#ping !== undefined) batch.push(this.#ping);
    this.#pong = undefined;
    this.#ping = undefined;
    let count = 0;
    for (let taken = 0; count < this.#buffers.length && taken < batchBytes; count++) {
      const frames = this.#buffers[count]!;
      batch.push(frames);
      taken += frames.length;
      this.#bytes -= frames.length;
    }
    if (count > 0) this.#buffers = this.#buffers.slice(count);
    return batch;
  }

  #join(frames: Buffer): void {
    if (this.#joined === undefined || this.#joinedLength + frames.length > joinedBytes) {
      this.#endJoined();
      this.#joined = Buffer.allocUnsafeSlow(joinedBytes);
    }
    this.#joinedLength += frames.copy(this.#joined, this.#joinedLength);
  }

  #endJoined(): void {
    if (this.#joined === undefined) return;
    this.#buffers.push(this.#joined.subarray(0, this.#joinedLength));
    this.#joined = undefined;
    this.#joinedLength = 0;
  }
}
