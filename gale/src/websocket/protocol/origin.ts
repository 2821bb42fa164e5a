/** The origin of the page that opens a WebSocket: RFC 6455 §10.2, RFC 6454. */
import type { HttpRequest } from '../../http/request.ts';

/**
 * Whether `origin` is the origin of this request's URL: same scheme, host and port.
 * After a proxy that terminates TLS the scheme of the request is `http`, so this is false for pages of `https` until the
 * server trusts that proxy.
 *
 * @param origin - Value of the Origin header. `null` and invalid origins are never the same.
 */
export function isSameOrigin(request: HttpRequest, origin: string): boolean {
  const own = `${request.protocol}://${request.host}`;
  if (request.host !== '' && origin === own) return true;
  const theirs = normalOrigin(origin);
  return theirs !== undefined && theirs === normalOrigin(own);
}

/**
 * Normalizes scheme, host and port: lower case, no default port, RFC 6454 §6.2.
 *
 * @returns `undefined` if the text is not an origin of `http` or `https`.
 */
export function normalOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^\s/?#@\\]+$/i.test(text)) return undefined;
  return URL.parse(text)?.origin;
}
