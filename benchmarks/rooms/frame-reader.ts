/** Finds the frames of a server in received bytes, without a copy or an object for each. RFC 6455 §5.2. */

/** Called with each frame: its opcode, and where its payload is. */
export type OnFrame = (input: Buffer, opcode: number, from: number, to: number) => void;

/** Reads the frames of one connection. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  #rest: Buffer | undefined;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** Takes received bytes, which may change after the call. */
  take(bytes: Buffer): void {
    const input = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (;;) {
      if (input.length < at + 2) break;
      const length = input[at + 1]!;
      if (length > 127) throw new Error(`Unexpected frame that begins with ${input.toString('hex', at, at + 2)}.`);
      const from = at + (length === 127 ? 10 : length === 126 ? 4 : 2);
      if (input.length < from) break;
      const to = from + payloadBytes(input, at + 2, length);
      if (to > input.length) break;
      this.#onFrame(input, input[at]! & 0x0f, from, to);
      at = to;
    }
    this.#rest = at === input.length ? undefined : Buffer.from(input.subarray(at));
  }
}

/** @param at - Where the extended length is. */
function payloadBytes(input: Buffer, at: number, length: number): number {
  if (length < 126) return length;
  return length === 126 ? input.readUInt16BE(at) : input.readUIntBE(at + 2, 6);
}
