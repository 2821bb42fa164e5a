/**
 * The WebSocket frame: reads a header off the front of received bytes and encodes whole frames to send.
 * It knows single frames only; how frames make messages is in protocol.ts.
 * RFC 6455 §5.2 (base framing) and §5.5 (control frames).
 */
import { ProtocolError } from '../../errors.ts';
import { applyMask } from './mask.ts';

/** What a frame carries, RFC 6455 §11.8. From `close` on they are control frames. */
export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** A number out of {@link opcodes}. */
export type Opcode = (typeof opcodes)[keyof typeof opcodes];

/** RSV1, which says that a message is compressed: RFC 7692 §6. */
export const compressedBit = 4;

/** Most bytes a control frame may carry, RFC 6455 §5.5. */
export const maxControlBytes = 125;

/** The part of a frame before its payload. */
export interface FrameHeader {
  /** Whether this frame ends its message. */
  readonly final: boolean;
  /** RSV1, RSV2 and RSV3 as the bits 4, 2 and 1. */
  readonly reserved: number;
  /** What the frame carries. */
  readonly opcode: Opcode;
  /** The four masking bytes as one number, first byte highest; `undefined` for an unmasked frame. */
  readonly mask: number | undefined;
  /** Bytes of payload that follow the header. */
  readonly payloadBytes: number;
  /** Bytes of the header itself: 2 to 14. */
  readonly headerBytes: number;
}

/** How {@link encodeFrame} departs from a whole, unmasked message. */
export interface FrameOptions {
  /** `false` for a fragment that others follow. Default `true`. */
  readonly final?: boolean;
  /** Reserved bits, as in {@link FrameHeader.reserved}. Default 0. */
  readonly reserved?: number;
  /** Masking bytes as one number, first byte highest: a client must mask, a server must not. */
  readonly mask?: number | undefined;
}

/**
 * Reads a frame header from `input` at `offset`. A broken rule is told by the first byte that shows it.
 *
 * @param input - Bytes received so far, at least 0 of them; not kept, not changed.
 * @param allowedReserved - Reserved bits that an extension has claimed, for the first frame of a message only.
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
    throw new ProtocolError('WS_OPCODE', `Frame has opcode ${opcode}; known are 0, 1, 2, 8, 9 and 10.`);
  }
  const final = first >= 0x80;
  if (!final && opcode >= opcodes.close) {
    throw new ProtocolError('WS_CONTROL_FRAME', `Control frame with opcode ${opcode} is fragmented; send it whole.`);
  }
  if (available < 2) return undefined;
  const second = input[offset + 1]!;
  const shortLength = second & 0x7f;
  if (shortLength > maxControlBytes && opcode >= opcodes.close) {
    throw new ProtocolError('WS_CONTROL_FRAME', `Control frame with opcode ${opcode} carries over 125 bytes.`);
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
 * Makes one frame: header and payload in one fresh buffer, the length in its shortest encoding.
 *
 * @param payload - Copied, never changed. A lone surrogate in a string is sent as U+FFFD.
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
 * Lays a mask over a frame that has none.
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

/** Bytes before the payload of a frame without a mask. */
export function headerBytesOf(frame: Buffer): number {
  const shortLength = frame[1]!;
  return shortLength < 126 ? 2 : shortLength === 126 ? 4 : 10;
}

/** Bytes of the header that {@link encodeFrame} puts before so many bytes of payload. */
export function headerBytesFor(payloadBytes: number, masked = false): number {
  return (payloadBytes < 126 ? 2 : payloadBytes <= 0xffff ? 4 : 10) + (masked ? 4 : 0);
}

function isOpcode(value: number): value is Opcode {
  return value <= opcodes.binary || (value >= opcodes.close && value <= opcodes.pong);
}

/** RFC 7692 §6.1: neither a fragment that is not the first nor a control frame is compressed by itself. */
function assertReserved(reserved: number, allowed: number, opcode: number): void {
  if ((reserved & ~allowed) !== 0) {
    throw new ProtocolError('WS_RESERVED_BITS', `Frame has reserved bits ${reserved}; no extension claimed them.`);
  }
  if (opcode !== opcodes.text && opcode !== opcodes.binary) {
    throw new ProtocolError('WS_RESERVED_BITS', `Frame with opcode ${opcode} has RSV1; only a message's first may.`);
  }
}

function readLength(input: Uint8Array, offset: number, lengthBytes: 2 | 8): number {
  if (lengthBytes === 2) {
    const length = (input[offset]! << 8) | input[offset + 1]!;
    if (length < 126) throw new ProtocolError('WS_LENGTH', `Length ${length} is written in 3 bytes; 1 holds it.`);
    return length;
  }
  const high = readUint32(input, offset);
  if (high > 0x7fffffff) throw new ProtocolError('WS_LENGTH', 'Length of a frame has its highest bit set.');
  // Over 2^53 this is not exact, and far over every limit.
  const length = high * 2 ** 32 + readUint32(input, offset + 4);
  if (length <= 0xffff) throw new ProtocolError('WS_LENGTH', `Length ${length} is written in 9 bytes; fewer hold it.`);
  return length;
}

function readUint32(input: Uint8Array, offset: number): number {
  return ((input[offset]! << 24) | (input[offset + 1]! << 16) | (input[offset + 2]! << 8) | input[offset + 3]!) >>> 0;
}
