/**
 * The settings that a handler reads as `this.settings`. The settings that name handlers are in settings.ts, so that this
 * file and handler.ts do not depend on routes.
 */
import type { HttpServerOptions } from '../http/options/server-options.ts';
import type { Logger } from '../run/log.ts';
import type { WebSocketOptions } from '../websocket/websocket-options.ts';
import type { CookieOptions } from './cookies/cookies.ts';
import type { LocaleSettings } from './locale/locale-settings.ts';
import type { CookieSecret } from './cookies/signed-value.ts';
import type { AnySessions } from './sessions/sessions.ts';

/** The settings of an application that do not name handlers. All are optional. */
export interface HandlerSettings {
  /**
   * Secret that signs cookies: random, not in the code. A secret under 32 bytes is a warning in the log. Several secrets by version
   * allow a rotation.
   */
  readonly cookieSecret?: CookieSecret;
  /** Version of the secret that signs, one of `cookieSecret`. Required if there are several. */
  readonly keyVersion?: number;
  /** Whether all methods except GET, HEAD and OPTIONS must come from this site and need the XSRF token. @defaultValue false */
  readonly xsrfCookies?: boolean;
  /** Name of the XSRF cookie; over https with the prefix `__Host-`. The name of the argument is always `_xsrf`. @defaultValue `_xsrf` */
  readonly xsrfCookieName?: string;
  /**
   * Attributes of the XSRF cookie. With a domain, a path or `secure: false` its name has no prefix. `partitioned` and `sameSite: 'None'`
   * need `secure: true`.
   * @defaultValue SameSite=Lax, and Secure over https
   */
  readonly xsrfCookieOptions?: CookieOptions;
  /** What `sessions()` of gale/sessions returned: handlers then have `this.session`. @defaultValue none */
  readonly sessions?: AnySessions;
  /** Where `authenticated` redirects clients without a user: a path that begins with a slash, or an http or https URL. */
  readonly loginUrl?: string;
  /** Folder of the templates. */
  readonly templatePath?: string;
  /** How `{{ }}` is escaped in templates without `{% autoescape %}`. @defaultValue true: `xhtmlEscape` */
  readonly autoescape?: boolean | ((text: string) => string);
  /** Names for every template. */
  readonly locals?: Readonly<Record<string, unknown>>;
  /** Folder of static files, served below `staticUrlPrefix`. Also serves `/favicon.ico` and `/robots.txt`. */
  readonly staticPath?: string;
  /** URL prefix of static files, with a slash at both ends. @defaultValue `/static/` */
  readonly staticUrlPrefix?: string;
  /**
   * Memory for static files of at most 64 KiB, in bytes; 0 keeps none. A file is checked for changes at most once a second.
   * @defaultValue 16 MiB
   */
  readonly maxStaticCacheBytes?: number;
  /** Shows stack traces to clients, and reads templates and versions of static files again for each request. @defaultValue false */
  readonly debug?: boolean;
  /**
   * Maximum size of a body with a Content-Encoding, in bytes, as it arrives and after it is decoded. A larger one is 413. The lower of this and
   * `maxBodyBytes` counts; `request.body.setMaxBytes` of a handler replaces both. @defaultValue 16 MiB
   */
  readonly maxDecodedBytes?: number;
  /** Maximum size of an urlencoded form, and of all fields of a multipart form together, in bytes. A larger form is 413. @defaultValue 1 MiB */
  readonly maxFormBytes?: number;
  /** Maximum size of a body that is read as JSON, in bytes. A larger one is 413. `request.body.setMaxBytes` of a handler replaces it. @defaultValue 1 MiB */
  readonly maxJsonBytes?: number;
  /** Maximum number of arguments in a query, and in a form. More are 400. @defaultValue 1 000 */
  readonly maxArguments?: number;
  /** Maximum number of parts, fields and files, of a multipart form. More are 400. @defaultValue 100 */
  readonly maxParts?: number;
  /** Maximum size of the header fields of one part, in bytes. More are 400. @defaultValue 10 KiB */
  readonly maxPartHeaderBytes?: number;
  /** Maximum size of one field of a multipart form, in bytes. A larger one is 413. @defaultValue 1 MiB */
  readonly maxFieldBytes?: number;
  /** Maximum size of one uploaded file, in bytes. A larger one is 413. `maxBodyBytes` of the server limits the whole form. @defaultValue 100 MiB */
  readonly maxFileBytes?: number;
  /**
   * Maximum size of an uploaded file that is kept in memory, in bytes; a larger one is in a temporary file until the response is complete. All
   * files of a request together take at most 8 MiB of memory. @defaultValue 1 MiB
   */
  readonly maxFileMemoryBytes?: number;
  /**
   * Maximum size of all uploaded files of this process in memory, in bytes. A file for which there is no room is in a temporary
   * file. @defaultValue 64 MiB
   */
  readonly maxUploadMemoryBytes?: number;
  /** Maximum size of the temporary files of all uploads of this process, in bytes. An upload over it is 503. @defaultValue 1 GiB */
  readonly maxTemporaryBytes?: number;
  /** Folder for temporary files of uploads. @defaultValue the folder of the system, `os.tmpdir()` */
  readonly temporaryPath?: string;
  /** Log of the application. @defaultValue JSON lines on standard output, from `warn` on */
  readonly log?: Logger;
  /**
   * Clock of signed values, of the expiry of cookies and of XSRF tokens: milliseconds since 1970. For tests; gale/testing sets it.
   * @defaultValue Date.now
   */
  readonly now?: () => number;
  /** The languages: `{ translations, fallback, timeZone }`, with `translations` from `loadTranslations` of gale/locale. */
  readonly locale?: LocaleSettings;
  /** Limits and timeouts of the server that `listen` starts. */
  readonly server?: HttpServerOptions;
  /** Limits and timers of every WebSocket. */
  readonly websocket?: WebSocketOptions;
  /**
   * Other origins whose pages may open WebSockets and, with an XSRF token, send forms, such as `https://app.example`. Scheme, host and
   * port must match. Their pages act with the cookies of the user. @defaultValue none
   */
  readonly allowedOrigins?: readonly string[];
}

/** Settings that have a default. */
export type DefaultedSetting =
  | 'xsrfCookies'
  | 'xsrfCookieName'
  | 'autoescape'
  | 'staticUrlPrefix'
  | 'maxStaticCacheBytes'
  | 'debug'
  | 'maxDecodedBytes'
  | 'maxFormBytes'
  | 'maxJsonBytes'
  | 'maxArguments'
  | 'now'
  | 'maxParts'
  | 'maxPartHeaderBytes'
  | 'maxFieldBytes'
  | 'maxFileBytes'
  | 'maxFileMemoryBytes'
  | 'maxUploadMemoryBytes'
  | 'maxTemporaryBytes';

/** {@link HandlerSettings} with every default filled in. */
export type ResolvedHandlerSettings = HandlerSettings & Required<Pick<HandlerSettings, DefaultedSetting | 'log'>>;
