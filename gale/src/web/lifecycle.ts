/**
 * The life of a handler from its making to its end: `initialize`, the form is read (400, 413), path arguments are decoded
 * (400), the XSRF token is checked (403), the user is asked for, `prepare`, the body goes to `onData` in parts where that is
 * defined (413), the verb (405 if there is none), the automatic finish. Whatever is thrown on the way becomes an error page.
 */
import { GaleError } from '../errors.ts';
import { isThenable } from '../http/thenable.ts';
import { decodeValue, notUtf8 } from './arguments.ts';
import type { RequestHandler } from './handler.ts';
import { statusOf } from './handler.ts';
import type { Verb } from './handler-plan.ts';
import { Finish } from './http-error.ts';
import { decodePercent, NotUtf8Error } from './percent-encoding.ts';
import type { RouteMatch } from './router.ts';

/**
 * Leads a handler through its life. A plain one, without a body, a step before its verb or arguments of the path, is done in
 * this turn unless its verb is async.
 */
export function runLifecycle(handler: RequestHandler, { route, groups }: RouteMatch): void {
  try {
    const { plan } = route;
    (handler as { init: unknown }).init = route.init;
    if (!plan.isPlain) handler.setDefaultHeaders();
    const initialized: unknown = handler.initialize(route.init);
    const verb = plan.verbOf(handler, handler.request.method);
    if (!plan.isPlain || groups !== undefined || isThenable(initialized) || hasBody(handler) || isGuarded(handler)) {
      void runAsyncSteps(handler, verb, { route, groups }, initialized);
      return;
    }
    if (verb === undefined) throw plan.refusal(handler);
    const result = verb.call(handler);
    if (isThenable(result)) void finishAfter(handler, result);
    else finishIfOpen(handler);
  } catch (error) {
    void respondToError(handler, error);
  }
}

async function runAsyncSteps(
  handler: RequestHandler,
  verb: Verb | undefined,
  { route, groups }: RouteMatch,
  initialized: unknown,
): Promise<void> {
  const { plan } = route;
  try {
    if (plan.watchesClient) watchClient(handler);
    if (isThenable(initialized)) await initialized;
    if (!plan.readsOwnBody && hasBody(handler)) await handler.readForm();
    if (groups !== undefined) handler.pathArguments = decodeGroups(handler, route.pattern.names, groups);
    if (isGuarded(handler)) handler.checkXsrfCookie();
    if (plan.asksUser) await handler.loadCurrentUser();
    const prepared: unknown = handler.prepare();
    if (isThenable(prepared)) await prepared;
    if (!canRespond(handler)) return;
    if (verb === undefined) throw plan.refusal(handler);
    if (plan.takesData && !(await passBody(handler))) return;
    await verb.apply(handler, handler.pathArguments as unknown[]);
    finishIfOpen(handler);
  } catch (error) {
    await respondToError(handler, error);
  }
}

/**
 * Gives the body to `onData`; leaving the loop gives the rest of it up.
 *
 * @returns Whether all of it was taken and the handler still has to answer.
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
  return handler.phase === 'open' || handler.phase === 'started';
}

async function finishAfter(handler: RequestHandler, result: PromiseLike<unknown>): Promise<void> {
  try {
    await result;
    finishIfOpen(handler);
  } catch (error) {
    await respondToError(handler, error);
  }
}

/** Finishes what the verb left open. A failure from here on is nobody's who could still be told. */
function finishIfOpen(handler: RequestHandler): void {
  if (handler.phase === 'open') void handler.finish();
  else if (handler.phase === 'started') handler.finish().catch((error: unknown) => void respondToError(handler, error));
}

/** Answers what was thrown. Never throws. */
async function respondToError(handler: RequestHandler, thrown: unknown): Promise<void> {
  try {
    const error = inspectable(thrown);
    if (error instanceof Finish) {
      if (canRespond(handler)) await handler.finish(error.chunk);
      return;
    }
    if (!isAborted(handler, error)) logSafely(handler, error);
    await handler.sendError(statusOf(error), { error });
  } catch (fault) {
    handler.settings.log.error({ err: fault }, 'The answer to an error failed');
    if (handler.phase !== 'finished') handler.abort();
  }
}

/** A handler that stopped because its client left did what it should. */
function isAborted(handler: RequestHandler, error: unknown): boolean {
  if (error instanceof GaleError && error.code === 'HTTP_CLIENT_GONE') return true;
  const { signal } = handler.request;
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}

function logSafely(handler: RequestHandler, error: unknown): void {
  try {
    handler.logException(error);
  } catch (fault) {
    // What was thrown is left out: it may be what cannot be written down, such as an error that holds itself.
    handler.settings.log.error({ err: fault }, 'A handler failed, and so did its logException');
  }
}

/** What was thrown, or an error in its place if it is an object that throws when it is only looked at. */
function inspectable(thrown: unknown): unknown {
  try {
    void (thrown instanceof Error);
    return thrown;
  } catch {
    return new Error('A handler threw something that cannot be looked at.');
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
  return handler.settings.xsrfCookies && method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

function decodeGroups(
  handler: RequestHandler,
  names: readonly string[] | undefined,
  groups: RegExpExecArray,
): readonly unknown[] {
  const values = groups.slice(1).map((value: string | undefined) => value && decodeGroup(handler, value));
  return names === undefined ? values : [Object.fromEntries(names.map((name, index) => [name, values[index]]))];
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
