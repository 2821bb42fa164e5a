/** The middlewares of a response, as the response sees them. middleware-list.ts implements it, and imports the handler. */
import type { CspNonceUse } from './csp-nonce.ts';
import type { ResponseSteps } from './response-step.ts';

/** All middlewares of a request that have a `processResponse`. */
export interface ResponseMiddleware {
  /** What the policy of the response allows only with the nonce. */
  readonly cspNonceUse: CspNonceUse | undefined;
  /** Whether one of them has something to do for this response. Never throws. */
  hasResponseWork(handler: object): boolean;
  /**
   * Runs `processResponse` of all of them.
   *
   * @param onError - Called for each that throws.
   * @param steps - Marks their calls, if the response is a stream.
   * @returns A promise if one of them is async. It never rejects.
   */
  processResponse(
    handler: object,
    onError: (error: unknown) => Promise<void> | undefined,
    steps: ResponseSteps | undefined,
  ): Promise<void> | undefined;
}
