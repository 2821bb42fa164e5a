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

/** Most ids whose hash is remembered, twice: hashing costs more than everything else of a read from memory. */
const maxRemembered = 1_000;
let recent = new Map<string, string>();
let before = new Map<string, string>();

/** The id of a session in its store: 64 hex digits. It is also its public name, from which the id cannot be computed. */
export function hashSessionId(id: string): string {
  const known = recent.get(id);
  if (known !== undefined) return known;
  const hashed = before.get(id) ?? hash('sha256', id, 'hex');
  if (recent.size >= maxRemembered) {
    before = recent;
    recent = new Map();
  }
  recent.set(id, hashed);
  return hashed;
}
