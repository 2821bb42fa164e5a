/**
 * An account and the store of accounts; database-accounts.ts implements it.
 */

/** A person who can sign in. */
export interface Account {
  /** Random; never changes. */
  readonly id: string;
  /** As the page shows it. */
  readonly name: string;
  /** Form of the name for comparison; unique. */
  readonly nameKey: string;
  /** PHC string of the password's hash. */
  readonly passwordHash: string;
  /** When it was made, in milliseconds since 1970. */
  readonly createdAt: number;
}

/** Stores accounts. */
export interface AccountStore {
  /** @returns Whether it was added; false if the name is taken. */
  add(account: Account): Promise<boolean>;
  findByNameKey(nameKey: string): Promise<Account | undefined>;
  findById(id: string): Promise<Account | undefined>;
  /** Replaces the hash of an account that exists. */
  setPasswordHash(id: string, passwordHash: string): Promise<void>;
}
