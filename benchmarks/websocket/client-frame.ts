/** Frames as a client sends them (masked) and receives them (unmasked), RFC 6455 §5.2. Payloads are below 64 KiB. */
import { randomBytes } from 'node:crypto';

/** RFC 6455 §11.8. */
export const opcodes = { text: 0x1, ping: 0x9, pong: 0xa } as const;

/** A complete final frame with a random mask. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  return Buffer.concat([
    frameHead(opcode, payload.length, 0x80),
    mask,
    payload.map((byte, at) => byte ^ mask[at & 3]!),
  ]);
}

/** A complete frame as a server sends it. */
export function serverFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([frameHead(opcode, payload.length, 0), payload]);
}

/** A complete received frame. */
export interface ReceivedFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Length of the frame, including its head. */
  readonly bytes: number;
}

/**
 * Reads the frame at the front of `input`.
 *
 * @returns `undefined` while the frame is incomplete. The payload is a view of `input`.
 * @throws If the frame is not final, is masked, has reserved bits or is longer than 64 KiB.
 */
export function readServerFrame(input: Buffer): ReceivedFrame | undefined {
  if (input.length < 2) return undefined;
  const [first, second] = [input[0]!, input[1]!];
  if ((first & 0xf0) !== 0x80 || second > 126) {
    throw new Error(`Unexpected frame that begins with ${input.toString('hex', 0, 2)}.`);
  }
  const headBytes = second === 126 ? 4 : 2;
  if (input.length < headBytes) return undefined;
  const bytes = headBytes + (second === 126 ? input.readUInt16BE(2) : second);
  if (input.length < bytes) return undefined;
  return { opcode: first & 0x0f, payload: input.subarray(headBytes, bytes), bytes };
}

function frameHead(opcode: number, payloadBytes: number, maskBit: number): Buffer {
  if (payloadBytes < 126) return Buffer.from([0x80 | opcode, maskBit | payloadBytes]);
  return Buffer.from([0x80 | opcode, maskBit | 126, payloadBytes >> 8, payloadBytes & 0xff]);
}
