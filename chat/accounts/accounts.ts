/**
 * Registration and sign-in: the rules around the store of accounts.
 * Problems that a person can correct are results, which the page translates; failures are thrown.
 */
import { randomBytes } from 'node:crypto';
import { toNetwork } from 'gale/http';
import { maxPersonNameCodePoints, nameKey, storedNameKeys } from '../name.ts';
import { readPersonName, type PersonNameProblem } from '../names/person-name.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { Account, AccountStore, NewAccount } from './account.ts';
import { HashQueue } from './hash-queue.ts';
import { advisedCost, hashPassword, verifyPassword, type HashCost } from './password-hash.ts';
import { passwordProblem, type PasswordProblem } from './password.ts';
import type { KnownBrowser } from './known-browser.ts';
import { AttemptLimit, type SignInLimits, type AttemptStore, type Visitor } from './attempt-limit.ts';

/** What is wrong with a form, for each of its fields. */
export interface AccountProblems {
  readonly name?: PersonNameProblem | 'nameTaken';
  readonly password?: PasswordProblem;
  /** Of the setup. */
  readonly token?: 'setupTokenWrong';
  readonly form?: 'loginWrong' | 'tooManyAttempts' | 'busy' | 'deactivatedHint' | 'setupDone' | 'inviteUsed';
  /** With `tooManyAttempts` and `busy`: seconds until the next attempt is possible. */
  readonly seconds?: number;
}

/** Stores a new account. @returns Why it was not stored. */
export type AddAccount = (account: NewAccount) => Promise<AccountProblems | undefined>;

/** An account, or the problems that prevented it. */
export type AccountResult =
  | { readonly account: NewAccount }
  /** `triedId`: the account whose password was wrong. */
  | { readonly problems: AccountProblems; readonly triedId?: string };

export interface AccountsOptions extends SignInLimits {
  /** `off`: does not count attempts and accounts, and lets one address fill the queues. @defaultValue 'on' */
  readonly limits?: 'on' | 'off';
  /** Cost of a password hash. @defaultValue {@link advisedCost} */
  readonly cost?: HashCost;
  readonly now?: () => number;
  /** Queue for the hashes of sign-ins. */
  readonly loginHashes?: HashQueue;
  /** Queue for the hashes of registrations. */
  readonly newHashes?: HashQueue;
}

/** Key for a text that is too long for a name. No account has it. */
const noNameKey = '';

export class Accounts {
  readonly #store: AccountStore;
  readonly #attempts: AttemptLimit;
  readonly #cost: HashCost;
  readonly #now: () => number;
  /** Two queues, so that registrations do not delay sign-ins. */
  readonly #loginHashes: HashQueue;
  readonly #newHashes: HashQueue;
  /** Compared with the password when there is no account, so that this takes the same time. */
  readonly #nobodysHash: Promise<string>;

  constructor(store: AccountStore, attempts: AttemptStore, options: AccountsOptions = {}) {
    this.#store = store;
    this.#attempts = new AttemptLimit(attempts, options);
    this.#cost = options.cost ?? advisedCost;
    this.#now = options.now ?? Date.now;
    const isOff = options.limits === 'off';
    this.#loginHashes = options.loginHashes ?? new HashQueue(isOff ? { maxWaitingPerAddress: Infinity } : {});
    const few = { atOnce: 1, maxWaiting: 20, maxWaitingPerAddress: isOff ? Infinity : 5 };
    this.#newHashes = options.newHashes ?? new HashQueue(few);
    this.#nobodysHash = hashPassword(randomBytes(16).toString('hex'), this.#cost);
  }

  /**
   * Creates an account.
   *
   * @param beforeAdding - Called after all checks and before the account is stored.
   * @param add - Stores it, and returns why it was not stored. By default it stores a member.
   */
  async register(
    typedName: string,
    password: string,
    address: string,
    beforeAdding: () => Promise<void>,
    add: AddAccount = (account) => this.#add(account),
  ): Promise<AccountResult> {
    const read = readPersonName(typedName);
    const wrongPassword = passwordProblem(password);
    const wrong = {
      ...('problem' in read ? { name: read.problem } : {}),
      ...(wrongPassword ? { password: wrongPassword } : {}),
    };
    if ('problem' in read || wrongPassword) return { problems: wrong };
    const isTaken = (await this.#findByName(read.name)) !== undefined;
    const seconds = await (isTaken ? this.#attempts.countTakenName(address) : this.#attempts.countAccount(address));
    if (seconds > 0) return { problems: { form: 'tooManyAttempts', seconds } };
    if (isTaken) return { problems: { name: 'nameTaken' } };
    try {
      const account: NewAccount = {
        id: randomBytes(12).toString('base64url'),
        name: read.name,
        nameKey: nameKey(read.name),
        passwordHash: await this.#newHashes.run(() => hashPassword(password, this.#cost), toNetwork(address)),
        createdAt: this.#now(),
      };
      await beforeAdding();
      const problems = await add(account);
      if (problems === undefined) return { account };
      await this.#attempts.giveBackAccount(address);
      return { problems };
    } catch (error) {
      // A full queue or an unavailable store: no account was made, so it must not count.
      await this.#attempts.giveBackAccount(address);
      throw error;
    }
  }

  /**
   * Finds the account of a name and a password. An unknown name, a wrong password and texts of any length get the same
   * result after the same work.
   *
   * @param browser - A browser that signed in before. It has a limit of its own for its accounts.
   */
  async logIn(typedName: string, password: string, address: string, browser?: KnownBrowser): Promise<AccountResult> {
    const account = await this.#findByName(typedName);
    const visitor: Visitor =
      account && browser?.accountIds.includes(account.id)
        ? { accountId: account.id, browserId: browser.id }
        : { nameKey: storedNameKeys(typedName, maxPersonNameCodePoints).at(-1) ?? noNameKey, address };
    return this.#loginHashes.run(() => this.#compare(account, password, visitor), toNetwork(address));
  }

  /**
   * Whether the person can still sign in as they did. Ask it after the session has begun: the password may have changed, or the account may
   * have been deactivated, after {@link logIn} read it and before there was a session to end.
   */
  async isCurrent({ id, passwordHash }: Pick<NewAccount, 'id' | 'passwordHash'>): Promise<boolean> {
    const account = await this.#store.findById(id);
    return account?.isActive === true && account.passwordHash === passwordHash;
  }

  findById(id: string): Promise<Account | undefined> {
    return this.#store.findById(id);
  }

  /**
   * Changes a password. Check the one before with {@link logIn}. Of the sessions, those in no store end.
   *
   * @param password - One without a `passwordProblem`.
   * @throws {@link QueueFullError}.
   */
  async setPassword(id: string, password: string, address: string): Promise<void> {
    const hash = await this.#newHashes.run(() => hashPassword(password, this.#cost), toNetwork(address));
    await this.#store.setPassword(id, hash, this.#now());
  }

  /** Ends all sessions of a person that are in no store. */
  endUnstored(id: string): Promise<void> {
    return this.#store.endUnstored(id, this.#now());
  }

  async #add(account: NewAccount): Promise<AccountProblems | undefined> {
    return (await this.#store.add(account)) ? undefined : { name: 'nameTaken' };
  }

  /**
   * Counts the attempt and compares the password. An attempt counts when its hash begins, not while it waits in the queue:
   * otherwise many people of one address who sign in at once would look like failures.
   */
  async #compare(account: Account | undefined, password: string, visitor: Visitor): Promise<AccountResult> {
    const seconds = await this.#attempts.begin(visitor);
    if (seconds > 0) return { problems: { form: 'tooManyAttempts', seconds } };
    try {
      const hash = account?.passwordHash ?? (await this.#nobodysHash);
      const { matches, outdated } = await verifyPassword(hash, password, this.#cost);
      const problems = { form: 'loginWrong' } as const;
      if (!account) return { problems };
      if (!matches) return { problems, triedId: account.id };
      const passwordHash = outdated ? await this.#rehash(account, password) : account.passwordHash;
      await this.#attempts.succeed(visitor);
      return account.isActive ? { account: { ...account, passwordHash } } : { problems: { form: 'deactivatedHint' } };
    } catch (error) {
      await this.#attempts.giveBack(visitor);
      throw error;
    }
  }

  /** Finds the account of a name by any rule under which it may have been stored. */
  async #findByName(typedName: string): Promise<Account | undefined> {
    const keys = storedNameKeys(typedName, maxPersonNameCodePoints);
    for (const key of keys.length > 0 ? keys : [noNameKey]) {
      const account = await this.#store.findByNameKey(key);
      if (account) return account;
    }
    return undefined;
  }

  /**
   * Replaces a hash of another cost, now that the password is known, but not that of a password that was chosen meanwhile. An unavailable store
   * is ignored: the next sign-in tries again.
   *
   * @returns The hash that the account has then.
   */
  async #rehash({ id, passwordHash: before }: Account, password: string): Promise<string> {
    const hash = await hashPassword(password, this.#cost);
    try {
      if (await this.#store.replaceHash(id, before, hash)) return hash;
      // Another sign-in did it, or the password is another one now.
      const now = (await this.#store.findById(id))?.passwordHash ?? before;
      return (await verifyPassword(now, password, this.#cost)).matches ? now : before;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return before;
    }
  }
}
