/**
 * Counts complete answers in what a connection receives. Each must be a 200 with the same `Content-Length` as the first;
 * anything else throws.
 * Lean on purpose: a head that ends where the last one did is known to be as long, and bodies are only counted.
 */

const statusLine = Buffer.from('HTTP/1.1 200');
const headEnd = Buffer.from('\r\n\r\n');

/** Lengths of the last answer that was read with care, shared by all connections of a load; 0 before the first. */
export interface AnswerShape {
  headBytes: number;
  bodyBytes: number;
}

/** The answers of one connection. */
export class AnswerCounter {
  readonly #shape: AnswerShape;
  #missingBodyBytes = 0;
  #partialHead: Buffer | undefined;

  constructor(shape: AnswerShape) {
    this.#shape = shape;
  }

  /**
   * Takes the first `length` bytes of what was received; they are not kept.
   *
   * @returns How many answers became complete.
   */
  take(received: Buffer, length: number): number {
    let [input, end] = [received, length];
    if (this.#partialHead !== undefined) {
      input = Buffer.concat([this.#partialHead, received.subarray(0, length)]);
      end = input.length;
      this.#partialHead = undefined;
    }
    let complete = 0;
    for (let at = 0; at < end;) {
      if (this.#missingBodyBytes === 0) {
        const bodyAt = this.#readHead(input, at, end);
        if (bodyAt === -1) {
          this.#partialHead = Buffer.from(input.subarray(at, end));
          break;
        }
        at = bodyAt;
      }
      const taken = Math.min(this.#missingBodyBytes, end - at);
      this.#missingBodyBytes -= taken;
      at += taken;
      if (this.#missingBodyBytes === 0) complete += 1;
    }
    return complete;
  }

  /** Where the body begins behind the head at `at`, -1 if that is not complete. */
  #readHead(input: Buffer, at: number, end: number): number {
    const known = at + this.#shape.headBytes;
    const isKnown = this.#shape.headBytes > 0 && known <= end && isAt(input, headEnd, known - headEnd.length);
    const bodyAt = isKnown ? known : input.subarray(0, end).indexOf(headEnd, at) + headEnd.length;
    if (bodyAt < headEnd.length) return -1;
    if (!isAt(input, statusLine, at)) throw new Error(`No 200 came, but: ${input.toString('latin1', at, bodyAt)}`);
    if (!isKnown) {
      const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(input.toString('latin1', at, bodyAt))?.[1];
      if (length === undefined) throw new Error(`No Content-Length came: ${input.toString('latin1', at, bodyAt)}`);
      const isFirst = this.#shape.headBytes === 0;
      if (!isFirst && Number(length) !== this.#shape.bodyBytes) {
        throw new Error(`An answer of ${length} bytes came after one of ${this.#shape.bodyBytes}.`);
      }
      this.#shape.headBytes = bodyAt - at;
      this.#shape.bodyBytes = Number(length);
    }
    this.#missingBodyBytes = this.#shape.bodyBytes;
    return bodyAt;
  }
}

function isAt(input: Buffer, wanted: Buffer, at: number): boolean {
  for (let index = 0; index < wanted.length; index += 1) if (input[at + index] !== wanted[index]) return false;
  return true;
}
