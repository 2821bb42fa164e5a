/**
 * The person of a request, by its session. Signs people in and out. While the store refuses writes, a signed cookie is the session.
 */
import { createHash } from 'node:crypto';
import type { Person, RequestHandler } from 'gale';
import type { Chat } from '../chat.ts';
import type { ChatNotification } from '../messages/chat-notification.ts';
import type { Role } from '../database/tables.ts';
import type { Choices } from '../people/people-store.ts';
import { maxAgentCharacters } from '../settings/device.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { endedByPerson, type WireMe } from '../wire.ts';
import { formerCookieName, readFormerId } from './former-cookie.ts';
import { rememberBrowser } from './known-browser.ts';
import { unstoredCookieDays } from './session-times.ts';
import { readUnstoredId, readUnstoredToken, unstoredCookieName, type UnstoredSession } from './unstored-session.ts';

/** A person and the session that identifies them. */
export interface SignedIn {
  readonly person: Person;
  readonly role: Role;
  readonly choices: Choices;
  /** Hash of the picture; null without one. */
  readonly picture: string | null;
  /** The handle of the session, or the id of an unstored one. */
  readonly sessionId: string;
}

/** How a person sees themselves. */
export function describeMe({ person, role, picture, choices }: SignedIn): WireMe {
  return { ...person, role, ...(picture === null ? {} : { picture }), choices };
}

/** Names of the cookie of a stored session: over https, and else. */
const storedCookieNames = ['__Host-session', formerCookieName] as const;

/** @returns The person of the session; undefined if there is none or if it has ended. */
export async function findSignedIn(handler: RequestHandler, chat: Chat): Promise<SignedIn | undefined> {
  const found = findSession(handler, chat);
  const account = found && (await chat.accounts.findById(found.personId));
  if (!found || !account?.isActive) return undefined;
  // The stored session of a form was loaded before its body arrived, which can take half a minute: it may have ended meanwhile.
  const isOld = readUnstoredId(found.id) !== undefined || handler.request.hasBody;
  if (isOld && !(await chat.sessions.living([found.id])).has(found.id)) return undefined;
  const { id, name, role, choices, picture } = account;
  return { person: { id, name }, role, choices, picture, sessionId: found.id };
}

/** Whether the browser has the cookie of a session, which may have ended. A log-out removes it. */
export function hasSessionCookie(handler: RequestHandler): boolean {
  return [unstoredCookieName, ...storedCookieNames].some((name) => handler.getCookie(name) !== undefined);
}

/** The XSRF bindings of sessions that responses begin. */
const begun = new WeakMap<RequestHandler, string>();

/**
 * A text that identifies the session that the browser has after the response, to bind forms to it; `undefined` without one. The session
 * may have ended: forms stay bound to it as long as the browser has its cookie.
 */
export function sessionBinding(handler: RequestHandler): string | undefined {
  const known = begun.get(handler) ?? readUnstored(handler)?.id;
  if (known !== undefined) return known;
  const [secure, plain] = storedCookieNames.map((name) => handler.getCookie(name));
  const id = secure ?? readFormerId(handler) ?? plain;
  // As in the version before, so that its open pages stay valid; a handle is the same hash in hex.
  return id === undefined ? undefined : createHash('sha256').update(id).digest('base64url');
}

/**
 * Begins a session with a new id and ends the previous session of this browser.
 *
 * @returns Closes the sockets of the previous session; see {@link signOut}.
 */
export async function signIn(handler: RequestHandler, chat: Chat, personId: string): Promise<() => Promise<void>> {
  const before = findSession(handler, chat);
  const closeSockets = before && endSession(handler, chat, before);
  // Not only a new id: it must work too if another window logs out at this moment.
  handler.session.end();
  if (!(await store(handler, personId))) {
    handler.session.end();
    const token = chat.sessions.beginUnstored(personId);
    handler.setSignedCookie(unstoredCookieName, token, { expiresDays: unstoredCookieDays });
    begun.set(handler, readUnstoredToken(token)?.id ?? '');
  }
  rememberBrowser(handler, personId);
  return closeSockets ?? (async () => {});
}

/** Ends the session that this request has begun, before the browser has it. */
export async function undoSignIn(handler: RequestHandler): Promise<void> {
  handler.session.end();
  await handler.session.save();
  // It would not end with a change that came before it.
  handler.clearCookie(unstoredCookieName);
}

/** Closes the sockets of sessions that ended, on all servers: their windows open the page for signing in. */
export async function endSessions(chat: Chat, personId: string, sessionIds: readonly string[]): Promise<void> {
  for (const session of sessionIds) {
    chat.liveSessions.end(session);
    const notification: ChatNotification = { type: 'session-ended', session };
    await chat.rooms.notify(personId, notification).catch((error: unknown) => {
      chat.log.warn({ err: error }, 'A notification of the end of a session failed');
    });
  }
}

/**
 * Stores the session if it is unstored and the store accepts writes again.
 *
 * @returns Its id then.
 */
export async function storeSession(handler: RequestHandler, { person, sessionId }: SignedIn): Promise<string> {
  const isStored = readUnstored(handler) !== undefined && (await store(handler, person.id));
  return (isStored ? handler.session.handle : undefined) ?? sessionId;
}

/**
 * Ends the session and removes its cookie.
 *
 * @returns Closes its sockets on all servers. Call it after the response: their windows then open the page for signing in, and must
 * have the cookies of the response.
 */
export async function signOut(
  handler: RequestHandler,
  chat: Chat,
  { person, sessionId }: SignedIn,
): Promise<() => Promise<void>> {
  const closeSockets = endSession(handler, chat, { id: sessionId, personId: person.id });
  handler.session.end();
  await handler.session.save();
  for (const name of [unstoredCookieName, formerCookieName]) {
    if (handler.getCookie(name) !== undefined) handler.clearCookie(name);
  }
  return closeSockets;
}

function findSession(handler: RequestHandler, chat: Chat): Pick<UnstoredSession, 'id' | 'personId'> | undefined {
  const unstored = readUnstored(handler);
  if (unstored && !chat.sessions.isOver(unstored.id)) return unstored;
  const { person: personId, handle: id } = handler.session;
  return personId === undefined || id === undefined ? undefined : { id, personId };
}

function readUnstored(handler: RequestHandler): UnstoredSession | undefined {
  const token = handler.getSignedCookie(unstoredCookieName);
  return token === undefined ? undefined : readUnstoredToken(token);
}

/** @returns Whether a stored session has begun; false if the store refuses writes. The request has no stored session then. */
async function store(handler: RequestHandler, personId: string): Promise<boolean> {
  const { session } = handler;
  session.login(personId);
  // For the list of sessions in the settings.
  session.set('agent', (handler.request.headers.get('user-agent') ?? '').slice(0, maxAgentCharacters));
  try {
    await session.save();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return false;
  }
  begun.set(handler, Buffer.from(session.handle ?? '', 'hex').toString('base64url'));
  if (handler.getCookie(unstoredCookieName) !== undefined) handler.clearCookie(unstoredCookieName);
  return true;
}

/** @returns Closes the sockets of a session that ends with this response. */
function endSession(
  handler: RequestHandler,
  chat: Chat,
  { id, personId }: { readonly id: string; readonly personId: string },
): () => Promise<void> {
  const { sessions, liveSessions, rooms, log } = chat;
  const unstored = readUnstored(handler);
  if (unstored?.id === id) sessions.noteEnded(id, unstored.expiresAt);
  return async () => {
    liveSessions.end(id, endedByPerson);
    const notification: ChatNotification = { type: 'session-ended', session: id, reason: endedByPerson };
    const until = sessions.endedUntil(id);
    // A server that misses it finds out at its next check of its sessions, unless the store does not know either.
    const notified =
      until === undefined
        ? rooms.notify(personId, notification)
        : rooms.notifyEveryone({ ...notification, until } satisfies ChatNotification);
    await notified.catch((error: unknown) => {
      log.warn({ err: error }, 'A notification of the end of a session failed');
    });
  };
}
