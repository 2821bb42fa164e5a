/** A store of sessions in memory that refuses writes on demand, as a full disk does. */
import { GaleError } from 'gale';
import { MemorySessionStore, type SaveResult, type SessionChange } from 'gale/sessions';

export class FullSessionStore extends MemorySessionStore {
  isFull = false;

  override save(...parameters: Parameters<MemorySessionStore['save']>): SaveResult {
    this.#assertWritable();
    return super.save(...parameters);
  }

  override end(...parameters: Parameters<MemorySessionStore['end']>): readonly string[] {
    this.#assertWritable();
    return super.end(...parameters);
  }

  #assertWritable(): void {
    if (this.isFull) throw new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');
  }
}

/** A session of Ann that begins now. */
export function newSession(id: string, now: number, lifeMs: number): SessionChange {
  return {
    id,
    from: 'new',
    person: 'ann',
    createdAt: now,
    seenAt: now,
    expiresAt: now + lifeMs,
    isLogin: true,
    clears: false,
    values: new Map(),
    expected: undefined,
    limits: { maxBytes: 1, maxKeys: 1, maxPerPerson: 20 },
  };
}
