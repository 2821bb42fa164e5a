/**
 * Limits for sign-ins, failed sign-ins and new accounts in a period of time.
 * An attempt is counted before the password is compared, so that concurrent attempts cannot pass the limit. A failure stays counted; a success
 * counts as a sign-in only. Implementations of the store: store/memory-attempts.ts (one server) and store/redis-attempts.ts (several).
 */
import { createHash } from 'node:crypto';
import { toNetwork } from 'gale/http';

/** Counts attempts. A count begins with its first attempt and expires after `windowMs`. */
export interface AttemptStore {
  /** Adds one. @returns The count, and the milliseconds until it expires. */
  count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetMs: number }>;
  /** Subtracts one. */
  giveBack(key: string): Promise<void>;
  /** Deletes the count. */
  forget(key: string): Promise<void>;
}

const minuteMs = 60_000;

/** The limits of signing in that are options of the chat and of `npm start`. */
export interface SignInLimits {
  /** Failed sign-ins of an address in 3 minutes, for all names together. @defaultValue 10 */
  readonly failuresPerAddress?: number;
  /** Sign-ins of an address in 10 minutes, successful or not. @defaultValue 100 */
  readonly signInsPerAddress?: number;
  /** New accounts of an address in an hour. @defaultValue 60 */
  readonly accountsPerHour?: number;
  /** Sessions of one person; a new one over the limit ends the oldest. @defaultValue 20 */
  readonly sessionsPerPerson?: number;
}

/** The defaults of {@link SignInLimits}. */
export const signInDefaults: Required<SignInLimits> = Object.freeze({
  failuresPerAddress: 10,
  signInsPerAddress: 100,
  accountsPerHour: 60,
  sessionsPerPerson: 20,
});

/** Windows of the limits that are options. */
const failuresPerAddressMs = 3 * minuteMs;
const signInsPerAddressMs = 10 * minuteMs;
const accountsPerAddressMs = 60 * minuteMs;

/** Failures of a name from one address. A stranger elsewhere does not lock the owner out. */
const failuresByPair = { most: 5, windowMs: 15 * minuteMs } as const;
/** Sign-ins of a name from one address, successful or not. */
const signInsByPair = { most: 20, windowMs: 10 * minuteMs } as const;
/** Failures of a name from all addresses together, against guesses from many addresses. */
const failuresByName = { most: 50, windowMs: 15 * minuteMs } as const;
/** Failures of a browser that signed in to the account before. */
const failuresByBrowser = { most: 10, windowMs: 15 * minuteMs } as const;
/** Sign-ins, successful or not, of all known browsers of an account: one person can create many of those for their own account. */
const signInsByKnown = { most: 50, windowMs: 10 * minuteMs } as const;

/** Registrations of an address with names that others have. Without a limit they would show to outsiders who uses the chat. */
const takenNames = { most: 60, windowMs: 10 * minuteMs } as const;

/** The source of a sign-in. */
export type Visitor =
  | { readonly nameKey: string; readonly address: string }
  /** A browser that signed in to this account before; see known-browser.ts. */
  | { readonly accountId: string; readonly browserId: string };

/** A limit: what is counted, how many are allowed in which time, and what a success does to the count. */
interface Count {
  readonly key: string;
  readonly most: number;
  readonly windowMs: number;
  readonly onSuccess: 'keep' | 'giveBack' | 'forget';
}

/** Limits the attempts to sign in and to register. */
export class AttemptLimit {
  readonly #store: AttemptStore;
  readonly #limits: Required<SignInLimits>;
  readonly #isOff: boolean;

  /** @param options - `limits: 'off'` counts nothing. */
  constructor(store: AttemptStore, options: SignInLimits & { readonly limits?: 'on' | 'off' } = {}) {
    const { limits = 'on', ...given } = options;
    this.#store = store;
    this.#limits = { ...signInDefaults, ...given };
    this.#isOff = limits === 'off';
  }

  /**
   * Counts an attempt to sign in.
   *
   * @returns 0 if the attempt is allowed; otherwise the seconds until the next one is. A refused attempt does not count: it tests no
   * password, and other people share its address.
   */
  async begin(visitor: Visitor): Promise<number> {
    const counted: string[] = [];
    for (const count of this.#countsOf(visitor)) {
      counted.push(count.key);
      const seconds = await this.#count(count);
      if (seconds > 0) {
        await Promise.all(counted.map((key) => this.#store.giveBack(key)));
        return seconds;
      }
    }
    return 0;
  }

  /** Records a success: the attempt is not a failure, and earlier failures of the same name and address no longer count. */
  async succeed(visitor: Visitor): Promise<void> {
    const counts = this.#countsOf(visitor).filter(({ onSuccess }) => onSuccess !== 'keep');
    await Promise.all(
      counts.map(({ key, onSuccess }) =>
        onSuccess === 'forget' ? this.#store.forget(key) : this.#store.giveBack(key),
      ),
    );
  }

  /** Removes an attempt without a result (an error, a full queue). */
  async giveBack(visitor: Visitor): Promise<void> {
    await Promise.all(this.#countsOf(visitor).map(({ key }) => this.#store.giveBack(key)));
  }

  /** Counts a new account. @returns 0 if it is allowed; otherwise the seconds until the next one is. */
  countAccount(address: string): Promise<number> {
    const most = this.#limits.accountsPerHour;
    return this.#count({ key: accountKey(address), most, windowMs: accountsPerAddressMs });
  }

  /** Counts a registration with a name that another person has. @returns As {@link countAccount}. */
  countTakenName(address: string): Promise<number> {
    return this.#count({ key: `taken address:${toNetwork(address)}`, ...takenNames });
  }

  /** Removes the count of an account that could not be created. */
  async giveBackAccount(address: string): Promise<void> {
    if (!this.#isOff) await this.#store.giveBack(accountKey(address));
  }

  /** In counting order: limits of one address come before limits that others share. */
  #countsOf(visitor: Visitor): readonly Count[] {
    if (this.#isOff) return [];
    if ('browserId' in visitor) {
      const browser = `browser:${visitor.browserId} ${visitor.accountId}`;
      return [
        { key: browser, ...failuresByBrowser, onSuccess: 'forget' },
        { key: `known:${visitor.accountId}`, ...signInsByKnown, onSuccess: 'keep' },
      ];
    }
    const { failuresPerAddress, signInsPerAddress } = this.#limits;
    const address = `address:${toNetwork(visitor.address)}`;
    const name = shortKey(visitor.nameKey);
    const pair = `pair:${address} ${name}`;
    return [
      { key: address, most: failuresPerAddress, windowMs: failuresPerAddressMs, onSuccess: 'giveBack' },
      { key: pair, ...failuresByPair, onSuccess: 'forget' },
      { key: `all ${address}`, most: signInsPerAddress, windowMs: signInsPerAddressMs, onSuccess: 'keep' },
      { key: `all ${pair}`, ...signInsByPair, onSuccess: 'keep' },
      { key: `name:${name}`, ...failuresByName, onSuccess: 'giveBack' },
    ];
  }

  async #count({ key, most, windowMs }: Omit<Count, 'onSuccess'>): Promise<number> {
    if (this.#isOff) return 0;
    const { count, resetMs } = await this.#store.count(key, windowMs);
    return count > most ? Math.ceil(resetMs / 1000) : 0;
  }
}

function accountKey(address: string): string {
  return `account address:${toNetwork(address)}`;
}

/** A hash: of fixed length, and without the typed text, since people type passwords into the field of the name. */
function shortKey(nameKey: string): string {
  return createHash('sha256').update(nameKey).digest('base64url').slice(0, 22);
}
