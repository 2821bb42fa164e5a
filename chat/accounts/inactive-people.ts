/**
 * Ends the sockets of people who were deactivated or deleted their account, and of sessions that ended together, if no notification arrived:
 * the connection to Redis is lost, or the command line did it. One query each half second finds them, however many sockets there are; it reads
 * only people with such a change in the last minutes. Another query finds what else was taken away: see missed-removals.ts.
 */
import type { Logger } from 'gale';
import type { Selectable } from 'kysely';
import type { ChatDatabase } from '../database/database.ts';
import type { PersonTable } from '../database/tables.ts';
import { deactivated } from '../wire.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { MissedRemovals } from './missed-removals.ts';

/** Time between two checks, in milliseconds. */
const checkMs = 500;
/** How far the clocks of servers may differ, in milliseconds. */
const clocksMs = 10 * 60_000;
/** A server may still be ending the sessions of a person for so long, in milliseconds. */
const endingMs = 5000;
/** Most people of one query. */
const pageCount = 500;

export interface InactivePeopleOptions {
  readonly log: Logger;
  readonly now: () => number;
  readonly removals: Pick<MissedRemovals, 'handleSince'>;
}

export class InactivePeople {
  readonly #tables: ChatDatabase['tables'];
  readonly #liveSessions: LiveSessions;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #removals: InactivePeopleOptions['removals'];
  readonly #timer: NodeJS.Timeout;
  #checking: Promise<void> | undefined;
  /** When the last check succeeded. */
  #checkedAt: number;
  #hasFailed = false;
  /** When the sessions of people ended that were checked since then, by person. */
  readonly #checkedEnds = new Map<string, number>();

  constructor({ tables }: ChatDatabase, liveSessions: LiveSessions, { log, now, removals }: InactivePeopleOptions) {
    this.#tables = tables;
    this.#liveSessions = liveSessions;
    this.#log = log;
    this.#now = now;
    this.#removals = removals;
    this.#checkedAt = now();
    this.#timer = setInterval(() => void this.check(), checkMs).unref();
  }

  /** Ends sockets of people who may not have them. A timer calls it. Never rejects. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  /** Waits for a check that runs. Call it before the database closes. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
  }

  async #check(): Promise<void> {
    const now = this.#now();
    try {
      if (!this.#liveSessions.isEmpty) {
        await this.#endSince(this.#checkedAt - clocksMs);
        await this.#removals.handleSince(this.#checkedAt - clocksMs);
      }
      this.#checkedAt = now;
      this.#hasFailed = false;
    } catch (error) {
      // Once for each outage.
      if (!this.#hasFailed)
        this.#log.warn({ err: error }, 'Deactivated people could not be read; retrying twice a second');
      this.#hasFailed = true;
    }
  }

  async #endSince(since: number): Promise<void> {
    for (const [id, at] of this.#checkedEnds) if (at <= since) this.#checkedEnds.delete(id);
    for (let after: string | undefined = ''; after !== undefined;) {
      const rows: LeftPerson[] = await this.#tables
        .selectFrom('person')
        .select(['id', 'deactivatedAt', 'deletedAt', 'sessionsEndedAt'])
        .where(({ or, eb }) =>
          or([eb('deactivatedAt', '>', since), eb('deletedAt', '>', since), eb('sessionsEndedAt', '>', since)]),
        )
        .where('id', '>', after)
        .orderBy('id')
        .limit(pageCount)
        .execute();
      this.#liveSessions.endPeople(idsOf(rows.filter((row) => row.deactivatedAt !== null)), deactivated);
      this.#liveSessions.endPeople(idsOf(rows.filter((row) => row.deletedAt !== null)));
      for (const row of rows) await this.#checkSessions(row);
      after = rows.length === pageCount ? rows.at(-1)?.id : undefined;
    }
  }

  async #checkSessions({ id, sessionsEndedAt }: LeftPerson): Promise<void> {
    if (sessionsEndedAt === null || sessionsEndedAt === this.#checkedEnds.get(id)) return;
    await this.#liveSessions.checkPerson(id);
    if (sessionsEndedAt <= this.#now() - endingMs) this.#checkedEnds.set(id, sessionsEndedAt);
  }
}

/** A person who may have to leave. */
type LeftPerson = Pick<Selectable<PersonTable>, 'id' | 'deactivatedAt' | 'deletedAt' | 'sessionsEndedAt'>;

function idsOf(rows: readonly LeftPerson[]): Set<string> {
  return new Set(rows.map(({ id }) => id));
}
