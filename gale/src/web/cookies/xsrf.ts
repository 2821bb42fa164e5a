/**
 * Tokens against cross-site request forgery (XSRF), in Tornado's format 2: `2|mask|token xor mask|seconds`, in hex.
 * The cookie and the form have the same 16 random bytes under different masks. The text therefore differs in each page,
 * which prevents attacks on compression such as BREACH. A token can be bound to a text such as the id of a session: the form then
 * has 16 bytes of an HMAC over the bytes of the cookie and that text.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { isSame } from './signed-value.ts';

/** The token of a client, without its mask. */
export interface XsrfToken {
  /** 16 random bytes. A token from another program may have another length. */
  readonly bytes: Buffer;
  /** Creation time, in seconds since 1970. */
  readonly seconds: number;
}

/** Creates a random token. */
export function createXsrfToken(now: number = Date.now()): XsrfToken {
  return { bytes: randomBytes(16), seconds: Math.floor(now / 1000) };
}

/** Writes a token under a new random mask; each call returns a different text. */
export function maskXsrfToken(token: XsrfToken): string {
  const mask = randomBytes(4);
  return `2|${mask.toString('hex')}|${xor(mask, token.bytes).toString('hex')}|${token.seconds}`;
}

/**
 * Reads a token from a cookie, an argument or a header. Text without a format number is a token of format 1 (hex, or
 * the bytes of the text), so a client can create its own token.
 *
 * @returns `undefined` if the text is empty, malformed or of an unknown format.
 */
export function readXsrfToken(text: string): XsrfToken | undefined {
  if (text === '' || text.length > 512) return undefined;
  if (!/^[1-9]\d{0,2}\|/.test(text))
    return { bytes: isHex(text) ? Buffer.from(text, 'hex') : Buffer.from(text), seconds: 0 };
  const [version, mask = '', masked = '', seconds = '', ...rest] = text.split('|');
  if (version !== '2' || mask.length !== 8 || rest.length > 0) return undefined;
  if (!isHex(mask) || !isHex(masked) || !/^\d{1,15}$/.test(seconds)) return undefined;
  return { bytes: xor(Buffer.from(mask, 'hex'), Buffer.from(masked, 'hex')), seconds: Number(seconds) };
}

/**
 * Binds a token to a text: the result is valid for this text only.
 *
 * @param binding - Empty: the token itself, which is not bound.
 * @param secret - Secret of the server, so that a text that others can guess is safe too. Empty without one.
 */
export function bindXsrfToken(token: XsrfToken, binding: string, secret: string): XsrfToken {
  if (binding === '') return token;
  const hmac = createHmac('sha256', secret)
    .update(`xsrf|${token.bytes.byteLength}|`)
    .update(token.bytes)
    .update(binding);
  return { bytes: hmac.digest().subarray(0, 16), seconds: token.seconds };
}

/** Compares two tokens in constant time. */
export function isSameToken(left: XsrfToken, right: XsrfToken): boolean {
  return isSame(left.bytes, right.bytes);
}

function xor(mask: Buffer, bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
}

function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text);
}
