/**
 * Moves the sessions of the version before gale/sessions, which stored them itself, so that people stay signed in. Runs at each start,
 * before the server listens; later starts find none. A step moves some sessions and then removes them from their former place, so that
 * a start after a crash repeats at most one step.
 */
import type { SessionStore } from 'gale/sessions';
import { idleMs } from '../accounts/session-times.ts';

/** A session as it was stored. */
export interface FormerSession {
  /** SHA-256 of the token in the cookie, base64url. */
  readonly id: string;
  readonly personId: string;
  readonly expiresAt: number;
}

/** Where sessions were stored. */
export interface FormerSessions {
  /** All of them, some at a time. The caller removes each part before it asks for the next one. */
  parts(): AsyncIterable<readonly FormerSession[]>;
  remove(sessions: readonly FormerSession[]): Promise<void>;
}

/** @throws {@link GaleError} `ROOM_UNAVAILABLE` if a store refuses writes or does not respond. */
export async function moveFormerSessions(former: FormerSessions, store: SessionStore, now: number): Promise<void> {
  for await (const part of former.parts()) {
    const living = part.filter(({ expiresAt }) => expiresAt > now);
    await Promise.all(living.map((session) => move(session, store, now)));
    await former.remove(part);
  }
}

async function move({ id, personId, expiresAt }: FormerSession, store: SessionStore, now: number): Promise<void> {
  // It was written with its full time. Its beginning is not known.
  const seenAt = Math.min(now, expiresAt - idleMs);
  await store.save(
    {
      // gale/sessions writes the same hash in hex.
      id: Buffer.from(id, 'base64url').toString('hex'),
      from: 'new',
      person: personId,
      createdAt: seenAt,
      seenAt,
      expiresAt,
      isLogin: false,
      clears: false,
      values: new Map(),
      expected: undefined,
      limits: { maxBytes: 1, maxKeys: 1, maxPerPerson: 1 },
    },
    now,
  );
}
