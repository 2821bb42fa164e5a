/** Trying again for as long as it makes sense: for reads that nobody can be told have failed. */
import { fullJitter } from '../run/backoff.ts';

/** How a try is repeated. */
export interface Patience {
  /** No further try is made once this is true. */
  readonly isOver: () => boolean;
  /** Told of each failure. */
  readonly onFailure: (error: unknown, attempt: number) => void;
}

/**
 * Runs something until it succeeds, with waits that grow up to 5 seconds.
 *
 * @returns Its result; undefined if it was over before.
 */
export async function patiently<Result>(run: () => Promise<Result>, patience: Patience): Promise<Result | undefined> {
  for (let attempt = 0; !patience.isOver(); attempt++) {
    try {
      return await run();
    } catch (error) {
      patience.onFailure(error, attempt);
      await new Promise((resolve) => {
        setTimeout(resolve, 50 + fullJitter(attempt, 200, 5000)).unref();
      });
    }
  }
  return undefined;
}
