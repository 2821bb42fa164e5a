/**
 * Links with which a person signs in once, without the password. An administrator makes one for a person who forgot it. The database has
 * only hashes of the tokens. A link works after a press on its page: programs that preview links do not use it up.
 */
import { toNetwork } from 'gale/http';
import type { AttemptStore } from '../accounts/attempt-limit.ts';
import { writeAudit } from '../audit/audit-entry.ts';
import type { ChatDatabase } from '../database/database.ts';
import type { Role } from '../database/tables.ts';
import { createToken, hashToken, isTokenShaped } from '../tokens.ts';

/** How long a link is valid, in milliseconds. */
export const signInLinkMs: number = 4 * 60 * 60 * 1000;

/** Links that do not exist, from one address. */
const misses = { most: 20, windowMs: 10 * 60_000 } as const;

/** The result of a look-up. */
export type FoundLink =
  | { readonly state: 'open'; readonly personId: string; readonly name: string }
  | { readonly state: 'expired' | 'used' | 'unknown' }
  | { readonly state: 'limited'; readonly seconds: number };

export interface SignInLinksOptions {
  readonly attempts: AttemptStore;
  readonly limits: 'on' | 'off';
  readonly now: () => number;
}

export class SignInLinks {
  readonly #database: ChatDatabase;
  readonly #options: SignInLinksOptions;

  constructor(database: ChatDatabase, options: SignInLinksOptions) {
    this.#database = database;
    this.#options = options;
  }

  /**
   * Makes a link. Earlier ones of the person are void. The audit log has an entry.
   *
   * @param madeBy - Id of a person; empty for the command line.
   * @returns Its token.
   */
  async make(personId: string, madeBy: string): Promise<string> {
    const token = createToken();
    const expiresAt = this.#options.now() + signInLinkMs;
    await this.#database.tables.transaction().execute(async (step) => {
      await step.deleteFrom('signInLink').where('personId', '=', personId).execute();
      await step
        .insertInto('signInLink')
        .values({ tokenHash: hashToken(token), personId, madeBy, expiresAt, usedAt: null })
        .execute();
      const entry = { actorId: madeBy || null, action: 'person.link', target: personId, details: {} } as const;
      await writeAudit(step, entry, this.#options.now());
    });
    return token;
  }

  /** Whom a link signs in. Links that do not exist are counted by address. */
  async find(token: string, address: string): Promise<FoundLink> {
    const { limits, attempts, now } = this.#options;
    const key = `sign-in-link address:${toNetwork(address)}`;
    const { count, resetMs } = limits === 'off' ? { count: 0, resetMs: 0 } : await attempts.count(key, misses.windowMs);
    if (count > misses.most) {
      await attempts.giveBack(key);
      return { state: 'limited', seconds: Math.ceil(resetMs / 1000) };
    }
    const row = isTokenShaped(token) ? await this.#read(token) : undefined;
    if (row === undefined) return { state: 'unknown' };
    if (limits !== 'off') await attempts.giveBack(key);
    if (row.usedAt !== null) return { state: 'used' };
    if (row.expiresAt <= now() || row.deactivatedAt !== null || row.deletedAt !== null) return { state: 'expired' };
    // Made in the moment in which the administrator lost the role: the links before it were removed then.
    if (row.makerRole !== null && (row.makerRole !== 'administrator' || row.makerEndedAt !== null))
      return { state: 'expired' };
    return { state: 'open', personId: row.personId, name: row.name };
  }

  /** Uses a link. Of two uses at the same moment one works. @returns Whether it was this one. */
  async use(token: string): Promise<boolean> {
    const now = this.#options.now();
    const { numUpdatedRows } = await this.#database.tables
      .updateTable('signInLink')
      .set({ usedAt: now })
      .where('tokenHash', '=', hashToken(token))
      .where('usedAt', 'is', null)
      .where('expiresAt', '>', now)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Removes the open links of a person, who chooses a new password. A used one still says that it was used. */
  async remove(personId: string): Promise<void> {
    await this.#database.tables
      .deleteFrom('signInLink')
      .where('personId', '=', personId)
      .where('usedAt', 'is', null)
      .execute();
  }

  #read(token: string): Promise<LinkRow | undefined> {
    return this.#database.tables
      .selectFrom('signInLink')
      .innerJoin('person', 'person.id', 'signInLink.personId')
      .leftJoin('person as maker', 'maker.id', 'signInLink.madeBy')
      .select(['personId', 'person.name', 'expiresAt', 'usedAt', 'person.deactivatedAt', 'person.deletedAt'])
      .select(['maker.role as makerRole', 'maker.deactivatedAt as makerEndedAt'])
      .where('tokenHash', '=', hashToken(token))
      .executeTakeFirst();
  }
}

interface LinkRow {
  readonly personId: string;
  readonly name: string;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  readonly deactivatedAt: number | null;
  readonly deletedAt: number | null;
  /** Null for the command line. */
  readonly makerRole: Role | null;
  readonly makerEndedAt: number | null;
}
