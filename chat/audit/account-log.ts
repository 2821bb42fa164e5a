/**
 * What people do with their own accounts, in the audit log: sign-ins and those that failed, new passwords, sessions that they ended. The log
 * stays short: of a person it has some entries in an hour, and of one address one failure in a quarter of an hour for each account that was
 * tried. Nothing fails because of it.
 */
import { toNetwork } from 'gale/http';
import type { Logger } from 'gale';
import type { AttemptStore } from '../accounts/attempt-limit.ts';
import type { ChatDatabase } from '../database/database.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { visitorActor, writeAudit, type AuditEntry } from './audit-entry.ts';

/** Entries of each kind of one person in an hour. */
const maxOfPerson = 20;
const ofPersonMs = 60 * 60 * 1000;
const failureMs = 15 * 60 * 1000;
/** Failures of all addresses in a quarter of an hour. */
const maxFailures = 200;

export interface AccountLogOptions {
  readonly attempts: AttemptStore;
  readonly log: Logger;
  readonly now: () => number;
}

export class AccountLog {
  readonly #database: ChatDatabase;
  readonly #options: AccountLogOptions;

  constructor(database: ChatDatabase, options: AccountLogOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** A person has signed in with the password. */
  async signedIn(personId: string, address: string): Promise<void> {
    await this.#writeOwn({ actorId: personId, action: 'session.begin', target: personId, details: { address } });
  }

  /** A person has signed in with a link of an administrator. */
  async signedInByLink(personId: string, address: string): Promise<void> {
    await this.#writeOwn({ actorId: personId, action: 'session.link', target: personId, details: { address } });
  }

  /** A person has chosen a new password. */
  async changedPassword(personId: string, address: string): Promise<void> {
    await this.#writeOwn({ actorId: personId, action: 'person.own-password', target: personId, details: { address } });
  }

  /** A person has ended other sessions. */
  async endedSessions(personId: string, address: string, count: number): Promise<void> {
    const details = { address, count };
    if (count > 0) await this.#writeOwn({ actorId: personId, action: 'session.end', target: personId, details });
  }

  /** A password was wrong. @param personId - Whose; undefined for a name that nobody has, which is not recorded: it can be a password. */
  async failed(personId: string | undefined, address: string): Promise<void> {
    const target = personId ?? null;
    // Nobody knows who tried it: not the person, and not somebody at the command line.
    const entry = { actorId: visitorActor, action: 'session.fail', target, details: { address } } as const;
    await this.#write(entry, [
      { key: `logged failures ${toNetwork(address)} ${personId ?? ''}`, most: 1, windowMs: failureMs },
      { key: 'logged failures', most: maxFailures, windowMs: failureMs },
    ]);
  }

  async #writeOwn(entry: AuditEntry): Promise<void> {
    const key = `logged ${entry.action} ${entry.actorId}`;
    await this.#write(entry, [{ key, most: maxOfPerson, windowMs: ofPersonMs }]);
  }

  async #write(
    entry: AuditEntry,
    bounds: readonly { readonly key: string; readonly most: number; readonly windowMs: number }[],
  ): Promise<void> {
    const { attempts, now, log } = this.#options;
    try {
      for (const { key, most, windowMs } of bounds) if ((await attempts.count(key, windowMs)).count > most) return;
      await writeAudit(this.#database.tables, entry, now());
    } catch (error) {
      if (!isUnavailable(error))
        log.warn({ err: error }, 'An entry of an account could not be written to the audit log');
    }
  }
}
