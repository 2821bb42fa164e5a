/**
 * A session that the store could not write: its token contains all of it. The cookie with the token is signed, so only
 * servers of this chat create one, and every server with the same secret accepts it. It is short, since its early end
 * is recorded in memory only.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Session } from './session.ts';

/** Lifetime of such a session, in milliseconds. */
const lastsMs = 60 * 60 * 1000;

/** @returns A token that contains the person and the expiry. */
export function createUnstoredToken(personId: string, now: number): string {
  return `~${now + lastsMs}.${randomBytes(16).toString('base64url')}.${personId}`;
}

/** @returns The session of such a token; undefined for a token of another kind. */
export function readUnstoredToken(token: string): Session | undefined {
  const [, end, personId] = /^~(\d+)\.[^.]+\.(.+)$/.exec(token) ?? [];
  if (end === undefined || personId === undefined) return undefined;
  const hash = createHash('sha256').update(token).digest('base64url');
  // The id contains the expiry, so that the id alone shows whether the session has expired.
  return { id: `~${end}.${hash}`, personId, expiresAt: Number(end) };
}

/** @returns The expiry of an unstored session, in milliseconds since 1970; undefined for the id of a stored one. */
export function unstoredEnd(sessionId: string): number | undefined {
  return sessionId.startsWith('~') ? Number.parseInt(sessionId.slice(1), 10) : undefined;
}
