/**
 * The settings that a handler reads as `this.settings`. The settings that name handlers are in settings.ts, so that this
 * file and handler.ts do not depend on routes.
 */
import type { HttpServerOptions } from '../http/options/server-options.ts';
import type { Logger } from '../run/log.ts';
import type { WebSocketOptions } from '../websocket/websocket-options.ts';
import type { CookieOptions } from './cookies/cookies.ts';
import type { CookieSecret } from './cookies/signed-value.ts';

/** The settings of an application that do not name handlers. All are optional. */
export interface HandlerSettings {
  /** Signs cookies. Should be random, at least 32 characters, and kept out of the code; several by version to change it gently. */
  readonly cookieSecret?: CookieSecret;
  /** Which of several secrets signs. */
  readonly keyVersion?: number;
  /** Whether every method but GET, HEAD and OPTIONS must carry the XSRF token. @defaultValue false */
  readonly xsrfCookies?: boolean;
  /** Name of the XSRF cookie; the argument stays `_xsrf`. @defaultValue `_xsrf` */
  readonly xsrfCookieName?: string;
  /** How the XSRF cookie is set. @defaultValue SameSite=Lax, and Secure over https */
  readonly xsrfCookieOptions?: CookieOptions;
  /** Where `authenticated` sends those who are nobody. */
  readonly loginUrl?: string;
  /** Folder of the templates. */
  readonly templatePath?: string;
  /** What `{{ }}` goes through in templates that do not say. @defaultValue true: `xhtmlEscape` */
  readonly autoescape?: boolean | ((text: string) => string);
  /** Names given to every template. */
  readonly locals?: Readonly<Record<string, unknown>>;
  /** Folder that is served below `staticUrlPrefix`, and as `/favicon.ico` and `/robots.txt`. */
  readonly staticPath?: string;
  /** Begins and ends with a slash. @defaultValue `/static/` */
  readonly staticUrlPrefix?: string;
  /** Shows stack traces to the client and reads templates and static hashes anew each time. @defaultValue false */
  readonly debug?: boolean;
  /** Largest urlencoded form, in bytes; larger is 413. @defaultValue 1 MiB */
  readonly maxFormBytes?: number;
  /** Most arguments in a query, and in a form; more are 400. @defaultValue 1 000 */
  readonly maxArguments?: number;
  /** Where log lines go. @defaultValue JSON lines on standard output, from `warn` on */
  readonly log?: Logger;
  /** Limits and timeouts of the server that `listen` starts. */
  readonly server?: HttpServerOptions;
  /** Limits and timers of every WebSocket. */
  readonly websocket?: WebSocketOptions;
  /**
   * Origins whose pages may open WebSockets here besides this site's own, such as `https://app.example`; scheme, host and port
   * have to match. Their pages act with the cookies of whoever looks at them. @defaultValue none
   */
  readonly allowedOrigins?: readonly string[];
}

/** Settings that have a default. */
export type DefaultedSetting =
  | 'xsrfCookies'
  | 'xsrfCookieName'
  | 'autoescape'
  | 'staticUrlPrefix'
  | 'debug'
  | 'maxFormBytes'
  | 'maxArguments';

/** {@link HandlerSettings} with every default filled in. */
export type ResolvedHandlerSettings = HandlerSettings & Required<Pick<HandlerSettings, DefaultedSetting | 'log'>>;
