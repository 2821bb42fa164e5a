/**
 * Whether a page of another site sent a request, by what browsers add to it and scripts cannot change: `Sec-Fetch-Site` (W3C Fetch
 * Metadata Request Headers) and `Origin` (RFC 6454 §7). Programs send neither.
 */
import { isSameOrigin, normalOrigin } from '../websocket/protocol/origin.ts';
import type { HttpRequest } from '../http/request.ts';

/** The longest host name has 253 characters (RFC 1035 §2.3.4). */
const maxShownCharacters = 300;

/** Whether `origin` is one of the setting `allowedOrigins`. `null` and invalid origins never are. */
export function isAllowedOrigin(origin: string, allowedOrigins: readonly string[] = []): boolean {
  const normal = normalOrigin(origin);
  return normal !== undefined && allowedOrigins.some((allowed) => normalOrigin(allowed) === normal);
}

/**
 * Finds out whether a request that changes something comes from another site.
 *
 * - `Sec-Fetch-Site: same-origin` or `none` (the person typed the address): no. This also holds after a proxy that changes the
 *   Host, and for pages that send `Origin: null` because of `Referrer-Policy: no-referrer`.
 * - `same-site` or `cross-site`: yes, unless the origin is allowed. Another host of the same site is another origin.
 * - Without it, as from older browsers and over plain http: yes if the Origin is neither this site nor allowed. `null` is another
 *   site. Without Origin: no.
 *
 * @returns What the log says; `undefined` if it does not come from another site.
 */
export function describeCrossSite(request: HttpRequest, allowedOrigins?: readonly string[]): string | undefined {
  const site = request.headers.get('sec-fetch-site');
  if (site === 'same-origin' || site === 'none') return undefined;
  const origin = request.headers.get('origin');
  const isElsewhere = site === 'same-site' || site === 'cross-site';
  if (origin === undefined) {
    return isElsewhere ? `A page of another origin sent a ${request.method} (Sec-Fetch-Site: ${site})` : undefined;
  }
  const isHere = isSameOrigin(request, origin);
  if (isAllowedOrigin(origin, allowedOrigins) || (!isElsewhere && isHere)) return undefined;
  if (isHere) {
    const facts = `A page of ${normalOrigin(origin)} sent a ${request.method} to another origin (Sec-Fetch-Site: ${site})`;
    return `${facts}, which has the same host here; a proxy changes the Host, so let it pass the Host on, or add the origin to allowedOrigins`;
  }
  return `${describePage(origin)} sent a ${request.method} to ${request.protocol}://${request.host}; ${adviceFor(request, origin)}`;
}

function adviceFor(request: HttpRequest, origin: string): string {
  if (origin === 'null') return 'a page with Referrer-Policy: no-referrer has none, so use same-origin instead';
  if (URL.parse(origin)?.host === request.host) {
    return 'if that is this site behind a proxy, set trustedProxies; otherwise add the origin to allowedOrigins';
  }
  return 'pages of other origins need the setting allowedOrigins, and a proxy that changes the Host trustedProxies';
}

/** Shows only what is an origin: any other text may be of any length and hold a password. */
function describePage(origin: string): string {
  if (origin === 'null') return 'A page without an origin';
  const shown = origin.length <= maxShownCharacters ? normalOrigin(origin) : undefined;
  return shown === undefined ? 'A page with an unreadable Origin' : `A page of ${shown}`;
}
