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
  /** Contains the expiry and the person, so that the id alone shows whether the session has ended. */
  readonly id: string;
  readonly personId: string;
  /** When it began, in milliseconds since 1970. */
  readonly beganAt: number;
  /** When it expires, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** @returns A token that contains the person and the expiry. */
export function createUnstoredToken(personId: string, now: number): string {
  return `~${now + lastsMs}.${randomBytes(16).toString('base64url')}.${personId}`;
}

/** @returns The session of such a token; undefined for another text. */
export function readUnstoredToken(token: string): UnstoredSession | undefined {
  const session = readUnstoredId(token);
  if (session === undefined) return undefined;
  // The token is secret, and its id is not.
  const hash = createHash('sha256').update(token).digest('base64url');
  return { ...session, id: `~${session.expiresAt}.${hash}.${session.personId}` };
}

/** @returns The session of an id; undefined for the id of a stored one. */
export function readUnstoredId(id: string): UnstoredSession | undefined {
  const [, end, personId] = /^~(\d+)\.[^.]+\.(.+)$/.exec(id) ?? [];
  if (end === undefined || personId === undefined) return undefined;
  return { id, personId, beganAt: Number(end) - lastsMs, expiresAt: Number(end) };
}
