/** The package `gale/sessions`: sessions and their stores. `RedisSessionStore` is in `gale/redis`. No logic. */
export { sessions } from './web/sessions/sessions.ts';
export type { PersonSession, PersonSessions } from './web/sessions/person-sessions.ts';
export type { AnySessions, SessionOwner, Sessions } from './web/sessions/sessions.ts';
export type { SessionsOptions } from './web/sessions/sessions-options.ts';
export type { Session } from './web/sessions/session.ts';
export type { SessionClient } from './web/sessions/session-client.ts';
export type { SessionCookieOptions } from './web/sessions/session-cookie.ts';
export type { SessionKey, SessionValue, SessionValues } from './web/sessions/session-values.ts';
export { changeValues } from './web/sessions/session-store.ts';
export type {
  ChangedValues,
  ListedSession,
  MaybePromise,
  SaveResult,
  SessionChange,
  SessionLimits,
  SessionStore,
  StoredSession,
} from './web/sessions/session-store.ts';
export { MemorySessionStore } from './web/sessions/memory/memory-session-store.ts';
export type { MemorySessionStoreOptions } from './web/sessions/memory/memory-session-store.ts';
export { RingSessionStore } from './web/sessions/ring/ring-session-store.ts';
export type { RingNodeInit, RingSessionStoreOptions } from './web/sessions/ring/ring-session-store.ts';
export type { RingNodeHealth } from './web/sessions/ring/ring-node.ts';
export { SqliteSessionStore } from './web/sessions/sqlite/sqlite-session-store.ts';
export type { SqliteSessionStoreOptions } from './web/sessions/sqlite/sqlite-session-store.ts';
export { HashRing } from './stores/hash-ring/hash-ring.ts';
export type { HashRingOptions } from './stores/hash-ring/hash-ring.ts';
