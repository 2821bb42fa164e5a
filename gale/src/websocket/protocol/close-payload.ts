/** The payload of a close frame: a valid close code and a reason in UTF-8, RFC 6455 §5.5.1 and §7.4. */
import { isUtf8 } from 'node:buffer';
import { GaleError, ProtocolError } from '../../errors.ts';
import { showValue } from '../../run/given-options.ts';
import { closeCodeRange, closeCodes, isCloseCode } from './close-codes.ts';
import { maxControlBytes } from './frame.ts';

/** Code and reason of a close frame. */
export interface ClosePayload {
  /** 1000 to 4999; 1005 if the frame was empty. */
  readonly code: number;
  /** At most 123 bytes of UTF-8; `''` if there was none. */
  readonly reason: string;
}

/**
 * Reads the payload of a close frame.
 *
 * @throws {@link ProtocolError} `WS_CLOSE_PAYLOAD` (1002) for a single byte or an invalid code,
 * `WS_UTF8` (1007) for a reason that is not UTF-8.
 */
export function readClosePayload(payload: Buffer): ClosePayload {
  if (payload.length === 0) return { code: closeCodes.none, reason: '' };
  if (payload.length === 1) {
    throw new ProtocolError('WS_CLOSE_PAYLOAD', 'Close frame has a payload of 1 byte; a code needs 2.');
  }
  const code = payload.readUInt16BE(0);
  if (!isCloseCode(code)) {
    throw new ProtocolError('WS_CLOSE_PAYLOAD', `Code of a close frame must be ${closeCodeRange}; got ${code}.`);
  }
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) throw new ProtocolError('WS_UTF8', 'Close frame has a reason that is not UTF-8.');
  return { code, reason: reason.toString() };
}

/**
 * Creates the payload of a close frame. A reason over 123 bytes is truncated after the last character that fits.
 *
 * @param code - 1005 creates an empty payload.
 * @throws {@link GaleError} `WS_CLOSE_CODE` for an invalid code.
 */
export function writeClosePayload(code: number, reason = ''): Buffer {
  if (code === closeCodes.none) return Buffer.alloc(0);
  if (!isCloseCode(code)) {
    throw new GaleError('WS_CLOSE_CODE', `code must be ${closeCodeRange}; got ${showValue(code)}.`);
  }
  const payload = Buffer.allocUnsafe(maxControlBytes);
  payload.writeUInt16BE(code, 0);
  return payload.subarray(0, 2 + payload.write(reason, 2));
}
