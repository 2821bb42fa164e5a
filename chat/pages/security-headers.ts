/**
 * The headers of every response of the chat, from any handler.
 */
import type { SecurityHeadersOptions } from 'gale/middleware';

/**
 * The page loads files of its own server only: nothing from other origins, nothing inline except the script of the shell, which has a
 * nonce, and no frames.
 *
 * @see Content Security Policy Level 3. `'self'` in connect-src covers ws: and wss: of the same host.
 */
export const pageSecurity: SecurityHeadersOptions = {
  contentSecurityPolicy: {
    'default-src': "'none'",
    'connect-src': "'self'",
    'font-src': "'self'",
    'manifest-src': "'self'",
    'frame-ancestors': "'none'",
  },
  // Not no-referrer: forms would send `Origin: null`, which is refused where browsers send no Sec-Fetch-Site (http, not localhost).
  referrerPolicy: 'same-origin',
  // It is for a whole host, so the proxy that terminates TLS decides.
  hstsMaxAgeSeconds: false,
};
