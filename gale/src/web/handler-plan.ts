/**
 * What is known of a class of handlers before the first request: which steps of its life it defines. A step that is not
 * defined is not taken, so a plain handler costs no more than its verb.
 */
import { HttpError } from './http-error.ts';
import { RequestHandler } from './handler.ts';
import type { HandlerClass } from './route.ts';

/** A verb of a handler; what it receives is its own. */
export type Verb = (...values: unknown[]) => unknown;

/** What a class of handlers does. */
export class HandlerPlan {
  /** Whether there is nothing between `initialize` and the verb. */
  readonly isPlain: boolean;
  /** Whether `getCurrentUser` is defined. */
  readonly asksUser: boolean;
  /** Whether `onConnectionClose` is defined. */
  readonly watchesClient: boolean;
  /** Whether `onData` is defined: the body goes there in parts. */
  readonly takesData: boolean;
  /** Whether urlencoded forms are left to the handler. */
  readonly readsOwnBody: boolean;
  /** Name of the handler's method for each method of HTTP. */
  readonly #verbs: ReadonlyMap<string, string>;

  constructor(handler: HandlerClass) {
    const own = handler.prototype as RequestHandler;
    const base = RequestHandler.prototype;
    this.asksUser = own.getCurrentUser !== base.getCurrentUser || own.loadCurrentUser !== base.loadCurrentUser;
    this.watchesClient = own.onConnectionClose !== base.onConnectionClose;
    this.takesData = own.onData !== base.onData;
    this.isPlain =
      !this.asksUser &&
      !this.watchesClient &&
      !this.takesData &&
      own.prepare === base.prepare &&
      own.setDefaultHeaders === base.setDefaultHeaders;
    this.readsOwnBody = handler.readsOwnBody || this.takesData;
    this.#verbs = new Map(handler.supportedMethods.map((method) => [method, method.toLowerCase()]));
  }

  /**
   * Finds the verb for a method; HEAD falls back on `get`.
   *
   * @returns `undefined` if the handler has none.
   * @throws {@link HttpError} 405 for a method that no handler of this class may have.
   */
  verbOf(handler: RequestHandler, method: string): Verb | undefined {
    const name = this.#verbs.get(method);
    if (name === undefined) throw this.refusal(handler);
    return verbNamed(handler, name) ?? (method === 'HEAD' ? verbNamed(handler, 'get') : undefined);
  }

  /** The 405 for a method the handler does not answer, with an Allow header. */
  refusal(handler: RequestHandler): HttpError {
    return new HttpError(405, undefined, { headers: [['Allow', this.#allowed(handler)]] });
  }

  #allowed(handler: RequestHandler): string {
    const has = (name: string): boolean => verbNamed(handler, name) !== undefined;
    return [...this.#verbs]
      .filter(([method, name]) => has(name) || (method === 'HEAD' && has('get')))
      .map(([method]) => method)
      .join(', ');
  }
}

function verbNamed(handler: RequestHandler, name: string): Verb | undefined {
  const verb: unknown = (handler as unknown as Readonly<Record<string, unknown>>)[name];
  return typeof verb === 'function' ? (verb as Verb) : undefined;
}
