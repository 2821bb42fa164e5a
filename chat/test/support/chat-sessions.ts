/** The sessions of a chat without its database: no account changes. */
import type { SessionStore } from 'gale/sessions';
import { ChatSessions } from '../../accounts/chat-sessions.ts';

/** @param now - Milliseconds since 1970. */
export function createSessions(store: SessionStore, now: () => number = Date.now): ChatSessions {
  return new ChatSessions(store, {
    maxPerPerson: 20,
    isSecure: false,
    onExceeded() {},
    findEnds: async () => new Map(),
    now,
  });
}
