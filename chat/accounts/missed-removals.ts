/**
 * Finds in the audit log what takes a room away from open windows, if no notification arrived: the connection to Redis was lost, or the
 * command line did it. It also finds the other changes of people by the command line, which nobody notifies of.
 */
import { sql } from 'kysely';
import type { ChatDatabase } from '../database/database.ts';
import { lobbyId } from '../wire.ts';
import type { PersonEntry } from '../people/command-changes.ts';

/** Actions that take something away. */
const actions = ['room.remove-person', 'person.role'] as const;
/** What the command line does with a person, and open windows show. */
const shownActions = ['person.add', 'person.deactivate', 'person.reactivate', 'person.role'] as const;
/** Most entries of one query. */
const pageCount = 500;

/** The sockets of this server, as far as a removal concerns them. */
export interface RemovableSocket {
  readonly personId: string | undefined;
  /** Ends the subscription to a room, and notifies the window. */
  removeFrom(roomId: string): void;
}

/** What the removals use. */
export interface MissedRemovalsParts {
  readonly database: ChatDatabase;
  readonly sockets: ReadonlySet<RemovableSocket>;
  readonly isMember: (roomId: string, personId: string) => Promise<boolean>;
  /** Notifies windows of a change by the command line. It is not awaited, since it can take long while Redis is lost. */
  readonly onCommand: (entry: PersonEntry) => void;
}

interface Entry {
  readonly id: number;
  readonly at: number;
  /** Null for the command line. */
  readonly actorId: string | null;
  readonly action: string;
  readonly target: string | null;
  readonly details: string;
}

export class MissedRemovals {
  readonly #parts: MissedRemovalsParts;
  /** The time of each entry that was handled, by its id. Entries of other servers can appear later than newer ones. */
  readonly #handled = new Map<number, number>();

  constructor(parts: MissedRemovalsParts) {
    this.#parts = parts;
  }

  /** Handles the entries after a time in milliseconds since 1970, each once. What was reversed since then stays. */
  async handleSince(since: number): Promise<void> {
    for (const [id, at] of this.#handled) if (at <= since) this.#handled.delete(id);
    for (let after = 0; ;) {
      const entries = await this.#read(since, after);
      for (const entry of entries) {
        if (this.#handled.has(entry.id)) continue;
        await this.#handle(entry);
        this.#handled.set(entry.id, entry.at);
      }
      if (entries.length < pageCount) return;
      after = entries.at(-1)?.id ?? 0;
    }
  }

  async #handle({ actorId, action, target, details }: Entry): Promise<void> {
    if (target === null) return;
    if (actorId === null && isIn(shownActions, action)) this.#parts.onCommand({ action, target, details });
    if (!isIn(actions, action)) return;
    if (action === 'room.remove-person') return this.#removeUnlessMember(target, readPerson(details));
    // A guest is not in the lobby.
    await this.#removeUnlessMember(lobbyId, target);
  }

  async #removeUnlessMember(roomId: string, personId: string): Promise<void> {
    const sockets = [...this.#parts.sockets].filter((socket) => socket.personId === personId);
    if (sockets.length === 0 || (await this.#parts.isMember(roomId, personId))) return;
    for (const socket of sockets) socket.removeFrom(roomId);
  }

  #read(since: number, after: number): Promise<Entry[]> {
    return (
      this.#parts.database.tables
        .selectFrom('audit')
        .select(['id', 'at', 'actorId', 'action', 'target', 'details'])
        .where('at', '>', since)
        // Without the plus sign SQLite would read the entries by id instead of those of the last minutes.
        .where(sql`+id`, '>', after)
        .where(({ or, and, eb }) =>
          or([eb('action', 'in', actions), and([eb('actorId', 'is', null), eb('action', 'in', shownActions)])]),
        )
        .orderBy(sql`+id`)
        .limit(pageCount)
        .execute()
    );
  }
}

function isIn(some: readonly string[], action: string): boolean {
  return some.includes(action);
}

function readPerson(details: string): string {
  const { person } = JSON.parse(details) as { readonly person?: unknown };
  return typeof person === 'string' ? person : '';
}
