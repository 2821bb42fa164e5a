/** Middleware: sends the id of each request, which is in the log, so that a report of a user can be found there. */
import { isTokenText } from '../../http/protocol/characters.ts';
import { assertNames, wrongValue } from '../../run/given-options.ts';
import type { Middleware } from './middleware.ts';

/** Options of {@link requestId}. */
export interface RequestIdOptions {
  /** Name of the header. @defaultValue 'X-Request-Id' */
  readonly header?: string;
}

/**
 * Creates a middleware that sends `request.id` in a header of every response. The id comes from `X-Request-Id` of a proxy in
 * `trustedProxies`; otherwise the server makes one. It is the field `requestId` of log lines.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function requestId(options: RequestIdOptions = {}): Middleware {
  const { header } = resolveRequestIdOptions(options);
  return {
    processResponse(handler) {
      handler.setHeader(header, handler.request.id);
    },
  };
}

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveRequestIdOptions(options: RequestIdOptions): Required<RequestIdOptions> {
  assertNames('requestId', options, ['header']);
  const { header = 'X-Request-Id' } = options;
  if (typeof header !== 'string' || !isTokenText(header)) {
    throw wrongValue('header', 'the name of a header, such as X-Request-Id', header);
  }
  return { header };
}
