/**
 * A session that the store could not write: a signed cookie contains all of it. Only servers of this chat can sign one, and every
 * server with the same secret accepts it. It is short, since its early end is recorded in memory only.
 */
import { createHash, randomBytes } from 'node:crypto';

/** Name of the cookie. Part of the signature, so that the value of another cookie is not accepted. */
export const unstoredCookieName = 'unstored-session';

/** Lifetime of such a session, in milliseconds. */
const lastsMs = 60 * 60 * 1000;

/** A session that is in no store. */
export interface UnstoredSession {
  /** Contains the expiry, so that the id alone shows whether the session has expired. */
  readonly id: string;
  readonly personId: string;
  /** When it expires, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** @returns A token that contains the person and the expiry. */
export function createUnstoredToken(personId: string, now: number): string {
  return `~${now + lastsMs}.${randomBytes(16).toString('base64url')}.${personId}`;
}

/** @returns The session of such a token; undefined for another text. */
export function readUnstoredToken(token: string): UnstoredSession | undefined {
  const [, end, personId] = /^~(\d+)\.[^.]+\.(.+)$/.exec(token) ?? [];
  if (end === undefined || personId === undefined) return undefined;
  const hash = createHash('sha256').update(token).digest('base64url');
  return { id: `~${end}.${hash}`, personId, expiresAt: Number(end) };
}

/** @returns The expiry of an unstored session, in milliseconds since 1970; undefined for the id of a stored one. */
export function unstoredEnd(sessionId: string): number | undefined {
  return sessionId.startsWith('~') ? Number.parseInt(sessionId.slice(1), 10) : undefined;
}
