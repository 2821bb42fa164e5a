/**
 * The session cookie of the version before gale/sessions: signed, with a token of 43 characters. Its session was moved, see
 * store/former-sessions.ts; it ends 30 days after the last visit, so a later version needs this no more.
 */
import type { SessionClient } from 'gale/sessions';

/** Name of the cookie. Over http the cookie of today has the same one. */
export const formerCookieName = 'session';

/** @returns The token, which is the id of the session; undefined without the cookie or if its signature is wrong. */
export function readFormerId(client: Pick<SessionClient, 'getSignedCookie'>): string | undefined {
  return client.getSignedCookie(formerCookieName);
}
