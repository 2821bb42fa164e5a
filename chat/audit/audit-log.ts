/**
 * Reads the audit log in pages, newest first, and removes entries that are older than its days.
 */
import type { Selectable } from 'kysely';
import type { ChatDatabase } from '../database/database.ts';
import type { AuditTable, RoomKind } from '../database/tables.ts';

/** Entries of one page. */
export const auditPageCount = 50;

/** Most entries that one statement removes. */
const prunedAtOnce = 500;
/** Time between two removals, in milliseconds. */
const pruneMs = 60 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;

/** An entry as it was stored. Another version may have written actions and details that this one does not know. */
export interface StoredEntry {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `visitorActor` for somebody who is not signed in; null for the command line. */
  readonly actorId: string | null;
  readonly action: string;
  readonly target: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Some entries, and what they refer to. */
export interface AuditPage {
  readonly entries: readonly StoredEntry[];
  /** `before` of the next page; undefined on the last one. */
  readonly next: number | undefined;
  /** Names of the people in the entries; empty for those who deleted their account. */
  readonly people: ReadonlyMap<string, string>;
  /** The rooms in the entries that exist. */
  readonly rooms: ReadonlyMap<string, { readonly kind: RoomKind; readonly name: string }>;
}

export interface AuditLogOptions {
  /** Days for which entries are kept; 0: for good. */
  readonly days: number;
  readonly now: () => number;
}

export class AuditLog {
  readonly #tables: ChatDatabase['tables'];
  readonly #options: AuditLogOptions;
  #prunedAt = -Infinity;

  constructor({ tables }: ChatDatabase, options: AuditLogOptions) {
    this.#tables = tables;
    this.#options = options;
  }

  /** Days for which entries are kept; 0: for good. */
  get days(): number {
    return this.#options.days;
  }

  /** @param before - Only entries with a smaller id. @defaultValue the newest */
  async page(before: number = Number.MAX_SAFE_INTEGER): Promise<AuditPage> {
    const rows = await this.#tables
      .selectFrom('audit')
      .selectAll()
      .where('id', '<', before)
      .orderBy('id', 'desc')
      .limit(auditPageCount + 1)
      .execute();
    const entries = rows.slice(0, auditPageCount).map(toEntry);
    const ids = [...new Set(entries.flatMap(idsOf))];
    const [people, rooms] = await Promise.all([this.#people(ids), this.#rooms(ids)]);
    return { entries, next: rows.length > auditPageCount ? entries.at(-1)?.id : undefined, people, rooms };
  }

  /** Removes old entries, at most once an hour. A duty of the history. */
  async prune(): Promise<void> {
    const { days, now } = this.#options;
    if (days === 0 || now() - this.#prunedAt < pruneMs) return;
    for (let removed = prunedAtOnce; removed >= prunedAtOnce;) {
      const old = this.#tables
        .selectFrom('audit')
        .select('id')
        .where('at', '<', now() - days * dayMs)
        .orderBy('at')
        .limit(prunedAtOnce);
      const { numDeletedRows } = await this.#tables
        .deleteFrom('audit')
        .where('id', 'in', old)
        .executeTakeFirstOrThrow();
      removed = Number(numDeletedRows);
    }
    this.#prunedAt = now();
  }

  async #people(ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#tables.selectFrom('person').select(['id', 'name']).where('id', 'in', ids).execute();
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  async #rooms(ids: readonly string[]): Promise<AuditPage['rooms']> {
    if (ids.length === 0) return new Map();
    const rows = await this.#tables
      .selectFrom('room')
      .select(['id', 'kind', 'name'])
      .where('id', 'in', ids)
      .where('hidden', '=', 0)
      .execute();
    return new Map(rows.map(({ id, kind, name }) => [id, { kind, name }]));
  }
}

/** Ids of people, rooms and invites in an entry. They are random, so one is never two things. */
function idsOf({ actorId, target, details }: StoredEntry): string[] {
  return [actorId, target, details['author'], details['person']].filter((id) => typeof id === 'string');
}

function toEntry({ id, at, actorId, action, target, details }: Selectable<AuditTable>): StoredEntry {
  return { id, at, actorId, action, target, details: readDetails(details) };
}

function readDetails(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
