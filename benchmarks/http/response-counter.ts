/**
 * Counts complete responses in the bytes of a connection. Each must be a 200 with the same `Content-Length` as the first;
 * anything else throws. It does little work on purpose: a head that ends at the offset of the last one has the same length,
 * and body bytes are only counted.
 */

const statusLine = Buffer.from('HTTP/1.1 200');
const headEnd = Buffer.from('\r\n\r\n');

/** Lengths of the last fully parsed response, shared by all connections of a load; 0 before the first. */
export interface ResponseShape {
  headBytes: number;
  bodyBytes: number;
}

/** The responses of one connection. */
export class ResponseCounter {
  readonly #shape: ResponseShape;
  #missingBodyBytes = 0;
  #partialHead: Buffer | undefined;

  constructor(shape: ResponseShape) {
    this.#shape = shape;
  }

  /**
   * Reads the first `length` received bytes; they are not kept.
   *
   * @returns Number of responses that became complete.
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

  /** Offset of the body after the head at `at`, -1 if the head is incomplete. */
  #readHead(input: Buffer, at: number, end: number): number {
    const known = at + this.#shape.headBytes;
    const isKnown = this.#shape.headBytes > 0 && known <= end && isAt(input, headEnd, known - headEnd.length);
    const bodyAt = isKnown ? known : input.subarray(0, end).indexOf(headEnd, at) + headEnd.length;
    if (bodyAt < headEnd.length) return -1;
    if (!isAt(input, statusLine, at))
      throw new Error(`The response is not 200: ${input.toString('latin1', at, bodyAt)}`);
    if (!isKnown) {
      const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(input.toString('latin1', at, bodyAt))?.[1];
      if (length === undefined)
        throw new Error(`The response has no Content-Length: ${input.toString('latin1', at, bodyAt)}`);
      const isFirst = this.#shape.headBytes === 0;
      if (!isFirst && Number(length) !== this.#shape.bodyBytes) {
        throw new Error(`A response has ${length} bytes, and an earlier one ${this.#shape.bodyBytes}.`);
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
