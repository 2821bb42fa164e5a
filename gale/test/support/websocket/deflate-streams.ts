/**
 * The other end of a connection with context takeover, as in RFC 7692 §7.2: one zlib stream for each direction of a connection.
 * Gale has no such streams; tests show that both ends understand each other.
 */
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';
import type { DeflateRaw, InflateRaw } from 'node:zlib';

const flushEnd = Buffer.from('0000ffff', 'hex');

/** Compresses messages with references to earlier ones. */
export class StreamDeflater {
  readonly #stream: DeflateRaw;
  #out: Buffer[] = [];

  constructor(windowBits: number) {
    this.#stream = createDeflateRaw({ windowBits });
    this.#stream.on('data', (part: Buffer) => this.#out.push(part));
  }

  /** Messages one at a time. */
  async deflate(message: Buffer): Promise<Buffer> {
    this.#out = [];
    if (message.length > 0) this.#stream.write(message);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.flush(constants.Z_SYNC_FLUSH, resolve);
    await promise;
    const deflated = Buffer.concat(this.#out);
    // A second flush without data writes nothing; an empty block replaces it, RFC 7692 §7.2.3.6.
    return deflated.length === 0 ? Buffer.from([0]) : deflated.subarray(0, -flushEnd.length);
  }
}

/** Inflates messages with exactly its window, so that a reference beyond it fails. */
export class StreamInflater {
  readonly #stream: InflateRaw;
  readonly #failed = Promise.withResolvers<never>();
  #out: Buffer[] = [];

  constructor(windowBits: number) {
    // Output in small parts: within one part zlib would accept a distance beyond the window.
    this.#stream = createInflateRaw({ windowBits, chunkSize: 64 });
    this.#stream.on('data', (part: Buffer) => this.#out.push(part));
    this.#stream.on('error', this.#failed.reject);
    this.#failed.promise.catch(() => undefined);
  }

  /** Messages one at a time. @throws The error of zlib. */
  async inflate(deflated: Buffer): Promise<Buffer> {
    this.#out = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.write(Buffer.concat([deflated, flushEnd]), () => resolve());
    await Promise.race([promise, this.#failed.promise]);
    return Buffer.concat(this.#out);
  }
}
