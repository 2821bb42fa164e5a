/**
 * An account, and what keeps accounts. Implementations: store/sqlite-accounts.ts and store/redis-accounts.ts.
 */

/** Somebody who can sign in. */
export interface Account {
  /** Random; never changes. */
  readonly id: string;
  /** As shown. */
  readonly name: string;
  /** The name as it is compared; no two accounts share one. */
  readonly nameKey: string;
  /** PHC string of the password's hash. */
  readonly passwordHash: string;
  /** When it was made, in milliseconds since 1970. */
  readonly createdAt: number;
}

/** Keeps accounts. */
export interface AccountStore {
  /** @returns Whether it was added; false if the name is taken. */
  add(account: Account): Promise<boolean>;
  findByNameKey(nameKey: string): Promise<Account | undefined>;
  findById(id: string): Promise<Account | undefined>;
  /** Replaces the hash of an account that exists. */
  setPasswordHash(id: string, passwordHash: string): Promise<void>;
}
