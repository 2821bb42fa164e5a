/**
 * Marks what `processResponse` calls while a stream begins: the verb may go on writing then, so only the async context knows who calls. A
 * whole response is finished then, and needs no mark.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** The middlewares of one response that is a stream. */
export class ResponseSteps {
  // An own object for each response: what a middleware opens, such as a connection, keeps its context, which must not keep the handler.
  readonly #mark: object = {};

  /** Calls one of them. */
  call<Result>(step: () => Result): Result {
    return context.run(this.#mark, step);
  }

  /** Whether the caller is one of them, also later and in a callback. */
  get isCaller(): boolean {
    return context.getStore() === this.#mark;
  }
}

const context: AsyncLocalStorage<object> = new AsyncLocalStorage();
