/**
 * A session that the store could not take: all of it is in its token. The cookie around the token is signed, so nobody
 * but a server of this chat makes one, and every server with the same secret accepts it. It is short, since it can be
 * ended by memory only.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Session } from './session.ts';

/** How long such a session lasts, in milliseconds. */
const lastsMs = 60 * 60 * 1000;

/** @returns A token that holds who signed in and until when. */
export function createUnstoredToken(personId: string, now: number): string {
  return `~${now + lastsMs}.${randomBytes(16).toString('base64url')}.${personId}`;
}

/** @returns The session of such a token; undefined for a token of another kind. */
export function readUnstoredToken(token: string): Session | undefined {
  const [, end, personId] = /^~(\d+)\.[^.]+\.(.+)$/.exec(token) ?? [];
  if (end === undefined || personId === undefined) return undefined;
  const hash = createHash('sha256').update(token).digest('base64url');
  // The end is in the id, so that whoever knows the id alone knows whether the session still lasts.
  return { id: `~${end}.${hash}`, personId, expiresAt: Number(end) };
}

/** @returns When a session with this id ends, in milliseconds since 1970; undefined if the store has it. */
export function unstoredEnd(sessionId: string): number | undefined {
  return sessionId.startsWith('~') ? Number.parseInt(sessionId.slice(1), 10) : undefined;
}
