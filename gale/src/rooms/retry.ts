/** Retries an operation until it succeeds: for reads whose failure cannot be reported to a caller. */
import { fullJitter } from '../run/backoff.ts';

/** How an operation is retried. */
export interface RetryOptions {
  /** Retries stop once this returns true. */
  readonly isOver: () => boolean;
  /** Called for each failure. */
  readonly onFailure: (error: unknown, attempt: number) => void;
}

/**
 * Runs something until it succeeds, with waits that grow up to 5 seconds.
 *
 * @returns Its result; undefined if it was over before.
 */
export async function retryUntilDone<Result>(
  run: () => Promise<Result>,
  options: RetryOptions,
): Promise<Result | undefined> {
  for (let attempt = 0; !options.isOver(); attempt++) {
    try {
      return await run();
    } catch (error) {
      options.onFailure(error, attempt);
      await new Promise((resolve) => {
        setTimeout(resolve, 50 + fullJitter(attempt, 200, 5000)).unref();
      });
    }
  }
  return undefined;
}
