/**
 * The person of a request, by its session cookie.
 */
import type { Person, RequestHandler } from 'gale';
import type { Chat } from '../chat.ts';
import type { ChatNotification } from '../messages/chat-notification.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { endedByPerson } from '../wire.ts';
import { rememberBrowser } from './known-browser.ts';
import { sessionDays, sessionId, type Session } from './session.ts';

/** Name of the cookie with the session's token. */
const cookieName = 'session';
/** The cookie lasts longer than its session: a browser that still has one did not log out. */
const cookieDays = 2 * sessionDays;

/** A person and the session that identifies them. */
export interface SignedIn {
  readonly person: Person;
  readonly session: Session;
}

/** @returns The person of the cookie; undefined if the cookie is missing or forged, or if its session has ended. */
export async function findSignedIn(handler: RequestHandler, chat: Chat): Promise<SignedIn | undefined> {
  const token = handler.getSignedCookie(cookieName);
  const session = token === undefined ? undefined : await chat.sessions.find(token);
  const account = session && (await chat.accounts.findById(session.personId));
  return account && { person: { id: account.id, name: account.name }, session };
}

/** Whether the browser has the cookie of a session, which may have ended. A log-out removes it. */
export function hasSessionCookie(handler: RequestHandler): boolean {
  return handler.getCookie(cookieName) !== undefined;
}

/**
 * Id of the session that the browser has after the response; `undefined` without a session. The session may have ended: forms stay
 * bound to it as long as the browser has its cookie.
 */
export function sessionIdOf(handler: RequestHandler): string | undefined {
  const token = sentTokens.get(handler) ?? handler.getSignedCookie(cookieName);
  return token === undefined ? undefined : sessionId(token);
}

/** Tokens of new sessions by the handler that sends them. */
const sentTokens = new WeakMap<RequestHandler, string>();

/**
 * Begins a session with a new token and ends the previous session of this browser.
 *
 * @returns Closes the sockets of the previous session; see {@link signOut}.
 */
export async function signIn(handler: RequestHandler, chat: Chat, personId: string): Promise<() => Promise<void>> {
  const before = await findSignedIn(handler, chat);
  const closeSockets = before && (await endSession(chat, before));
  sendToken(handler, await chat.sessions.begin(personId));
  rememberBrowser(handler, personId);
  return closeSockets ?? (async () => {});
}

/** Extends or stores the session if necessary and sends the cookie again. Does not fail when the store cannot write. */
export async function renewSession(handler: RequestHandler, chat: Chat, { session }: SignedIn): Promise<void> {
  const token = handler.getSignedCookie(cookieName);
  if (token === undefined) return;
  try {
    const stored = await chat.sessions.store(session);
    if (stored !== undefined) sendToken(handler, stored);
    else if (await chat.sessions.renew(session)) sendToken(handler, token);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    // The session lasts long enough: the next visit extends it.
    chat.log.warn({ err: error }, 'A session could not be extended; the next visit tries again');
  }
}

/**
 * Ends the session and removes its cookie.
 *
 * @returns Closes its sockets on all servers. Call it after the response: their windows then open the page for signing in, and must
 * have the cookies of the response.
 */
export async function signOut(handler: RequestHandler, chat: Chat, signedIn: SignedIn): Promise<() => Promise<void>> {
  const closeSockets = await endSession(chat, signedIn);
  handler.clearCookie(cookieName);
  return closeSockets;
}

async function endSession(chat: Chat, { person, session }: SignedIn): Promise<() => Promise<void>> {
  const { sessions, liveSessions, rooms, log } = chat;
  const isStored = await sessions.end(session);
  return async () => {
    liveSessions.end(session.id, endedByPerson);
    const notification: ChatNotification = { type: 'session-ended', session: session.id, reason: endedByPerson };
    // A server that misses it finds out at its next check of its sessions, unless the store does not know either.
    const notified = isStored
      ? rooms.notify(person.id, notification)
      : rooms.notifyEveryone({ ...notification, until: session.expiresAt } satisfies ChatNotification);
    await notified.catch((error: unknown) => {
      log.warn({ err: error }, 'A notification of the end of a session failed');
    });
  };
}

function sendToken(handler: RequestHandler, token: string): void {
  sentTokens.set(handler, token);
  handler.setSignedCookie(cookieName, token, { expiresDays: cookieDays });
}
