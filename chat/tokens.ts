/**
 * Tokens of links: random, stored as a hash only, compared in constant time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const tokenBytes = 18;

/** @returns 144 random bits as 24 characters that need no escape in an address. */
export function createToken(): string {
  return randomBytes(tokenBytes).toString('base64url');
}

/** @returns What is stored in place of a token: its SHA-256 in base64url. A random token of this size needs no slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Whether a text can be a token. Others need no look-up. */
export function isTokenShaped(text: string): boolean {
  return /^[\w-]{16,64}$/.test(text);
}

/** Whether two texts are the same, in a time that does not depend on where they differ. */
export function isSameText(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}
