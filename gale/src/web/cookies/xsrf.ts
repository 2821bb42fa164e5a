/**
 * Tokens against forged requests from other sites, in Tornado's format 2: `2|mask|token xor mask|seconds`, in hex.
 * The cookie and the form hold the same 16 random bytes under different masks, so that no two pages hold the same
 * text (a compressed page would give it away, letter by letter).
 */
import { randomBytes } from 'node:crypto';
import { isSame } from './signed-value.ts';

/** The raw token of a visitor. */
export interface XsrfToken {
  /** 16 random bytes; other lengths where the cookie was made elsewhere. */
  readonly bytes: Buffer;
  /** When it was made, in seconds since 1970. */
  readonly seconds: number;
}

/** Makes a new token. */
export function createXsrfToken(now: number = Date.now()): XsrfToken {
  return { bytes: randomBytes(16), seconds: Math.floor(now / 1000) };
}

/** Writes a token under a new mask; every call gives another text. */
export function maskXsrfToken(token: XsrfToken): string {
  const mask = randomBytes(4);
  return `2|${mask.toString('hex')}|${xor(mask, token.bytes).toString('hex')}|${token.seconds}`;
}

/**
 * Reads a token from a cookie, an argument or a header. Text without a format number is a token of format 1 (hex, or
 * the bytes of the text), so that a client may make its own.
 *
 * @returns `undefined` if it is empty or of an unknown or broken format.
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

/** Says whether two tokens are the same, in a time that does not depend on where they differ. */
export function isSameToken(left: XsrfToken, right: XsrfToken): boolean {
  return isSame(left.bytes, right.bytes);
}

function xor(mask: Buffer, bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
}

function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text);
}
