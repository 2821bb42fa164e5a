/**
 * How often somebody may fail to sign in, and how many accounts one address may make, in a stretch of time.
 * A try is counted before the password is looked at, so that many at once cannot slip through, and given back if it succeeds.
 * Implementations of the store: store/memory-tries.ts (one server) and store/redis-tries.ts (several).
 */
import { isIPv6 } from 'node:net';

/** Counts tries. A count begins with its first try and is forgotten `windowMs` later. */
export interface TryStore {
  /** Counts one more. @returns How many there are now, and in how many milliseconds they are forgotten. */
  count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetMs: number }>;
  /** Takes one try back. */
  giveBack(key: string): Promise<void>;
  /** Forgets all tries. */
  forget(key: string): Promise<void>;
}

/** 5 in 15 minutes for a name from one address: a stranger elsewhere does not lock its owner out. */
export const triesByPair = { most: 5, windowMs: 900_000 } as const;
/** 50 in 15 minutes for a name from all addresses together, against guessing from many. */
export const triesByName = { most: 50, windowMs: 900_000 } as const;
/** 10 in 3 minutes for an address, whichever names. */
export const triesByAddress = { most: 10, windowMs: 180_000 } as const;
/** 60 accounts in an hour from one address; a school may share one. */
export const accountsByAddress = { most: 60, windowMs: 3_600_000 } as const;

/** How many there may be in a stretch of time. */
interface Limit {
  readonly most: number;
  readonly windowMs: number;
}

/** Limits the tries to sign in and to register. */
export class TryLimit {
  readonly #store: TryStore;

  constructor(store: TryStore) {
    this.#store = store;
  }

  /** Counts a try to sign in. @returns 0 if it may go on; otherwise the seconds until the next one may. */
  async begin(nameKey: string, address: string): Promise<number> {
    return (
      (await this.#count(addressKey(address), triesByAddress)) ||
      (await this.#count(pairKey(nameKey, address), triesByPair)) ||
      (await this.#count(personKey(nameKey), triesByName))
    );
  }

  /** The try was right: it no longer counts, and those before it from there neither. */
  async succeed(nameKey: string, address: string): Promise<void> {
    await Promise.all([
      this.#store.giveBack(addressKey(address)),
      this.#store.forget(pairKey(nameKey, address)),
      this.#store.giveBack(personKey(nameKey)),
    ]);
  }

  /** The try was not decided (a fault, a full queue): it no longer counts. */
  async giveBack(nameKey: string, address: string): Promise<void> {
    const keys = [addressKey(address), pairKey(nameKey, address), personKey(nameKey)];
    await Promise.all(keys.map((key) => this.#store.giveBack(key)));
  }

  /** Counts a new account. @returns 0 if it may be made; otherwise the seconds until the next one may. */
  countAccount(address: string): Promise<number> {
    return this.#count(`account ${addressKey(address)}`, accountsByAddress);
  }

  async #count(key: string, { most, windowMs }: Limit): Promise<number> {
    const { count, resetMs } = await this.#store.count(key, windowMs);
    return count > most ? Math.ceil(resetMs / 1000) : 0;
  }
}

function personKey(nameKey: string): string {
  return `name:${nameKey}`;
}

function pairKey(nameKey: string, address: string): string {
  return `pair:${addressKey(address)} ${nameKey}`;
}

/** One customer of a provider has a whole /64 of IPv6, so those count as one address. */
function addressKey(address: string): string {
  if (!isIPv6(address)) return `address:${address}`;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return `address:${mapped[1]}`;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...back];
  return `address:${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}`;
}
