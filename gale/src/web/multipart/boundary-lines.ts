/**
 * Checks what follows each boundary of a multipart body: `--` for the last one, else spaces or tabs and a line break (RFC 2046 §5.1.1). Dicer
 * takes a boundary with one dash for the last one or for another part, as the bytes happen to arrive. No I/O; bytes of the content are
 * only searched, not copied.
 */

const dash = 0x2d;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const space = 0x20;
const tab = 0x09;
const nothing: Buffer = Buffer.alloc(0);
const lineBreak: Buffer = Buffer.from('\r\n');

/** The boundaries of one body. */
export class BoundaryLines {
  readonly #delimiter: Buffer;
  /** The last bytes that may begin a boundary. The body begins like after a line break. */
  #tail: Buffer = lineBreak;
  /** Whether spaces or tabs follow the boundary. */
  #isPadded = false;
  #state: 'content' | 'boundary' | 'dash' | 'return' | 'end' = 'content';

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /**
   * Checks the next bytes.
   *
   * @param pass - Receives all of them, in pieces, without the spaces and tabs after boundaries.
   * @returns The index of the first byte after a boundary that must not be there, which ends the body; -1 if there is none.
   */
  push(bytes: Buffer, pass: (piece: Buffer) => void): number {
    let at = 0;
    let from = 0;
    while (at < bytes.length && this.#state !== 'end') {
      if (this.#state === 'content') {
        at = this.#skipContent(bytes, at);
        continue;
      }
      const isAllowed = this.#readByte(bytes[at] as number);
      if (!isAllowed || this.#isPadded) {
        if (at > from) pass(bytes.subarray(from, at));
        from = at + 1;
      }
      if (!isAllowed) return at;
      at++;
    }
    if (from < bytes.length) pass(from === 0 ? bytes : bytes.subarray(from));
    return -1;
  }

  /** @returns The index after the next boundary, or the length. */
  #skipContent(bytes: Buffer, from: number): number {
    const { length } = this.#delimiter;
    if (this.#tail.length > 0) {
      const joined = Buffer.concat([this.#tail, bytes.subarray(from, from + length - 1)]);
      const found = joined.indexOf(this.#delimiter);
      if (found >= 0) return this.#enterBoundary(from + found + length - this.#tail.length);
    }
    const found = bytes.indexOf(this.#delimiter, from);
    if (found >= 0) return this.#enterBoundary(found + length);
    const rest = bytes.subarray(from);
    const last = rest.length < length ? Buffer.concat([this.#tail, rest]) : rest;
    this.#tail = Buffer.from(last.subarray(Math.max(0, last.length - length + 1)));
    return bytes.length;
  }

  #enterBoundary(at: number): number {
    this.#state = 'boundary';
    this.#tail = nothing;
    return at;
  }

  /** @returns Whether the byte may follow. */
  #readByte(byte: number): boolean {
    if (this.#state === 'dash' || this.#state === 'return') {
      if (byte !== (this.#state === 'dash' ? dash : lineFeed)) return false;
      this.#state = this.#state === 'dash' ? 'end' : 'content';
      // The line break of this boundary can be that of the next one: an empty part.
      this.#tail = lineBreak;
      return true;
    }
    if (byte === dash && !this.#isPadded) this.#state = 'dash';
    else if (byte === carriageReturn) this.#state = 'return';
    else if (byte === space || byte === tab) {
      this.#isPadded = true;
      return true;
    } else return false;
    this.#isPadded = false;
    return true;
  }
}
