/**
 * What waits for a peer that reads more slowly than we write. It exists only while the peer is behind.
 * Control frames overtake the data in it, so a peer that is slow is still asked, and answered, whether it is alive.
 */

/** How much is handed to the socket at a time: what is handed over can no longer be overtaken or dropped. */
const batchBytes = 64 * 1024;

/** Buffers of whole frames, in order, behind at most one ping and one pong. */
export class WriteBacklog {
  #buffers: Buffer[] = [];
  #bytes = 0;
  #ping: Buffer | undefined;
  #pong: Buffer | undefined;

  /** Bytes that wait, control frames not counted. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds whole frames at the end. */
  push(frames: Buffer): void {
    this.#buffers.push(frames);
    this.#bytes += frames.length;
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
    this.#bytes = 0;
    this.#ping = undefined;
    this.#pong = undefined;
  }

  /** Takes out what may be handed to the socket next; empty when nothing waits. */
  take(): Buffer[] {
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
}
