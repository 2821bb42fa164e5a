/**
 * The middlewares of a request. The list is computed once for each route. lifecycle.ts runs the request side,
 * response-sender.ts the response side.
 */
import { GaleError } from '../../errors.ts';
import { isThenable } from '../../http/thenable.ts';
import type { RequestHandler } from '../handler.ts';
import { logSafely } from '../error-log.ts';
import { cspNonceUseOf, type CspNonceUse } from './csp-nonce.ts';
import type { Middleware } from './middleware.ts';
import type { ResponseMiddleware } from './response-middleware.ts';
import type { ResponseSteps } from './response-step.ts';

/** The middlewares of a request, in order. */
export class MiddlewareList implements ResponseMiddleware {
  /** All of them, in order. */
  readonly all: readonly Middleware[];
  /** What the policy of the response allows only with the nonce. */
  readonly cspNonceUse: CspNonceUse | undefined;
  readonly #requests: readonly Middleware[];
  /** In the order in which they run. */
  readonly #responses: readonly Middleware[];
  /** Whether one of them has work for every response. */
  readonly #alwaysHaveWork: boolean;

  constructor(all: readonly Middleware[]) {
    this.all = all;
    this.cspNonceUse = cspNonceUseOf(all);
    this.#requests = all.filter(({ processRequest }) => processRequest !== undefined);
    this.#responses = all.filter(({ processResponse }) => processResponse !== undefined).toReversed();
    this.#alwaysHaveWork = this.#responses.some(({ hasResponseWork }) => hasResponseWork === undefined);
  }

  /** Whether any of them has a `processRequest`. */
  get hasRequests(): boolean {
    return this.#requests.length > 0;
  }

  /** Whether any of them has a `processResponse`. */
  get hasResponses(): boolean {
    return this.#responses.length > 0;
  }

  hasResponseWork(handler: RequestHandler): boolean {
    if (this.#alwaysHaveWork) return true;
    for (const middleware of this.#responses) {
      try {
        if (middleware.hasResponseWork?.(handler) !== false) return true;
      } catch (error) {
        logSafely(handler, error);
        return true;
      }
    }
    return false;
  }

  /**
   * Runs `processRequest` of each until the response is decided.
   *
   * @param isOpen - Whether the next step may run.
   * @returns A promise if one of them is async.
   * @throws What one of them throws.
   */
  processRequest(handler: RequestHandler, isOpen: (handler: RequestHandler) => boolean): Promise<void> | undefined {
    if (!this.hasRequests) return undefined;
    for (const [index, middleware] of this.#requests.entries()) {
      if (!isOpen(handler)) return undefined;
      const step: unknown = middleware.processRequest?.(handler);
      if (isThenable(step)) return this.#continueRequest(handler, isOpen, step, index + 1);
      assertNoValue('processRequest', step);
    }
    return undefined;
  }

  async #continueRequest(
    handler: RequestHandler,
    isOpen: (handler: RequestHandler) => boolean,
    step: PromiseLike<unknown>,
    next: number,
  ): Promise<void> {
    assertNoValue('processRequest', await step);
    for (const middleware of this.#requests.slice(next)) {
      if (!isOpen(handler)) return;
      assertNoValue('processRequest', await middleware.processRequest?.(handler));
    }
  }

  /**
   * Runs `processResponse` of all, in reverse order.
   *
   * @param onError - Called for each that throws; it must not throw. The rest run after it.
   * @param steps - Marks their calls, if the response is a stream.
   * @returns A promise if one of them, or `onError`, is async. It never rejects.
   */
  processResponse(
    handler: RequestHandler,
    onError: (error: unknown) => Promise<void> | undefined,
    steps: ResponseSteps | undefined,
  ): Promise<void> | undefined {
    for (const [index, middleware] of this.#responses.entries()) {
      let step: unknown;
      try {
        step = respond(middleware, handler, steps);
        if (step !== undefined && !isThenable(step)) assertNoValue('processResponse', step);
      } catch (error) {
        step = onError(error);
      }
      if (isThenable(step)) return this.#continueResponse(handler, { onError, steps }, step, index + 1);
    }
    return undefined;
  }

  async #continueResponse(
    handler: RequestHandler,
    { onError, steps }: ResponseCalls,
    step: PromiseLike<unknown>,
    next: number,
  ): Promise<void> {
    const settle = async (run: () => unknown): Promise<void> => {
      try {
        assertNoValue('processResponse', await run());
      } catch (error) {
        await onError(error);
      }
    };
    await settle(() => step);
    for (const middleware of this.#responses.slice(next)) {
      await settle(() => respond(middleware, handler, steps));
    }
  }
}

/** A returned value would be lost: unlike a verb, a middleware does not return its response. */
function assertNoValue(method: 'processRequest' | 'processResponse', value: unknown): void {
  if (value === undefined) return;
  const rule =
    method === 'processRequest'
      ? 'and respond with handler.finish()'
      : 'and may change status, headers, and bytes by transformBody()';
  const got = value === null ? 'null' : `a value of the type ${typeof value}`;
  throw new GaleError('WEB_BODY', `${method}() must return nothing ${rule}; got ${got}.`);
}

function respond(middleware: Middleware, handler: RequestHandler, steps: ResponseSteps | undefined): unknown {
  if (steps === undefined) return middleware.processResponse?.(handler);
  return steps.call(() => middleware.processResponse?.(handler));
}

interface ResponseCalls {
  readonly onError: (error: unknown) => Promise<void> | undefined;
  readonly steps: ResponseSteps | undefined;
}
