/**
 * The first start: the page `/setup` makes the account of the administrator. A visitor who is not on this machine needs the setup token, as
 * does everybody if there are people already. Guesses are limited.
 */
import { toNetwork } from 'gale/http';
import type { RequestHandler } from 'gale';
import type { AttemptStore } from '../accounts/attempt-limit.ts';
import { isFromThisMachine, isSetupToken } from './setup-token.ts';
import type { SetupState, SetupStore } from './setup-store.ts';

/** Wrong tokens of one address. */
const missesOfAddress = { most: 10, windowMs: 3 * 60_000 } as const;
/** Wrong tokens of all addresses together. */
const allMisses = { most: 100, windowMs: 60 * 60_000 } as const;

export interface SetupOptions {
  readonly token: string;
  /** Public origin of the chat. */
  readonly origin: string | undefined;
  readonly attempts: AttemptStore;
  readonly limits: 'on' | 'off';
}

export class Setup {
  readonly store: SetupStore;
  /** What the log shows at the start. */
  readonly token: string;
  readonly #options: SetupOptions;

  constructor(store: SetupStore, options: SetupOptions) {
    this.store = store;
    this.token = options.token;
    this.#options = options;
  }

  state(): Promise<SetupState> {
    return this.store.state();
  }

  /** Whether the visitor must type the token. */
  needsToken(handler: RequestHandler, state: SetupState): boolean {
    return state !== 'fresh' || !isFromThisMachine(handler, this.#options.origin);
  }

  /**
   * Compares a typed token.
   *
   * @returns `right` or `wrong`, or the seconds until the next attempt.
   */
  async check(typed: string, address: string): Promise<'right' | 'wrong' | number> {
    const { attempts, limits } = this.#options;
    const keys = [
      { key: `setup address:${toNetwork(address)}`, ...missesOfAddress },
      { key: 'setup', ...allMisses },
    ];
    if (limits === 'off') return isSetupToken(typed, this.token) ? 'right' : 'wrong';
    const counted: string[] = [];
    // Before the comparison, so that concurrent guesses cannot pass the limit.
    for (const { key, most, windowMs } of keys) {
      const { count, resetMs } = await attempts.count(key, windowMs);
      counted.push(key);
      if (count <= most) continue;
      await Promise.all(counted.map((each) => attempts.giveBack(each)));
      return Math.ceil(resetMs / 1000);
    }
    if (!isSetupToken(typed, this.token)) return 'wrong';
    await Promise.all(counted.map((each) => attempts.giveBack(each)));
    return 'right';
  }
}
