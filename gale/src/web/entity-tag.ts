/**
 * Entity tags identify the content of a body. This file computes them and compares them with the tags of a request
 * (RFC 9110 §8.8.3, §13.1).
 */
import { createHash } from 'node:crypto';
import { trimWhitespace } from '../http/protocol/characters.ts';

/** Computes the strong tag of a body: the quoted SHA-1 of its bytes. */
export function entityTagOf(body: string | Uint8Array): string {
  if (typeof body !== 'string' || body.length > maxCachedCharacters) return hashedTag(body);
  const slot = body.length & 63;
  const cached = cache[slot];
  if (cached?.body === body) return cached.tag;
  const tag = hashedTag(body);
  cache[slot] = { body, tag };
  return tag;
}

/**
 * Whether `If-None-Match` has `tag` or `*`. The comparison is weak (RFC 9110 §8.8.3.2).
 */
export function isNoneMatch(header: string, tag: string): boolean {
  if (trimWhitespace(header) === '*') return true;
  const wanted = opaque(tag);
  for (const [found] of header.matchAll(/(?:W\/)?"[!#-\x7e\x80-\xff]*"/g)) {
    if (opaque(found) === wanted) return true;
  }
  return false;
}

/** Strong comparison of two tags (RFC 9110 §8.8.3.2), for `If-Range`. */
export function isStrongMatch(left: string, right: string): boolean {
  return left === right && left.startsWith('"');
}

/**
 * Cache of short bodies and their tags, by length, so that a constant response is hashed once. It holds at most 64 bodies of
 * 1,024 characters.
 */
const cache: ({ readonly body: string; readonly tag: string } | undefined)[] = Array.from(
  { length: 64 },
  () => undefined,
);
const maxCachedCharacters = 1024;

function hashedTag(body: string | Uint8Array): string {
  return `"${createHash('sha1').update(body).digest('base64url')}"`;
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
