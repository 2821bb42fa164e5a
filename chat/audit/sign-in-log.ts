/**
 * The sign-ins in the audit log, and those that failed. The log stays short: of a person it has some sign-ins in an hour, and of one
 * address one failure in a quarter of an hour for each account that was tried. A sign-in never fails because of it.
 */
import { toNetwork } from 'gale/http';
import type { Logger } from 'gale';
import type { AttemptStore } from '../accounts/attempt-limit.ts';
import type { ChatDatabase } from '../database/database.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { visitorActor, writeAudit, type AuditEntry } from './audit-entry.ts';

/** Sign-ins of one person in an hour. */
const maxSignIns = 20;
const signInsMs = 60 * 60 * 1000;
const failureMs = 15 * 60 * 1000;
/** Failures of all addresses in a quarter of an hour. */
const maxFailures = 200;

export interface SignInLogOptions {
  readonly attempts: AttemptStore;
  readonly log: Logger;
  readonly now: () => number;
}

export class SignInLog {
  readonly #database: ChatDatabase;
  readonly #options: SignInLogOptions;

  constructor(database: ChatDatabase, options: SignInLogOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** A person has signed in, with a password or a link. */
  async signedIn(personId: string, address: string): Promise<void> {
    const details = { address };
    const entry = { actorId: personId, action: 'session.begin', target: personId, details } as const;
    await this.#write(entry, [{ key: `logged sign-ins ${personId}`, most: maxSignIns, windowMs: signInsMs }]);
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

  async #write(
    entry: AuditEntry,
    bounds: readonly { readonly key: string; readonly most: number; readonly windowMs: number }[],
  ): Promise<void> {
    const { attempts, now, log } = this.#options;
    try {
      for (const { key, most, windowMs } of bounds) if ((await attempts.count(key, windowMs)).count > most) return;
      await writeAudit(this.#database.tables, entry, now());
    } catch (error) {
      if (!isUnavailable(error)) log.warn({ err: error }, 'A sign-in could not be written to the audit log');
    }
  }
}
