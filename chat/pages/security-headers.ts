/**
 * The headers of every response of the chat, from any handler.
 */
import type { RequestHandler } from 'gale';

/**
 * The page loads files of its own server only: nothing inline, nothing from other origins, no frames.
 *
 * @see Content Security Policy Level 3. `'self'` in connect-src covers ws: and wss: of the same host.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "manifest-src 'self'",
].join('; ');

/** Called from `setDefaultHeaders`. */
export function setSecurityHeaders(handler: RequestHandler): void {
  handler.setHeader('Content-Security-Policy', contentSecurityPolicy);
  // Not no-referrer: forms would send `Origin: null`, which is refused where browsers send no Sec-Fetch-Site (http, not localhost).
  handler.setHeader('Referrer-Policy', 'same-origin');
  handler.setHeader('X-Content-Type-Options', 'nosniff');
}
