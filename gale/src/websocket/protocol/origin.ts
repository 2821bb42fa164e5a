/** Where the page comes from that opens a WebSocket: RFC 6455 §10.2, RFC 6454. */
import type { HttpRequest } from '../../http/request.ts';

/**
 * Whether a page of `origin` is served from where this request came to: same scheme, host and port.
 * Behind a proxy that ends TLS the request's own scheme is `http`, so this is false for pages of `https`
 * until the server is told which proxy to believe.
 *
 * @param origin - Value of the Origin header. `null` and everything that is not an origin is not the same.
 */
export function isSameOrigin(request: HttpRequest, origin: string): boolean {
  const own = `${request.protocol}://${request.host}`;
  if (request.host !== '' && origin === own) return true;
  const theirs = normalOrigin(origin);
  return theirs !== undefined && theirs === normalOrigin(own);
}

/**
 * Scheme, host and port in their normal form: lower case, no default port, RFC 6454 §6.2.
 *
 * @returns `undefined` for what is no origin of `http` or `https`.
 */
export function normalOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^\s/?#@\\]+$/i.test(text)) return undefined;
  return URL.parse(text)?.origin;
}
