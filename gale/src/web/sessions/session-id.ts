/**
 * Ids of sessions: 128 random bits as 22 characters of base64url, in a cookie. Stores have only their SHA-256, so that a copy of a
 * store signs nobody in.
 */
import { hash, randomBytes } from 'node:crypto';

const idBytes = 16;
/** Ids of other systems can be longer. */
const idForm = /^[\w-]+$/;
const maxCharacters = 64;

/** Creates a random id. */
export function createSessionId(): string {
  return randomBytes(idBytes).toString('base64url');
}

/** Whether a text has the form of an id. */
export function isSessionId(text: string): boolean {
  return text.length >= 22 && text.length <= maxCharacters && idForm.test(text);
}

/**
 * Most ids whose hash is remembered, twice: hashing costs more than everything else of a read from memory. All of them take about 4 MiB.
 * See docs/decisions/0017-what-is-remembered-between-requests.md. An id is among them because a client sent it, so its time reveals no other id.
 */
const maxRemembered = 8_192;
let recent = new Map<string, string>();
let before = new Map<string, string>();

/** The id of a session in its store: 64 hex digits. It is also its public name, from which the id cannot be computed. */
export function hashSessionId(id: string): string {
  return recent.get(id) ?? remember(id);
}

/** {@link hashSessionId} of a text that has the form of an id; `undefined` for any other text, which is not hashed. */
export function hashIfSessionId(text: string): string | undefined {
  return recent.get(text) ?? (isSessionId(text) ? remember(text) : undefined);
}

function remember(id: string): string {
  const hashed = before.get(id) ?? hash('sha256', id, 'hex');
  if (recent.size >= maxRemembered) {
    before = recent;
    recent = new Map();
  }
  // A copy: a part of a header would keep the whole header in memory.
  recent.set(Buffer.from(id, 'latin1').toString('latin1'), hashed);
  return hashed;
}
