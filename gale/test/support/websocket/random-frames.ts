/** Random frames of every kind. */
import { encodeFrame, opcodes } from '../../../src/websocket/protocol/frame.ts';
import type { Opcode } from '../../../src/websocket/protocol/frame.ts';
import type { EndpointRole } from '../../../src/websocket/protocol/frame-parser.ts';

const text = Buffer.from('Hello 世界 😀 äß '.repeat(20));
const noise = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 7) & 0xff));
/** Most payloads are short; some are at a boundary. */
const sizes = [0, 0, 1, 2, 5, 10, 20, 60, 125, 126, 127];

/** Creates valid streams of one connection, each of whole messages. */
export class RandomFrames {
  /** Frames created so far. */
  frames = 0;
  /** Messages created so far; all fragments of one count once. */
  messages = 0;
  pings = 0;
  pongs = 0;
  readonly #random: () => number;
  readonly #masked: boolean;

  /** @param role - The reader: frames for a server are masked. */
  constructor(random: () => number, role: EndpointRole) {
    this.#random = random;
    this.#masked = role === 'server';
  }

  /** Expected events of a parser: messages and control frames. */
  get events(): number {
    return this.messages + this.pings + this.pongs;
  }

  /** At least this many further messages and control frames; fragmented messages are complete. */
  stream(events: number): Buffer {
    const parts: Buffer[] = [];
    for (const end = this.events + events; this.events < end;) {
      const kind = this.#random();
      if (kind < 0.15) parts.push(this.#control());
      else if (kind < 0.8) parts.push(this.#message(1));
      else parts.push(this.#message(2 + this.#below(3)));
    }
    return Buffer.concat(parts);
  }

  /** A close frame, which ends a stream. */
  close(): Buffer {
    const payload = Buffer.from('__bye');
    payload.writeUInt16BE(1000);
    return this.#frame(opcodes.close, payload.subarray(0, [0, 2, 5][this.#below(3)]));
  }

  #control(): Buffer {
    const isPing = this.#random() < 0.5;
    if (isPing) this.pings++;
    else this.pongs++;
    return this.#frame(isPing ? opcodes.ping : opcodes.pong, noise.subarray(0, this.#below(126)));
  }

  /** A message in fragments, split inside characters too, with control frames between them. */
  #message(fragments: number): Buffer {
    const isText = this.#random() < 0.5;
    const whole = isText ? wholeCharacters(this.#size()) : noise.subarray(0, this.#size());
    const parts: Buffer[] = [];
    for (let index = 0, from = 0; index < fragments; index++) {
      const final = index === fragments - 1;
      const to = final ? whole.length : from + this.#below(whole.length - from + 1);
      const opcode = index > 0 ? opcodes.continuation : isText ? opcodes.text : opcodes.binary;
      parts.push(this.#frame(opcode, whole.subarray(from, to), final));
      if (!final && this.#random() < 0.3) parts.push(this.#control());
      from = to;
    }
    this.messages++;
    return Buffer.concat(parts);
  }

  #frame(opcode: Opcode, payload: Uint8Array, final = true): Buffer {
    this.frames++;
    return encodeFrame(opcode, payload, { final, mask: this.#masked ? this.#below(2 ** 32) : undefined });
  }

  #size(): number {
    return sizes[this.#below(sizes.length)]!;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

/** The same bytes with one mutation: a changed bit or byte, bytes removed, inserted or repeated, or a truncated end. */
export function mutated(stream: Buffer, random: () => number): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  // The first header is changed more often than by chance.
  const at = random() < 0.3 ? below(Math.min(stream.length, 3)) : below(stream.length);
  const changed = Buffer.from(stream);
  const [before, after] = [stream.subarray(0, at), stream.subarray(at)];
  switch (below(6)) {
    case 0:
      changed[at]! ^= 1 << below(8);
      return changed;
    case 1:
      changed[at] = below(256);
      return changed;
    case 2:
      return Buffer.concat([before, after.subarray(1 + below(4))]);
    case 3:
      return Buffer.concat([before, Buffer.from([below(256), below(256)]).subarray(below(2)), after]);
    case 4:
      return Buffer.concat([before, after.subarray(0, 1 + below(30)), after]);
    default:
      return before;
  }
}

/** The longest prefix of the text with whole characters and at most `bytes` bytes. */
function wholeCharacters(bytes: number): Buffer {
  let end = bytes;
  while ((text[end]! & 0xc0) === 0x80) end--;
  return text.subarray(0, end);
}
