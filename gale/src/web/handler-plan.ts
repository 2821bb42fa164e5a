/**
 * Which lifecycle steps a handler class defines, computed once for each route. Undefined steps are skipped, so a handler
 * with only a verb has no overhead.
 */
import { GaleError, ProtocolError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { HttpError } from './http-error.ts';
import { RequestHandler } from './handler.ts';
import type { HandlerClass } from './route.ts';

/** A verb of a handler. */
export type Verb = (...values: unknown[]) => unknown;

/** The steps of a handler class. */
export class HandlerPlan {
  /** Whether the class defines no step between `initialize` and the verb. */
  readonly isPlain: boolean;
  /** Whether `getCurrentUser` is defined. */
  readonly asksUser: boolean;
  /** Whether `getUserLocale` is defined. */
  readonly asksLocale: boolean;
  /** Whether `xsrfBinding` is defined, which may use the current user. */
  readonly bindsXsrf: boolean;
  /** Whether `onConnectionClose` is defined. */
  readonly watchesClient: boolean;
  /** Whether `onData` is defined, which receives the body in parts. */
  readonly takesData: boolean;
  /** Whether forms are not parsed before `prepare`. */
  readonly streamsBody: boolean;
  /** Whether the verbs receive the arguments of the path percent-encoded. */
  readonly keepsPathEncoding: boolean;
  /** Name of the verb for each HTTP method. */
  readonly #verbs: ReadonlyMap<string, string>;

  constructor(handler: HandlerClass) {
    const own = handler.prototype as RequestHandler;
    const base = RequestHandler.prototype;
    this.asksUser = own.getCurrentUser !== base.getCurrentUser || own.loadCurrentUser !== base.loadCurrentUser;
    this.asksLocale = own.getUserLocale !== base.getUserLocale;
    this.watchesClient = own.onConnectionClose !== base.onConnectionClose;
    this.bindsXsrf = own.xsrfBinding !== base.xsrfBinding;
    this.takesData = own.onData !== base.onData;
    this.isPlain =
      !this.asksUser &&
      !this.asksLocale &&
      !this.watchesClient &&
      !this.takesData &&
      own.prepare === base.prepare &&
      own.setDefaultHeaders === base.setDefaultHeaders;
    this.streamsBody = isStreaming(handler) || this.takesData;
    this.keepsPathEncoding = handler.keepsPathEncoding;
    this.#verbs = new Map(handler.supportedMethods.map((method) => [method, method.toLowerCase()]));
  }

  /**
   * Finds the verb of an HTTP method. HEAD falls back to `get`.
   *
   * @returns `undefined` if the handler does not define it.
   * @throws {@link HttpError} 405 for a method outside of `supportedMethods`; {@link ProtocolError} 501 if no handler of the application has it
   * there.
   */
  verbOf(handler: RequestHandler, method: string): Verb | undefined {
    const name = this.#verbs.get(method);
    if (name === undefined) {
      throw handler.application.knowsMethod(method) ? this.refusal(handler) : unknownMethod(method);
    }
    return verbNamed(handler, name) ?? (method === 'HEAD' ? verbNamed(handler, 'get') : undefined);
  }

  /** The 405 for an unsupported method, with an Allow header. */
  refusal(handler: RequestHandler): HttpError {
    const allowed = this.#allowed(handler);
    const detail = allowed === '' ? 'This resource has no methods.' : `The methods of this resource are ${allowed}.`;
    return new HttpError(405, undefined, { headers: [['Allow', allowed]], problem: { detail } });
  }

  #allowed(handler: RequestHandler): string {
    const has = (name: string): boolean => verbNamed(handler, name) !== undefined;
    return [...this.#verbs]
      .filter(([method, name]) => has(name) || (method === 'HEAD' && has('get')))
      .map(([method]) => method)
      .join(', ');
  }
}

/** @throws {@link GaleError} `WEB_HANDLER` for an unknown mode. */
function isStreaming({ name, bodyMode }: HandlerClass): boolean {
  if (bodyMode === 'stream' || bodyMode === 'parsed') return bodyMode === 'stream';
  throw new GaleError('WEB_HANDLER', `bodyMode of ${name} must be "parsed" or "stream"; got ${showValue(bodyMode)}.`);
}

/** The error for a method that no handler of the application has. */
export function unknownMethod(method: string): ProtocolError {
  const shown = method.length > 40 ? `${method.slice(0, 40)}…` : method;
  return new ProtocolError('HTTP_METHOD', `No handler has the method ${shown}; add it to supportedMethods.`);
}

function verbNamed(handler: RequestHandler, name: string): Verb | undefined {
  const verb: unknown = (handler as unknown as Readonly<Record<string, unknown>>)[name];
  return typeof verb === 'function' ? (verb as Verb) : undefined;
}
