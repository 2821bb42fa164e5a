/**
 * Entity tags: short names for what a body says, and their comparison with what a client already holds
 * (RFC 9110 §8.8.3, §13.1).
 */
import { createHash } from 'node:crypto';

/** Makes the strong tag of a body: a quoted SHA-1 of its bytes. */
export function entityTagOf(body: string | Uint8Array): string {
  if (typeof body !== 'string' || body.length > longestRemembered) return hashedTag(body);
  const slot = body.length & 63;
  const remembered = memory[slot];
  if (remembered?.body === body) return remembered.tag;
  const tag = hashedTag(body);
  memory[slot] = { body, tag };
  return tag;
}

/**
 * Says whether `If-None-Match` names `tag` or `*`; weak and strong tags of one name are the same (RFC 9110 §8.8.3.2).
 */
export function isNoneMatch(header: string, tag: string): boolean {
  if (header.trim() === '*') return true;
  const wanted = opaque(tag);
  for (const [found] of header.matchAll(/(?:W\/)?"[!#-\x7e\x80-\xff]*"/g)) {
    if (opaque(found) === wanted) return true;
  }
  return false;
}

/** Says whether two tags are the same and both strong (RFC 9110 §8.8.3.2), as `If-Range` wants it. */
export function isStrongMatch(left: string, right: string): boolean {
  return left === right && left.startsWith('"');
}

/**
 * Short texts and their tags, by length: a handler that always says the same is hashed once.
 * At most 64 texts of 1,024 characters are held.
 */
const memory: ({ readonly body: string; readonly tag: string } | undefined)[] = Array.from(
  { length: 64 },
  () => undefined,
);
const longestRemembered = 1024;

function hashedTag(body: string | Uint8Array): string {
  return `"${createHash('sha1').update(body).digest('base64url')}"`;
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
