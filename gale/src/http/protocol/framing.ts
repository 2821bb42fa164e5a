/**
 * Parses the header values that frame a message: Content-Length, Transfer-Encoding, Connection, Expect. RFC 9112 §6, §9.
 * Each function reads one header value; request-head.ts combines the results.
 */
import { ProtocolError } from '../../errors.ts';
import { isTokenText, trimWhitespace } from './characters.ts';

/**
 * Reads a Content-Length from the bytes `from` to `to`.
 *
 * @throws {@link ProtocolError} `HTTP_FRAMING` unless all bytes are digits; `HTTP_BODY_TOO_LARGE` for more than 15 digits, which may exceed
 * the safe integers.
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
 * @param value - The header value; values of repeated headers are joined with a comma.
 * @throws {@link ProtocolError} `HTTP_TRANSFER_CODING` for unknown codings (RFC 9112 §6.1); `HTTP_FRAMING` for every other value, such as
 * `chunked` before another coding (§6.3).
 */
export function checkTransferEncoding(value: string): void {
  const codings = membersOf(value);
  const isLast = codings.at(-1) === 'chunked';
  if (isLast && codings.length === 1) return;
  const others = isLast ? codings.slice(0, -1) : codings;
  if (!others.every(isUnknownCoding)) throw framing('Transfer-Encoding is not exactly chunked');
  throw new ProtocolError('HTTP_TRANSFER_CODING', 'The body has a transfer coding other than chunked.');
}

/** Whether this is a coding other than chunked. Chunked has no parameters (RFC 9112 §7.1), so with parameters it is invalid. */
function isUnknownCoding(coding: string): boolean {
  const semicolon = coding.indexOf(';');
  const name = semicolon < 0 ? coding : trimWhitespace(coding.slice(0, semicolon));
  return name !== 'chunked' && isTokenText(name);
}

/**
 * Whether the client waits for `100 Continue`. An empty list expects nothing.
 *
 * @param value - The header value; values of repeated headers are joined with a comma.
 * @throws {@link ProtocolError} `HTTP_EXPECTATION` if it expects anything else (RFC 9110 §10.1.1).
 */
export function readExpectation(value: string): boolean {
  const expectations = membersOf(value).filter((expectation) => expectation !== '');
  if (expectations.some((expectation) => expectation !== '100-continue')) {
    throw new ProtocolError('HTTP_EXPECTATION', 'The request expects something other than 100-continue.');
  }
  return expectations.length > 0;
}

/** Flag of {@link connectionOptions}: the connection closes after the response. */
export const CLOSE = 1;
/** Flag of {@link connectionOptions}: an HTTP/1.0 client asks to keep the connection. */
export const KEEP_ALIVE = 2;

/** Parses the list in Connection into the flags {@link CLOSE} and {@link KEEP_ALIVE}. */
export function connectionOptions(value: string): number {
  // Nearly always it has one member.
  if (!value.includes(',')) return flagOf(trimWhitespace(value).toLowerCase());
  return membersOf(value).reduce((flags, name) => flags | flagOf(name), 0);
}

function flagOf(name: string): number {
  return name === 'close' ? CLOSE : name === 'keep-alive' ? KEEP_ALIVE : 0;
}

/** Members of a list, in lower case; empty members included. */
function membersOf(value: string): string[] {
  return value.toLowerCase().split(',').map(trimWhitespace);
}

/** Makes a {@link ProtocolError} `HTTP_FRAMING`. */
export function framing(why: string): ProtocolError {
  return new ProtocolError('HTTP_FRAMING', `Ambiguous body: ${why}.`);
}
