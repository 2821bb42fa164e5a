/**
 * The lifecycle of a handler: `initialize`, `processRequest` of the middlewares, read the form (400, 413), decode path arguments (400), check the XSRF token
 * (403), `getCurrentUser`, `getUserLocale`, `prepare`, check the schemas of the route (400, 422), pass the body to `onData` if it is defined (413), call the verb (405 if there is none),
 * write what it returned, finish the response. An error in any step becomes an error page.
 */
import { abortReason } from '../http/abort-reasons.ts';
import { isThenable } from '../http/thenable.ts';
import { decodeValue, notUtf8 } from './arguments.ts';
import { isReading } from './conditional-request.ts';
import { logSafely } from './error-log.ts';
import { stateOf } from './head-builder.ts';
import type { RequestHandler } from './handler.ts';
import { statusOf } from './handler.ts';
import type { Verb } from './handler-plan.ts';
import { ClientFault } from './client-fault.ts';
import { Finish } from './http-error.ts';
import { loadUserLocale } from './locale/handler-locale.ts';
import type { MiddlewareList } from './middleware/middleware-list.ts';
import { decodePercent, hasBrokenEscape, NotUtf8Error } from './percent-encoding.ts';
import { writeReturned } from './returned-value.ts';
import type { CompiledRoute, RouteMatch } from './compiled-route.ts';
import { warnIfUnchecked } from './unchecked-write.ts';

/**
 * Runs all steps of a handler. A request without a body, whose handler defines only a verb, completes synchronously, unless the verb is
 * async.
 */
export function runLifecycle(handler: RequestHandler, match: RouteMatch, middleware: MiddlewareList): void {
  const { route, groups } = match;
  const { plan } = route;
  let initialized: unknown;
  let verb: Verb | undefined;
  useResponses(handler, middleware);
  try {
    stateOf(handler).init = route.init;
    if (!plan.isPlain) handler.setDefaultHeaders();
    initialized = handler.initialize(route.init);
    verb = plan.verbOf(handler, handler.request.method);
  } catch (error) {
    void failAfterMiddleware(handler, route, middleware, error);
    return;
  }
  if (plan.watchesClient) watchClient(handler);
  try {
    if (isThenable(initialized)) {
      void initializeAsync(handler, verb, match, middleware, initialized);
      return;
    }
    const passed = processRequest(handler, middleware);
    if (passed === undefined && middleware.hasRequests && !canRespond(handler)) return;
    const isChecked = route.schemas !== undefined || isGuarded(handler);
    if (!plan.isPlain || passed !== undefined || isChecked || hasBody(handler)) {
      void runAsyncSteps(handler, verb, match, passed);
      return;
    }
    if (groups !== undefined) handler.pathArguments = readArguments(handler, route, groups);
    if (verb === undefined) throw plan.refusal(handler);
    const result = groups === undefined ? verb.call(handler) : verb.apply(handler, handler.pathArguments as unknown[]);
    const rest = result === undefined || isThenable(result) ? result : writeReturned(handler, result);
    if (rest === undefined) endVerb(handler, route);
    else void finishAfter(handler, route, rest);
  } catch (error) {
    void respondToError(handler, route, error);
  }
}

/** Responds with the error of a handler that could not be created. Its middlewares run. */
export function failLifecycle(
  handler: RequestHandler,
  route: CompiledRoute,
  middleware: MiddlewareList,
  error: unknown,
): void {
  useResponses(handler, middleware);
  void failAfterMiddleware(handler, route, middleware, error);
}

function useResponses(handler: RequestHandler, middleware: MiddlewareList): void {
  if (middleware.hasResponses) stateOf(handler).middleware = middleware;
}

function processRequest(handler: RequestHandler, middleware: MiddlewareList): Promise<void> | undefined {
  stateOf(handler).isInitialized = true;
  return middleware.processRequest(handler, canRespond);
}

/**
 * Responds with an error of the steps before `processRequest`, unless a middleware responds: one that asks for a password must not
 * show which paths exist. Synchronous if the middlewares are.
 */
async function failAfterMiddleware(
  handler: RequestHandler,
  route: CompiledRoute,
  middleware: MiddlewareList,
  thrown: unknown,
): Promise<void> {
  const error = inspectable(thrown);
  try {
    const passed = processRequest(handler, middleware);
    if (passed !== undefined) await passed;
  } catch (fault) {
    if (!(error instanceof Finish)) logSafely(handler, error);
    return respondToError(handler, route, fault);
  }
  if (canRespond(handler)) return respondToError(handler, route, error);
  if (!(error instanceof Finish)) logSafely(handler, error);
}

async function initializeAsync(
  handler: RequestHandler,
  verb: Verb | undefined,
  match: RouteMatch,
  middleware: MiddlewareList,
  initialized: PromiseLike<unknown>,
): Promise<void> {
  try {
    await initialized;
  } catch (error) {
    return failAfterMiddleware(handler, match.route, middleware, error);
  }
  // Async, so that it does not throw here.
  const passed = (async () => processRequest(handler, middleware))();
  return runAsyncSteps(handler, verb, match, passed);
}

/** @param passed - Resolves when the async middlewares have run. */
async function runAsyncSteps(
  handler: RequestHandler,
  verb: Verb | undefined,
  { route, groups }: RouteMatch,
  passed: PromiseLike<unknown> | undefined,
): Promise<void> {
  const { plan } = route;
  try {
    if (passed !== undefined) await passed;
    if (!canRespond(handler)) return;
    if (!plan.streamsBody && hasBody(handler)) await handler.parseForm();
    if (groups !== undefined) handler.pathArguments = readArguments(handler, route, groups);
    if (isGuarded(handler)) {
      if (plan.bindsXsrf && plan.asksUser) await handler.loadCurrentUser();
      handler.checkXsrfCookie();
    }
    if (plan.asksUser) await handler.loadCurrentUser();
    if (plan.asksLocale) await loadUserLocale(handler);
    const prepared: unknown = handler.prepare();
    if (isThenable(prepared)) await prepared;
    if (!canRespond(handler)) return;
    if (verb === undefined) throw plan.refusal(handler);
    if (route.schemas !== undefined) await handler.validateRoute(route.schemas);
    if (plan.takesData && !(await passBody(handler))) return;
    await finishAfter(handler, route, verb.apply(handler, handler.pathArguments as unknown[]));
  } catch (error) {
    await respondToError(handler, route, error);
  }
}

/**
 * Passes the body to `onData`. Leaving the loop discards the rest of the body.
 *
 * @returns Whether the whole body was passed and the response is not finished.
 */
async function passBody(handler: RequestHandler): Promise<boolean> {
  for await (const chunk of handler.request.body) {
    const taken: unknown = handler.onData(chunk);
    if (isThenable(taken)) await taken;
    if (!canRespond(handler)) return false;
  }
  return true;
}

function canRespond(handler: RequestHandler): boolean {
  return (handler.phase === 'open' || handler.phase === 'started') && !handler.isSendingError;
}

function isOver({ phase }: RequestHandler): boolean {
  return phase === 'finished' || phase === 'upgraded';
}

/** Sends what a verb returned or its promise resolves to, and finishes the response. Never throws. */
async function finishAfter(handler: RequestHandler, route: CompiledRoute, result: unknown): Promise<void> {
  try {
    const value = await result;
    if (value !== undefined) await writeReturned(handler, value);
    endVerb(handler, route);
  } catch (error) {
    await respondToError(handler, route, error);
  }
}

/** Finishes the response if the verb did not. If this fails, no client is left to be notified. */
function endVerb(handler: RequestHandler, route: CompiledRoute): void {
  if (handler.phase === 'upgraded') return;
  warnIfUnchecked(handler, route);
  if (handler.isSendingError) return;
  if (handler.phase === 'open') void handler.finish();
  else if (handler.phase === 'started') {
    handler.finish().catch((error: unknown) => void respondToError(handler, route, error));
  }
}

/** Sends the error page for what a step threw. Never throws. */
async function respondToError(handler: RequestHandler, route: CompiledRoute, thrown: unknown): Promise<void> {
  try {
    const error = inspectable(thrown);
    if (error instanceof Finish) {
      warnIfUnchecked(handler, route);
      if (canRespond(handler)) await handler.finish(error.chunk);
      return;
    }
    const reason = abortReason(error);
    if (reason === undefined) logSafely(handler, error);
    if (isOver(handler)) return;
    // The client may read a response, but has most likely gone: nobody should see its error page, nor count it.
    if (reason !== undefined && handler.request.signal.aborted && canRespond(handler)) return handler.abort();
    await handler.sendError(statusOf(reason ?? error), { error });
  } catch (fault) {
    handler.settings.log.error({ err: fault }, 'The response to an error failed');
    if (handler.phase !== 'finished') handler.abort();
  }
}

/** The thrown value; a new error instead of an object that throws when it is inspected, such as a revoked proxy. */
function inspectable(thrown: unknown): unknown {
  try {
    void (thrown instanceof Error);
    return thrown;
  } catch {
    return new Error('A handler threw a value that cannot be inspected.');
  }
}

function watchClient(handler: RequestHandler): void {
  const onAbort = (): void => {
    try {
      handler.onConnectionClose();
    } catch (error) {
      logSafely(handler, error);
    }
  };
  handler.request.signal.addEventListener('abort', onAbort, { once: true });
}

function hasBody(handler: RequestHandler): boolean {
  return handler.request.method !== 'GET' && handler.request.hasBody;
}

function isGuarded(handler: RequestHandler): boolean {
  const { method } = handler.request;
  return handler.settings.xsrfCookies && !isReading(method) && method !== 'OPTIONS';
}

/** The arguments of the verb. Each group is decoded once, after matching. */
function readArguments(handler: RequestHandler, { pattern, plan }: CompiledRoute, groups: RegExpExecArray): unknown[] {
  const { names } = pattern;
  const values: unknown[] = [];
  const named: Record<string, unknown> = {};
  for (let index = 1; index < groups.length; index++) {
    const group: string | undefined = groups[index];
    const value = group === undefined || group === '' ? group : readGroup(handler, plan.keepsPathEncoding, group);
    if (names === undefined) values.push(value);
    else named[names[index - 1] ?? ''] = value;
  }
  return names === undefined ? values : [named];
}

function readGroup(handler: RequestHandler, keepsEncoding: boolean, group: string): string {
  if (hasBrokenEscape(group)) {
    const why = 'A path has a % without two hex digits';
    throw new ClientFault(400, why, { problem: { detail: `${why}.` } });
  }
  return keepsEncoding ? group : decodeGroup(handler, group);
}

function decodeGroup(handler: RequestHandler, value: string): string {
  const decode = handler.decodeArgument;
  if (decode !== undefined) {
    return decodeValue(value.replaceAll('+', '%2B'), '', (bytes) => decode.call(handler, bytes, ''));
  }
  try {
    return decodePercent(value);
  } catch (error) {
    throw error instanceof NotUtf8Error ? notUtf8('', error) : error;
  }
}
