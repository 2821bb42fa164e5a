/**
 * The headers that every answer of the chat has, whatever answers.
 */
import type { RequestHandler } from 'gale';

/**
 * Everything the page needs comes from its own server, as files: nothing inline, nothing from elsewhere, no frames.
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
  handler.setHeader('Referrer-Policy', 'no-referrer');
  handler.setHeader('X-Content-Type-Options', 'nosniff');
}
