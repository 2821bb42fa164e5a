/**
 * What waits for a peer that reads more slowly than we write. It exists only while the peer is behind.
 * Control frames overtake the data in it, so a peer that is slow is still asked, and answered, whether it is alive.
 */

/** How much is handed to the socket at a time: what is handed over can no longer be overtaken or dropped. */
const batchBytes = 64 * 1024;

/**
 * Frames below this many bytes are copied together once more than a few wait, since each buffer takes some 200 bytes more. Larger ones are
 * not: many receivers may share them.
 */
const smallBytes = 512;
const fewBuffers = 16;
const joinedBytes = 4 * 1024;

/** Buffers of whole frames, in order, behind at most one ping and one pong. */
export class WriteBacklog {
  #buffers: Buffer[] = [];
  #bytes = 0;
  /** Memory in which small frames are put together, and how much of it is filled. They come after `#buffers`. */
  #joined: Buffer | undefined;
  #joinedLength = 0;
  #ping: Buffer | undefined;
  #pong: Buffer | undefined;

  /** Bytes that wait, control frames not counted. */
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

  /** Puts a ping before the data, in place of one that still waits. */
  putPing(frame: Buffer): void {
    this.#ping = frame;
  }

  /** Puts a pong before the data. Only the latest ping has to be answered, RFC 6455 §5.5.3. */
  putPong(frame: Buffer): void {
    this.#pong = frame;
  }

  /** Forgets everything. */
  drop(): void {
    this.#buffers = [];
    this.#joined = undefined;
    this.#joinedLength = 0;
    this.#bytes = 0;
    this.#ping = undefined;
    this.#pong = undefined;
  }

  /** Takes out what may be handed to the socket next; empty when nothing waits. */
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
