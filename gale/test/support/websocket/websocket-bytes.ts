/** Bytes for WebSocket tests, written in hex, and the events that a parser reads from them. */
import { ProtocolError } from '../../../src/errors.ts';
import { encodeFrame } from '../../../src/websocket/protocol/frame.ts';
import type { FrameOptions, Opcode } from '../../../src/websocket/protocol/frame.ts';
import { FrameParser } from '../../../src/websocket/protocol/frame-parser.ts';
import type { ParserLimits, EndpointRole } from '../../../src/websocket/protocol/frame-parser.ts';

/** The mask of RFC 6455 §5.7, the default mask of test frames. */
export const testMask = 0x37fa213d;

/** Limits that no test reaches by accident. */
export const wideLimits: ParserLimits = { maxMessageBytes: 2 ** 21, maxFragments: 1024, messageTypes: 'any' };

/** Bytes of a hex text; spaces are ignored. */
export function bytes(hex: string): Buffer {
  const digits = hex.replaceAll(/\s+/g, '');
  const read = Buffer.from(digits, 'hex');
  if (read.length * 2 !== digits.length) throw new Error(`not hex: ${hex}`);
  return read;
}

/** A frame as a client sends it. */
export function clientFrame(opcode: Opcode, payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  return encodeFrame(opcode, payload, { mask: testMask, ...options });
}

/** The same frame as a client sends it, or its beginning: byte by byte as RFC 6455 §5.3 defines, without the code under test. */
export function maskedByDefinition(frame: Uint8Array, mask: number): Buffer {
  const shortLength = frame[1]! & 0x7f;
  const maskAt = shortLength < 126 ? 2 : shortLength === 126 ? 4 : 10;
  const key = Buffer.alloc(4);
  key.writeUInt32BE(mask);
  const masked = Buffer.concat([frame.subarray(0, maskAt), key, frame.subarray(maskAt)]);
  masked[1]! |= 0x80;
  for (let at = maskAt + 4; at < masked.length; at++) masked[at]! ^= key[(at - maskAt) % 4]!;
  return masked;
}

/** The events that a parser reads from `parts`: one line each, the code of an error last. */
export function eventsOf(
  parts: readonly Uint8Array[],
  limits: ParserLimits = wideLimits,
  role: EndpointRole = 'server',
  compression = false,
): string[] {
  const protocol = new FrameParser(limits, role, compression);
  const lines: string[] = [];
  for (const part of parts) {
    // A copy: the protocol unmasks in place.
    protocol.push(Buffer.from(part));
    try {
      for (let event = protocol.next(); event !== undefined; event = protocol.next()) {
        if (event.kind === 'text') lines.push(`text ${event.message}`);
        else if (event.kind === 'binary') lines.push(`binary ${event.message.toString('hex')}`);
        else if (event.kind === 'compressed') {
          lines.push(`compressed ${event.isText ? 'text' : 'binary'} ${event.data.toString('hex')}`);
        } else if (event.kind === 'close') lines.push(`close ${event.code} ${event.reason}`.trimEnd());
        else lines.push(`${event.kind} ${event.data.toString('hex')}`.trimEnd());
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      lines.push(`${error.code} ${error.closeCode}`);
    }
  }
  return lines;
}

/** `whole` in two parts, split at `at`. */
export function splitAt(whole: Uint8Array, at: number): Uint8Array[] {
  return [whole.subarray(0, at), whole.subarray(at)];
}

/** `whole` as single bytes. */
export function bytewise(whole: Uint8Array): Uint8Array[] {
  return Array.from(whole, (_, index) => whole.subarray(index, index + 1));
}
