/**
 * How often somebody may fail to sign in: so many tries by name and by address in a stretch of time.
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

/** 5 in 15 minutes for a name, whoever tries. */
export const triesByName = { most: 5, windowMs: 900_000 } as const;
/** 10 in 3 minutes for an address, whichever names. */
export const triesByAddress = { most: 10, windowMs: 180_000 } as const;

/** Limits the tries to sign in. */
export class TryLimit {
  readonly #store: TryStore;

  constructor(store: TryStore) {
    this.#store = store;
  }

  /** Counts a try. @returns 0 if it may go on; otherwise the seconds until the next one may. */
  async begin(nameKey: string, address: string): Promise<number> {
    const byAddress = await this.#store.count(addressKey(address), triesByAddress.windowMs);
    if (byAddress.count > triesByAddress.most) return Math.ceil(byAddress.resetMs / 1000);
    const byName = await this.#store.count(personKey(nameKey), triesByName.windowMs);
    if (byName.count > triesByName.most) return Math.ceil(byName.resetMs / 1000);
    return 0;
  }

  /** The try was right: it no longer counts, and those before it on the same name neither. */
  async succeed(nameKey: string, address: string): Promise<void> {
    await Promise.all([this.#store.giveBack(addressKey(address)), this.#store.forget(personKey(nameKey))]);
  }

  /** The try was not decided (a fault, a full queue): it no longer counts. */
  async giveBack(nameKey: string, address: string): Promise<void> {
    await Promise.all([this.#store.giveBack(addressKey(address)), this.#store.giveBack(personKey(nameKey))]);
  }
}

function personKey(nameKey: string): string {
  return `name:${nameKey}`;
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
