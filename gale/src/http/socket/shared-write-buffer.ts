/**
 * One buffer that all connections use to build their small responses, one after the other. The operating system copies a small write at
 * once, so the memory is free again when the write returns. If the system does not accept all bytes, the socket keeps this memory and the
 * buffer gets a new one. No response then needs a separate allocation.
 */
import type { Writable } from 'node:stream';

/** Larger responses, in bytes, do not fit and are written in parts. */
export const maxSharedWriteBytes: number = 16 * 1024;

/** Text in which each character is one byte, or bytes. */
export type Part = string | Uint8Array;

/** Texts that are compared with those of the next write. */
const maxTexts = 64;
/** Views up to this length are cached. */
const maxViewBytes = 1024;

/** The buffer of one thread. */
export class SharedWriteBuffer {
  #memory: Buffer = Buffer.allocUnsafeSlow(maxSharedWriteBytes);
  /** Views of the first bytes, by length: responses often have the length of an earlier one. */
  #views: (Buffer | undefined)[] = [];
  /**
   * The texts at the front of the memory, one after the other: head and body of the last response, and of pipelined ones. The next responses
   * often begin with the same texts. The second is undefined if bytes follow the first.
   */
  #firstText = '';
  #secondText: string | undefined = '';
  readonly #moreTexts: string[] = [];

  /**
   * Writes `first` and the other parts as one.
   *
   * @param length - Bytes of all parts, at most {@link maxSharedWriteBytes}.
   * @returns Whether the operating system took all bytes; if not, the socket writes the rest by itself.
   */
  write(socket: Writable, first: string, second: Part, more: readonly Part[] | undefined, length: number): boolean {
    const memory = this.#memory;
    if (first !== this.#firstText) {
      memory.write(first, 0, 'latin1');
      this.#firstText = first;
      this.#secondText = '';
      this.#moreTexts.length = 0;
    }
    if (second !== this.#secondText) {
      put(memory, second, first.length);
      this.#secondText = typeof second === 'string' ? second : undefined;
      this.#moreTexts.length = 0;
    }
    if (more !== undefined) this.#putMore(more, first.length + second.length);
    socket.write(
      length > maxViewBytes ? memory.subarray(0, length) : (this.#views[length] ??= memory.subarray(0, length)),
    );
    if (socket.writableLength === 0) return true;
    this.#memory = Buffer.allocUnsafeSlow(maxSharedWriteBytes);
    this.#views = [];
    this.#firstText = '';
    this.#secondText = '';
    this.#moreTexts.length = 0;
    return false;
  }

  #putMore(more: readonly Part[], start: number): void {
    const texts = this.#moreTexts;
    let at = start;
    for (let index = 0; index < more.length; index++) {
      const part = more[index] as Part;
      if (part !== texts[index]) {
        put(this.#memory, part, at);
        // Whatever follows was overwritten, or is at another place now.
        if (index < texts.length) texts.length = index;
        if (index === texts.length && typeof part === 'string' && index < maxTexts) texts.push(part);
      }
      at += part.length;
    }
  }
}

/** The buffer of all connections of this thread. */
export const sharedWriteBuffer: SharedWriteBuffer = new SharedWriteBuffer();

/** A loop is cheaper than a library call for texts up to this length. */
const shortText = 32;

function put(memory: Buffer, part: Part, at: number): void {
  const { length } = part;
  if (typeof part !== 'string') memory.set(part, at);
  else if (length > shortText) memory.write(part, at, 'latin1');
  else for (let index = 0; index < length; index++) memory[at + index] = part.charCodeAt(index);
}
