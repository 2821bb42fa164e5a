/**
 * Sessions in the database, a store of gale/sessions: a row for each session and each value. It behaves like the other stores of
 * gale/sessions; the tests compare it with the one in memory.
 */
import { sql } from 'kysely';
import {
  changeValues,
  type ListedSession,
  type SaveResult,
  type SessionChange,
  type SessionStore,
  type StoredSession,
} from 'gale/sessions';
import { CompiledStatement } from '../database/compiled-statement.ts';
import type { ChatDatabase, Step } from '../database/database.ts';
import { locking } from '../database/row-lock.ts';

/** Most expired sessions that one sign-in removes. */
const prunedAtOnce = 20;

export class DatabaseSessions implements SessionStore {
  readonly #database: ChatDatabase;
  readonly #tables: Step;

  /** @param database - Not closed by {@link close}. */
  constructor(database: ChatDatabase) {
    this.#database = database;
    this.#tables = database.tables;
  }

  async load(id: string, now: number): Promise<StoredSession | undefined> {
    return toSessions(await sessionById.execute(this.#database, { id, now }))[0];
  }

  async list(person: string, now: number): Promise<readonly ListedSession[]> {
    const rows = await liveSessions(this.#tables, now).where('personId', '=', person).execute();
    return toSessions(rows);
  }

  async save(change: SessionChange, now: number): Promise<SaveResult> {
    const { id, from, values, clears, expected, seenAt, expiresAt } = change;
    if (from === undefined && values.size === 0 && !clears && expected === undefined) {
      // The most frequent change, without a transaction: the session was used.
      const { numUpdatedRows } = await this.#tables
        .updateTable('session')
        .set({ seenAt, expiresAt })
        .where('id', '=', id)
        .where('expiresAt', '>', now)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? { state: 'saved', ended: [] } : { state: 'gone' };
    }
    return this.#tables.transaction().execute((step) => this.#save(step, change, now));
  }

  async end(ids: readonly string[], now: number): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const ended = await this.#tables
      .deleteFrom('session')
      .where('id', 'in', ids)
      .returning(['id', 'expiresAt'])
      .execute();
    return ended.filter(({ expiresAt }) => expiresAt > now).map(({ id }) => id);
  }

  check(): Promise<void> {
    return this.#database.check();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #save(step: Step, change: SessionChange, now: number): Promise<SaveResult> {
    const { id, from, expected, seenAt, expiresAt } = change;
    const former = typeof from === 'object' ? from.id : id;
    let before: ReadonlyMap<string, string> = new Map();
    if (from !== 'new') {
      const known = await this.#lock(step, former, now);
      if (known === undefined) return { state: 'gone' };
      before = known;
    }
    if (expected !== undefined) {
      const text = before.get(expected.key);
      if (text !== expected.text) return { state: 'conflict', text };
    }
    const { values, bytes, isFull } = changeValues(before, change);
    if (isFull) return { state: 'full', bytes, keys: values.size };
    const personId = change.person ?? null;
    const session = { id, personId, createdAt: change.createdAt, seenAt, expiresAt };
    if (from === 'new') {
      await this.#prune(step, now);
      await step.deleteFrom('session').where('id', '=', id).execute();
      await step.insertInto('session').values(session).execute();
    } else {
      const changed = from === undefined ? { seenAt, expiresAt } : session;
      await step.updateTable('session').set(changed).where('id', '=', former).execute();
    }
    await writeValues(step, change);
    const ended = change.isLogin && personId !== null ? await this.#limit(step, change, personId, now) : [];
    return { state: 'saved', ended };
  }

  /** Locks a session. @returns Its values. */
  async #lock(step: Step, id: string, now: number): Promise<ReadonlyMap<string, string> | undefined> {
    const found = await locking(
      this.#database.kind,
      step.selectFrom('session').select('id').where('id', '=', id).where('expiresAt', '>', now),
    ).executeTakeFirst();
    if (found === undefined) return undefined;
    const rows = await step.selectFrom('sessionValue').select(['name', 'text']).where('sessionId', '=', id).execute();
    return new Map(rows.map(({ name, text }) => [name, text]));
  }

  /** Ends the sessions of a person over the limit, those first that were seen longest ago. */
  async #limit(step: Step, { id, limits }: SessionChange, personId: string, now: number): Promise<string[]> {
    if (this.#database.kind === 'postgres') {
      // Of two sign-ins at the same time, neither sees the session of the other one without this lock.
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${personId}, 0))`.execute(step);
    }
    const others = await step
      .selectFrom('session')
      .select('id')
      .where('personId', '=', personId)
      .where('id', '<>', id)
      .where('expiresAt', '>', now)
      .orderBy('seenAt', 'desc')
      .execute();
    const over = others.slice(limits.maxPerPerson - 1).map((other) => other.id);
    if (over.length === 0) return [];
    const ended = await step.deleteFrom('session').where('id', 'in', over).returning('id').execute();
    return ended.map((other) => other.id);
  }

  async #prune(step: Step, now: number): Promise<void> {
    let expired = step.selectFrom('session').select('id').where('expiresAt', '<=', now).limit(prunedAtOnce);
    if (this.#database.kind === 'postgres') expired = expired.forUpdate().skipLocked();
    await step.deleteFrom('session').where('id', 'in', expired).execute();
  }
}

/** Sessions that have not expired, with a row for each value. */
function liveSessions(tables: Step, now: number) {
  return tables
    .selectFrom('session')
    .leftJoin('sessionValue', 'sessionValue.sessionId', 'session.id')
    .select(['session.id', 'personId', 'createdAt', 'seenAt', 'expiresAt', 'name', 'text'])
    .where('expiresAt', '>', now);
}

type SessionRow = Awaited<ReturnType<ReturnType<typeof liveSessions>['execute']>>[number];

/** Each request and each window executes it. */
const sessionById = new CompiledStatement((tables, { id, now }: { readonly id: string; readonly now: number }) =>
  liveSessions(tables, now).where('session.id', '=', id),
);

function toSessions(rows: readonly SessionRow[]): ListedSession[] {
  const found = new Map<string, ListedSession & { readonly values: Map<string, string> }>();
  for (const { id, personId, name, text, ...times } of rows) {
    const session = found.get(id) ?? { id, person: personId ?? undefined, ...times, values: new Map() };
    found.set(id, session);
    if (name !== null && text !== null) session.values.set(name, text);
  }
  return [...found.values()];
}

async function writeValues(step: Step, { id, clears, values }: SessionChange): Promise<void> {
  if (clears) await step.deleteFrom('sessionValue').where('sessionId', '=', id).execute();
  for (const [name, text] of values) {
    if (text === undefined) {
      await step.deleteFrom('sessionValue').where('sessionId', '=', id).where('name', '=', name).execute();
    } else {
      await step
        .insertInto('sessionValue')
        .values({ sessionId: id, name, text })
        .onConflict((conflict) => conflict.columns(['sessionId', 'name']).doUpdateSet({ text }))
        .execute();
    }
  }
}
