/**
 * An account and the store of accounts; database-accounts.ts implements it.
 */

import type { Role } from '../database/tables.ts';
import type { Choices } from '../people/people-store.ts';

/** A new account. */
export interface NewAccount {
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

/** A person who can sign in, unless it is not active. */
export interface Account extends NewAccount {
  readonly role: Role;
  /** False if an administrator deactivated it or the person deleted it. */
  readonly isActive: boolean;
  readonly choices: Choices;
  /** Hash of the picture; null without one. */
  readonly picture: string | null;
}

/** Stores accounts. */
export interface AccountStore {
  /** Adds a member. @returns Whether it was added; false if the name is taken. */
  add(account: NewAccount): Promise<boolean>;
  findByNameKey(nameKey: string): Promise<Account | undefined>;
  findById(id: string): Promise<Account | undefined>;
  /** Sets a new password. @param at - Sessions in no store that began until then end, in milliseconds since 1970. */
  setPassword(id: string, passwordHash: string, at: number): Promise<void>;
  /** Replaces one hash of a password by another one. @returns Whether the account had the first one. */
  replaceHash(id: string, before: string, passwordHash: string): Promise<boolean>;
  /** Ends sessions in no store that began until then. */
  endUnstored(id: string, at: number): Promise<void>;
}
