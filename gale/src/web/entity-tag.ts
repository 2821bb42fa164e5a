/**
 * Entity tags identify the content of a body. This file computes them and compares them with the tags of a request
 * (RFC 9110 §8.8.3, §13.1).
 */
import { createHash } from 'node:crypto';

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

/** Whether a text is one entity tag: `"…"` or `W/"…"`, without spaces and quotes inside. */
export function isEntityTag(text: string): boolean {
  return entityTag.test(text);
}

/** Whether a tag is strong: equal tags then mean equal bytes. */
export function isStrongTag(tag: string): boolean {
  return tag.startsWith('"');
}

/** Strong comparison of two tags (RFC 9110 §8.8.3.2): equal, and neither is weak. For `If-Match` and `If-Range`. */
export function isStrongMatch(left: string, right: string): boolean {
  return left === right && isStrongTag(left);
}

/** Weak comparison of two tags: equal apart from `W/`. For `If-None-Match`. */
export function isWeakMatch(left: string, right: string): boolean {
  return opaque(left) === opaque(right);
}

/**
 * Whether a list of entity tags has a tag. Linear in the length of the list.
 *
 * @param isSame - Compares `tag` with each member of the list.
 * @returns `undefined` if the list is malformed, wherever that is. `*` is not a list.
 */
export function hasTag(
  list: string,
  tag: string,
  isSame: (left: string, right: string) => boolean,
): boolean | undefined {
  let isFound = false;
  for (listMember.lastIndex = 0; listMember.lastIndex < list.length;) {
    const match = listMember.exec(list);
    if (match === null) return undefined;
    const [, found] = match;
    if (found !== undefined && isSame(found, tag)) isFound = true;
  }
  return isFound;
}

const entityTag = /^(?:W\/)?"[!#-~\x80-\xff]*"$/;
/** A member, which may be empty (RFC 9110 §5.6.1), and its comma. No white space follows other white space, so it is linear. */
const listMember = /[\t ]*(?:((?:W\/)?"[!#-~\x80-\xff]*")[\t ]*)?(?:,|$)/y;

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
