/**
 * The WebSocket frame: reads a header from received bytes and encodes whole frames to send.
 * It handles single frames; frame-parser.ts joins them to messages.
 * RFC 6455 §5.2 (base framing) and §5.5 (control frames).
 */
import { ProtocolError } from '../../errors.ts';
import { applyMask } from './mask.ts';

/** Frame types, RFC 6455 §11.8. `close` and higher are control frames. */
export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** One of {@link opcodes}. */
export type Opcode = (typeof opcodes)[keyof typeof opcodes];

/** RSV1: the message is compressed, RFC 7692 §6. */
export const compressedBit = 4;

/** Largest payload of a control frame, RFC 6455 §5.5. */
export const maxControlBytes = 125;

/** The fields before the payload of a frame. */
export interface FrameHeader {
  /** Whether this is the last frame of its message. */
  readonly final: boolean;
  /** RSV1, RSV2 and RSV3 as the bits 4, 2 and 1. */
  readonly reserved: number;
  /** Type of the frame. */
  readonly opcode: Opcode;
  /** The four masking bytes as one number, first byte highest; `undefined` for an unmasked frame. */
  readonly mask: number | undefined;
  /** Bytes of payload that follow the header. */
  readonly payloadBytes: number;
  /** Bytes of the header: 2 to 14. */
  readonly headerBytes: number;
}

/** Options of {@link encodeFrame}; without them the frame is a whole, unmasked message. */
export interface FrameOptions {
  /** `false` for a fragment that is not the last. @defaultValue `true` */
  readonly final?: boolean;
  /** Reserved bits, as in {@link FrameHeader.reserved}. @defaultValue 0 */
  readonly reserved?: number;
  /** Masking bytes as one number, first byte highest: a client must mask, a server must not. */
  readonly mask?: number | undefined;
}

/**
 * Reads a frame header from `input` at `offset`. It throws at the first byte that breaks a rule.
 *
 * @param input - Bytes received so far, at least 0 of them; not kept, not changed.
 * @param allowedReserved - Reserved bits that an extension uses, in the first frame of a message only.
 * @returns The header, or `undefined` while `input` is too short to hold it.
 * @throws {@link ProtocolError} `WS_RESERVED_BITS`, `WS_OPCODE`, `WS_CONTROL_FRAME` or `WS_LENGTH` (close 1002).
 * @see RFC 6455 §5.2, base framing protocol
 */
export function readFrameHeader(input: Uint8Array, offset = 0, allowedReserved = 0): FrameHeader | undefined {
  const available = input.length - offset;
  if (available < 1) return undefined;
  const first = input[offset]!;
  const reserved = (first >> 4) & 0x7;
  const opcode = first & 0xf;
  if (reserved !== 0) assertReserved(reserved, allowedReserved, opcode);
  if (!isOpcode(opcode)) {
    throw new ProtocolError('WS_OPCODE', `Opcode of a frame must be 0, 1, 2, 8, 9 or 10; got ${opcode}.`);
  }
  const final = first >= 0x80;
  if (!final && opcode >= opcodes.close) {
    throw new ProtocolError(
      'WS_CONTROL_FRAME',
      `Control frame with opcode ${opcode} is fragmented; send it as one frame.`,
    );
  }
  if (available < 2) return undefined;
  const second = input[offset + 1]!;
  const shortLength = second & 0x7f;
  if (shortLength > maxControlBytes && opcode >= opcodes.close) {
    throw new ProtocolError('WS_CONTROL_FRAME', `Control frame with opcode ${opcode} has more than 125 bytes.`);
  }
  const masked = second >= 0x80;
  const lengthBytes = shortLength < 126 ? 0 : shortLength === 126 ? 2 : 8;
  const headerBytes = 2 + lengthBytes + (masked ? 4 : 0);
  if (available < headerBytes) return undefined;
  const payloadBytes = lengthBytes === 0 ? shortLength : readLength(input, offset + 2, lengthBytes);
  const mask = masked ? readUint32(input, offset + 2 + lengthBytes) : undefined;
  return { final, reserved, opcode, mask, payloadBytes, headerBytes };
}

/**
 * Encodes one frame: header and payload in one new buffer, with the shortest length encoding.
 *
 * @param payload - Copied, not changed. A lone surrogate in a string becomes U+FFFD.
 */
export function encodeFrame(opcode: Opcode, payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const payloadBytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const masked = options.mask !== undefined;
  const headerBytes = headerBytesFor(payloadBytes, masked);
  const frame = Buffer.allocUnsafe(headerBytes + payloadBytes);
  frame[0] = (options.final === false ? 0 : 0x80) | ((options.reserved ?? 0) << 4) | opcode;
  const maskBit = masked ? 0x80 : 0;
  if (payloadBytes < 126) {
    frame[1] = maskBit | payloadBytes;
  } else if (payloadBytes <= 0xffff) {
    frame[1] = maskBit | 126;
    frame.writeUInt16BE(payloadBytes, 2);
  } else {
    frame[1] = maskBit | 127;
    frame.writeUInt32BE(Math.floor(payloadBytes / 2 ** 32), 2);
    frame.writeUInt32BE(payloadBytes % 2 ** 32, 6);
  }
  if (typeof payload === 'string') frame.write(payload, headerBytes);
  else frame.set(payload, headerBytes);
  if (options.mask !== undefined) {
    frame.writeUInt32BE(options.mask, headerBytes - 4);
    applyMask(frame.subarray(headerBytes), options.mask);
  }
  return frame;
}

/**
 * Masks an unmasked frame.
 *
 * @param frame - A whole frame; copied, not changed.
 * @param mask - As in {@link FrameOptions.mask}.
 */
export function maskFrame(frame: Buffer, mask: number): Buffer {
  const headerBytes = headerBytesOf(frame);
  const masked = Buffer.allocUnsafe(frame.length + 4);
  frame.copy(masked, 0, 0, headerBytes);
  masked[1]! |= 0x80;
  masked.writeUInt32BE(mask, headerBytes);
  frame.copy(masked, headerBytes + 4, headerBytes);
  applyMask(masked.subarray(headerBytes + 4), mask);
  return masked;
}

/** Header bytes of an unmasked frame. */
export function headerBytesOf(frame: Buffer): number {
  const shortLength = frame[1]!;
  return shortLength < 126 ? 2 : shortLength === 126 ? 4 : 10;
}

/** Header bytes that {@link encodeFrame} writes before a payload of this size. */
export function headerBytesFor(payloadBytes: number, masked = false): number {
  return (payloadBytes < 126 ? 2 : payloadBytes <= 0xffff ? 4 : 10) + (masked ? 4 : 0);
}

function isOpcode(value: number): value is Opcode {
  return value <= opcodes.binary || (value >= opcodes.close && value <= opcodes.pong);
}

/** RFC 7692 §6.1: only the first frame of a message has RSV1, never a control frame or a later fragment. */
function assertReserved(reserved: number, allowed: number, opcode: number): void {
  if ((reserved & ~allowed) !== 0) {
    throw new ProtocolError(
      'WS_RESERVED_BITS',
      `Reserved bits of a frame must be 0 without an extension; got ${reserved}.`,
    );
  }
  if (opcode !== opcodes.text && opcode !== opcodes.binary) {
    throw new ProtocolError(
      'WS_RESERVED_BITS',
      `RSV1 must be 0 in a frame with opcode ${opcode}; only the first frame of a message may set it.`,
    );
  }
}

function readLength(input: Uint8Array, offset: number, lengthBytes: 2 | 8): number {
  if (lengthBytes === 2) {
    const length = (input[offset]! << 8) | input[offset + 1]!;
    if (length < 126) throw new ProtocolError('WS_LENGTH', `Length ${length} is encoded in 3 bytes; use 1.`);
    return length;
  }
  const high = readUint32(input, offset);
  if (high > 0x7fffffff) throw new ProtocolError('WS_LENGTH', 'Length of a frame must have its highest bit clear.');
  // Above 2^53 this is not exact, but far above every limit.
  const length = high * 2 ** 32 + readUint32(input, offset + 4);
  if (length <= 0xffff)
    throw new ProtocolError('WS_LENGTH', `Length ${length} is encoded in 9 bytes; use the shortest encoding.`);
  return length;
}

function readUint32(input: Uint8Array, offset: number): number {
  return ((input[offset]! << 24) | (input[offset + 1]! << 16) | (input[offset + 2]! << 8) | input[offset + 3]!) >>> 0;
}
