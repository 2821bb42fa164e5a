/**
 * The warning for a request that must change only a certain version of a resource, when the handler did not check which version
 * it changed. The client believes that nobody's change was overwritten, and nothing else would show the mistake.
 */
import type { Logger } from '../run/log.ts';
import { RateLimitedWarning } from '../run/rate-limited-warning.ts';
import { isWriting } from './conditional-request.ts';
import type { RequestHandler } from './handler.ts';
import type { CompiledRoute } from './compiled-route.ts';

/**
 * Warns at most once per minute and route if a verb that writes succeeded without `checkPreconditions`, although the request has
 * If-Match, If-Unmodified-Since or `If-None-Match: *`. Tags in If-None-Match are for reading.
 */
export function warnIfUnchecked(handler: RequestHandler, route: CompiledRoute): void {
  const { request } = handler;
  if (!isWriting(request.method) || !request.isConditional) return;
  // A response that is not 2xx needs no check (RFC 9110 §13.2.1): nothing was changed, or the client was sent elsewhere.
  if (handler.hasCheckedPreconditions || handler.getStatus() > 299) return;
  const { method, path, headers, id: requestId } = request;
  if (!headers.has('if-match') && !headers.has('if-unmodified-since') && headers.get('if-none-match') !== '*') return;
  warningOf(handler.log, route).note({ requestId, method, path, route: route.pattern.source });
}

function warningOf(log: Logger, route: CompiledRoute): RateLimitedWarning {
  let warning = warnings.get(route);
  if (warning === undefined) {
    warning = new RateLimitedWarning(
      log,
      'A handler ignores the preconditions of requests; call checkPreconditions before the change',
    );
    warnings.set(route, warning);
  }
  return warning;
}

const warnings = new WeakMap<CompiledRoute, RateLimitedWarning>();
