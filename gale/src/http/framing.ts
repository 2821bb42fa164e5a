/**
 * What the headers that frame a message mean: Content-Length, Transfer-Encoding, Connection, Expect. RFC 9112 §6, §9.
 * Pure functions over the values of single header fields; the reader of the head puts them together.
 */
import { ProtocolError } from '../errors.ts';

/**
 * Reads a Content-Length from the bytes `from` to `to`.
 *
 * @throws {@link ProtocolError} `HTTP_FRAMING` unless it is digits only, `HTTP_BODY_TOO_LARGE` above 15 digits, which no number holds safely.
 */
export function readContentLength(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) throw framing('Content-Length is not a number of digits only');
    value = value * 10 + digit;
  }
  if (from === to) throw framing('Content-Length is empty');
  if (to - from > 15) {
    throw new ProtocolError('HTTP_BODY_TOO_LARGE', `Content-Length has ${to - from} digits; send a smaller body.`);
  }
  return value;
}

/**
 * Accepts Transfer-Encoding if its whole value is `chunked`.
 *
 * @param value - The value; of repeated headers, all joined with a comma.
 * @throws {@link ProtocolError} `HTTP_TRANSFER_CODING` for codings that are not known, `HTTP_FRAMING` for all else.
 */
export function checkTransferEncoding(value: string): void {
  const codings = value.split(',').map((coding) => coding.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase());
  if (codings.length === 1 && codings[0] === 'chunked') return;
  const unknown = codings.find((coding) => coding !== 'chunked');
  if (unknown !== undefined && /^[!#$%&'*+.^_`|~\w-]+(?:[ \t]*;.*)?$/.test(unknown)) {
    throw new ProtocolError('HTTP_TRANSFER_CODING', 'The body has a transfer coding other than chunked.');
  }
  throw framing('Transfer-Encoding is not exactly chunked');
}

/** Flag of {@link connectionOptions}: the connection closes after the answer. */
export const CLOSE = 1;
/** Flag of {@link connectionOptions}: an HTTP/1.0 client asks to keep the connection. */
export const KEEP_ALIVE = 2;

/** Reads Connection as the list that it is, into {@link CLOSE} and {@link KEEP_ALIVE}. */
export function connectionOptions(value: string): number {
  let flags = 0;
  for (const option of value.toLowerCase().split(',')) {
    const name = option.trim();
    if (name === 'close') flags |= CLOSE;
    else if (name === 'keep-alive') flags |= KEEP_ALIVE;
  }
  return flags;
}

/** A {@link ProtocolError} `HTTP_FRAMING`. */
export function framing(why: string): ProtocolError {
  return new ProtocolError('HTTP_FRAMING', `Ambiguous body: ${why}.`);
}
