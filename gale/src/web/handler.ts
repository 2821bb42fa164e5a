/**
 * The base class of handlers, with one object for each request. Its steps are `initialize`, `prepare`, the verb (`get`,
 * `post`, …) and `onFinish`; each can be async. response-builder.ts has the response, exchange.ts the request, and
 * lifecycle.ts calls the steps.
 */
import { GaleError, ProtocolError } from '../errors.ts';
import { bodyRetryAfter } from '../http/body-memory.ts';
import { isThenable } from '../http/thenable.ts';
import { showValue } from '../run/given-options.ts';
import type { Logger } from '../run/log.ts';
import { isOutOfFiles, warnOutOfFiles } from '../run/open-files.ts';
import { RateLimitedWarning } from '../run/rate-limited-warning.ts';
import { settled } from './response-state.ts';
import { preconditionFailed } from './conditional-request.ts';
import { isSignedIn } from './current-user.ts';
import { errorBody } from './errors/error-response.ts';
import { logSafely } from './error-log.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeState } from './exchange-state.ts';
import { stateOf } from './head-builder.ts';
import { EventStream } from './events/event-stream.ts';
import type { EventsOptions } from './events/events-options.ts';
import type { ResolvedHandlerSettings } from './handler-settings.ts';
import { ClientFault } from './client-fault.ts';
import { HttpError, MissingArgumentError } from './http-error.ts';
import { browserLocaleOf, localeOf } from './locale/handler-locale.ts';
import type { Locale } from './locale/locale.ts';
import type { Locales } from './locale/locales.ts';
import { emptyBody } from './response-body.ts';
import { cspNonceOf } from './middleware/csp-nonce.ts';
import type { PathArgument } from './path-pattern.ts';
import type { Session } from './sessions/session.ts';
import type { StaticFiles, StaticUrlOptions } from './static/static-url.ts';
import { templateNamespace } from './template-namespace.ts';
import type { Loader } from './template/loader.ts';
import type { OpenModules } from './ui-modules/open-modules.ts';
import type { PageModules } from './ui-modules/page-module.ts';
import { plainElements } from './ui-modules/resource-elements.ts';

/** What a handler uses of its application. */
export interface HandlerApplication {
  /** Settings with every default filled in. */
  readonly settings: ResolvedHandlerSettings;
  /** Versions and URLs of static files. @internal */
  readonly staticFiles: StaticFiles;
  /** Templates of the folder `templatePath`. */
  readonly templates: Loader;
  /** The locales of the setting `locale`; `undefined` without it. */
  readonly locales: Locales | undefined;
  /** The UI modules by name. @internal */
  readonly uiModules: PageModules;
  /** Whether any handler has the HTTP method in its `supportedMethods`. Other methods are 501. */
  knowsMethod(method: string): boolean;
  /**
   * Builds the path of the route with this name.
   *
   * @param values - Arguments of the path, in order or as one object by name.
   * @throws {@link GaleError} `WEB_ROUTE` if there is no such route, or if the arguments do not fit.
   */
  reverseUrl(name: string, ...values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string;
  /** The setting `uiMethods`, with `handler` as the first argument of each. */
  bindUiMethods(handler: RequestHandler): Record<string, (...values: unknown[]) => unknown>;
}

/** Data of an error page. */
export interface ErrorDetails {
  /** The thrown value. Undefined if `sendError` was called without it. */
  readonly error?: unknown;
  /** Reason phrase. */
  readonly reason?: string;
}

/**
 * Handles requests. Extend it and define verbs; other methods get 405. Without `head`, HEAD gets the response of `get`
 * without its body.
 *
 * @typeParam User - Type of {@link RequestHandler.currentUser}.
 * @typeParam Init - Type of `init` in routes to this handler.
 * @example
 * class Story extends RequestHandler {
 *   async get({ id }: { id: string }) {
 *     await this.render('story.html', { story: await stories.find(id) });
 *   }
 * }
 */
export class RequestHandler<User = unknown, Init = unknown> extends Exchange {
  /**
   * Methods that handlers can define, by their names in lower case. A subclass can add more. Others are 405, or 501 if no handler of the
   * application has them.
   */
  static readonly supportedMethods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
  /**
   * `parsed`: a form is read before `prepare`, with its files. `stream`: nothing is read ahead; the handler reads the body with `parts()`,
   * `readJson()` or others, or from `request.body`. The XSRF token must then be in a header or the query.
   */
  static readonly bodyMode: 'parsed' | 'stream' = 'parsed';
  /** Whether the verbs receive the arguments of the path percent-encoded, so that `%2F` and `/` stay different. */
  static readonly keepsPathEncoding: boolean = false;

  /** Run around the handlers of this class: `Middleware` objects, inside those of the application, group and route. A subclass replaces them. */
  static readonly middleware: readonly object[] = [];

  /** Whether `this.session` is loaded for the handlers of this class. False saves a request of the store for pages without it. */
  static readonly usesSession: boolean = true;

  /**
   * Override to check the `init` of a route when the application is created. Throw an error that says what is wrong; the route
   * is added to its message.
   *
   * @param _argumentNames - Names of the arguments of the path in order, or their positions: `0`, `1` …
   */
  static assertInit(_init: unknown, _argumentNames: readonly string[]): void {}

  /** The session, once it was loaded or used. Without an initializer, so that other handlers pay nothing. @internal */
  declare openSession?: Session;

  /** The UI modules that templates have used, as `openSession`. @internal */
  declare openModules?: OpenModules | undefined;

  /** The application of this handler. */
  get application(): HandlerApplication {
    return stateOf(this).application as HandlerApplication;
  }

  /** The `init` of the route. Set before `setDefaultHeaders` and `initialize`. */
  get init(): Init {
    return stateOf(this).init as Init;
  }

  /** Runs first, with the `init` of the route. Cookies and query are available, the body is not. */
  initialize(_init: Init): void {}

  /** Runs before the verb, for all methods. If it finishes the response, the verb is skipped. */
  prepare(): void | Promise<void> {}

  /**
   * Receives the body in parts of any size, before the verb. Define it for uploads that do not fit in memory. The handler may
   * keep and change a part. If it returns a promise, the next part is read after the promise resolves (backpressure). If it
   * throws or finishes the response, the rest of the body is discarded.
   *
   * Forms of such a handler are not parsed; the XSRF token must be in a header or the query. `prepare` can change the limit
   * with `this.request.body.setMaxBytes`; the default is `maxBodyBytes` of the server.
   */
  onData(_chunk: Buffer): void | Promise<void> {}

  /** Runs after the response is complete, also after an error. It cannot change the response. */
  onFinish(): void | Promise<void> {}

  /** Runs if the client leaves before the response is complete. See also {@link RequestHandler.signal}. */
  onConnectionClose(): void {}

  /**
   * Override to find the user of the request. Called and awaited once, before `prepare`; the result becomes
   * {@link RequestHandler.currentUser}.
   */
  getCurrentUser(): User | null | undefined | Promise<User | null | undefined> {
    return undefined;
  }

  /** The signed-in user; `undefined` without one, also if null was assigned. `initialize` and `prepare` can assign it. */
  get currentUser(): User | undefined {
    return stateOf(this).user as User | undefined;
  }

  set currentUser(user: User | null | undefined) {
    const exchange = stateOf(this);
    exchange.user = user ?? undefined;
    exchange.userLoad = settled;
  }

  /**
   * Calls {@link RequestHandler.getCurrentUser}, once for a request, unless the user was assigned already. A middleware can call it before
   * the handler does.
   */
  loadCurrentUser(): Promise<void> {
    const exchange = stateOf(this);
    exchange.userLoad ??= loadUser(this, exchange);
    return exchange.userLoad;
  }

  /**
   * The language of the reader: that of {@link RequestHandler.getUserLocale}, else of {@link RequestHandler.getBrowserLocale}. Before
   * `prepare` it is that of the browser. Also a name in templates, with `_` for `locale.translate`.
   *
   * @throws {@link GaleError} `WEB_HANDLER` without the setting `locale`.
   */
  get locale(): Locale {
    return localeOf(this);
  }

  /**
   * Override to return the locale that the user has chosen, such as `zh-CN`. Called and awaited once, before `prepare` and after
   * {@link RequestHandler.getCurrentUser}. For undefined and null, and for a locale that does not exist, the browser decides.
   */
  getUserLocale(): Locale | string | null | undefined | Promise<Locale | string | null | undefined> {
    return undefined;
  }

  /** The locale for the request's Accept-Language, else the fallback. Adds `Vary: Accept-Language` to the response. */
  getBrowserLocale(): Locale {
    return browserLocaleOf(this);
  }

  /**
   * The session of the client. Needs the setting `sessions`. Changes are stored before the head of the response is sent. Not in
   * `initialize`, and not for classes with `usesSession = false`.
   *
   * @throws {@link GaleError} `WEB_SESSION` where there is none. Its members throw `SESSION_STORE` (503) while the store is unavailable.
   */
  get session(): Session {
    return (this.openSession ??= openSession(this));
  }

  /** Where `authenticated` redirects clients without a user: the setting `loginUrl`. */
  getLoginUrl(): string {
    const { loginUrl } = this.settings;
    if (loginUrl === undefined) throw new GaleError('WEB_HANDLER', 'authenticated needs the setting loginUrl.');
    return loginUrl;
  }

  /**
   * The nonce of this response for inline scripts and styles, also a name in templates: `<script nonce="{{ cspNonce }}">`. Once it was
   * read, `securityHeaders` adds it to the policy; read it before the head is sent.
   */
  get cspNonce(): string {
    return cspNonceOf(this);
  }

  /**
   * Aborts when the client leaves before the response is complete. Pass it to long operations. An error that a listener of your own throws is
   * an uncaught exception, which ends the process.
   */
  get signal(): AbortSignal {
    return this.request.signal;
  }

  /**
   * Aborts when the server begins to close. End a response then that would stay open for long, such as a stream of events: the server waits
   * for it, and resets it after `graceMs`. An error that a listener of your own throws is an uncaught exception, which ends the process.
   *
   * @example
   * const end = AbortSignal.any([this.signal, this.closing]);
   */
  get closing(): AbortSignal {
    return this.request.closing;
  }

  /** Log of the application. */
  get log(): Logger {
    return this.settings.log;
  }

  /** Path of the route with this name; see {@link HandlerApplication.reverseUrl}. */
  reverseUrl(name: string, ...values: (PathArgument | Readonly<Record<string, PathArgument>>)[]): string {
    return this.application.reverseUrl(name, ...values);
  }

  /** URL of a file below the setting `staticPath`, with its version, so that caches may keep it permanently. */
  staticUrl(path: string, options: StaticUrlOptions = {}): string {
    const url = this.application.staticFiles.url(path, options);
    return options.includeHost === true ? `${this.request.protocol}://${this.request.host}${url}` : url;
  }

  /**
   * Finishes the response with a template. The styles and scripts of the UI modules in it are inserted before `</head>` and `</body>`.
   *
   * @param values - Names for the template. They take precedence over the names that every template has.
   * @throws {@link TemplateError}; {@link GaleError} `WEB_UI_MODULE` if the page has no place for the resources of its modules.
   */
  render(template: string, values: object = {}): Promise<void> {
    const page = this.renderString(template, values);
    return this.finish(this.openModules === undefined ? page : this.openModules.insertInto(page, template));
  }

  /**
   * Writes the elements of the script files of UI modules, each file once. Override it to write other ones, such as `<script type="module">`.
   *
   * @param nonce - The nonce of the page, which each element needs; `undefined` without one.
   */
  renderLinkedJs(urls: readonly string[], nonce: string | undefined): string {
    return plainElements.renderLinkedJs(urls, nonce);
  }

  /** As {@link RequestHandler.renderLinkedJs}, for the embedded JavaScript of all modules. */
  renderEmbedJs(texts: readonly string[], nonce: string | undefined): string {
    return plainElements.renderEmbedJs(texts, nonce);
  }

  /** As {@link RequestHandler.renderLinkedJs}, for the style sheets of all modules. */
  renderLinkedCss(urls: readonly string[], nonce: string | undefined): string {
    return plainElements.renderLinkedCss(urls, nonce);
  }

  /** As {@link RequestHandler.renderLinkedJs}, for the embedded styles of all modules. */
  renderEmbedCss(texts: readonly string[], nonce: string | undefined): string {
    return plainElements.renderEmbedCss(texts, nonce);
  }

  /** Renders a template, for a part of a page or a mail. The styles and scripts of its UI modules are inserted by a later `render`. */
  renderString(template: string, values: object = {}): string {
    return this.application.templates
      .load(template)
      .generate(templateNamespace(this, this.application.bindUiMethods(this), values));
  }

  /** Override to add names for every template of this handler. */
  getTemplateNamespace(): object {
    return {};
  }

  /**
   * Starts a response of server-sent events, for `EventSource` in a page. It sends status and headers, with
   * `Cache-Control: no-cache` unless the handler has set another. The stream ends when the verb returns, the client leaves, the server
   * begins to close, or the client reads too slowly. HEAD gets the head, and the rest of the verb is skipped.
   *
   * To stop a browser that reconnects, respond with 204 instead.
   *
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; `WEB_RESPONDED` if the head was sent.
   * @example
   * async get() {
   *   const events = await this.events();
   *   for await (const [price] of on(prices, 'change', { signal: events.signal })) await events.send({ data: { price } });
   * }
   */
  events(options: EventsOptions = {}): Promise<EventStream> {
    // Thrown, since a middleware may not await it.
    this.assertOutsideMiddleware('events');
    return openEvents(this, options);
  }

  /**
   * Finishes the response with an error page. If the head was sent already, the connection is reset instead.
   *
   * @param details - `error`: the thrown value. Reason and headers of an {@link HttpError} are sent.
   */
  sendError(status: number, details: ErrorDetails = {}): Promise<void> {
    // Thrown, since a middleware may not await it.
    this.assertOutsideMiddleware('sendError');
    return sendErrorPage(this, status, details);
  }

  /** Whether {@link RequestHandler.sendError} is sending an error page, so that nobody else may finish the response. @internal */
  get isSendingError(): boolean {
    const exchange = stateOf(this);
    return exchange.isSendingError && !isOver(exchange);
  }

  /**
   * Writes the body of an error: `application/problem+json` (RFC 9457) for clients that prefer JSON by Accept, else an HTML page; in debug
   * mode with the stack. Override it for your own page. Status and reason are set already. Escape what you write.
   */
  writeError(status: number, { error }: ErrorDetails): void | Promise<void> {
    writeErrorPage(this, status, error);
  }

  /**
   * Logs a thrown value: an {@link HttpError} below 500 as a warning if it has a `logMessage`; what Gale itself finds wrong with a request,
   * such as a missing argument, for debugging; other errors as an error with the stack. Requests that are refused because of the page that
   * sent them are one warning per minute, and so are missing file descriptors and missing memory for bodies (`maxBodyMemoryBytes`).
   */
  logException(error: unknown): void {
    const { id: requestId, method, path, remoteAddress } = this.request;
    const fields = { requestId, method, path, remoteAddress };
    const status = statusOf(error);
    if (isOutOfFiles(error)) warnOutOfFiles(this.log, fields);
    else if (status >= 500 && !(error instanceof ProtocolError) && bodyRetryAfter(error) === undefined)
      this.log.error({ err: error, ...fields }, 'A handler failed');
    else if (error instanceof ClientFault) error.note(this.log, fields);
    else if (error instanceof MissingArgumentError) {
      this.log.debug({ status, reason: error.logMessage, ...fields }, 'Handler responded with an error');
    } else if (error instanceof HttpError && error.logMessage !== undefined) {
      this.log.warn({ status, reason: error.logMessage, ...fields }, 'Handler responded with an error');
    } else if (error instanceof GaleError) {
      const { code, message: reason, option } = error;
      const limit = option === undefined ? {} : { option };
      this.log.debug({ status, code, ...limit, reason, ...fields }, 'Handler responded with an error');
    }
  }

  protected override warnReason(reason: unknown): void {
    const { id: requestId, path } = this.request;
    const fields = { requestId, path, status: this.getStatus(), reason: showValue(reason) };
    RateLimitedWarning.of(
      this.log,
      'Reason phrases were not sent: they must be Latin-1 without control characters, <, > and &',
    ).note(fields);
  }

  protected override isKnownUser(): boolean {
    return isSignedIn(stateOf(this).user);
  }

  protected override sendPreconditionFailed(): Promise<void> {
    return this.sendError(412, { error: preconditionFailed() });
  }

  protected override writeFailure(error: unknown): Promise<void> | undefined {
    logSafely(this, error);
    // The error of a middleware is no error of the client.
    const status = Math.max(500, statusOf(error));
    try {
      beginError(this, status, undefined, undefined);
      const written: unknown = this.writeError(status, { error });
      if (!isThenable(written)) return undefined;
      return Promise.resolve(written).then(
        () => {},
        (fault: unknown) => giveUpPage(this, fault),
      );
    } catch (fault) {
      giveUpPage(this, fault);
      return undefined;
    }
  }

  protected override async sendFailure(error: unknown): Promise<void> {
    logSafely(this, error);
    try {
      await this.sendError(500, { error });
    } catch (fault) {
      giveUpPage(this, fault);
      if (!isFinished(stateOf(this))) this.abort();
    }
  }

  protected override afterFinish(): void {
    const { events, wasRead } = stateOf(this);
    events?.onFinish();
    wasRead?.removeFiles();
    try {
      this.onFinish()?.catch((error: unknown) => this.logException(error));
    } catch (error) {
      this.logException(error);
    }
  }
}

async function openEvents(handler: RequestHandler, options: EventsOptions): Promise<EventStream> {
  const events = new EventStream(handler, options);
  stateOf(handler).events = events;
  await events.open();
  return events;
}

async function sendErrorPage(handler: RequestHandler, status: number, details: ErrorDetails): Promise<void> {
  const exchange = stateOf(handler);
  if (isOver(exchange)) return;
  if (hasStarted(exchange)) return handler.abort();
  const { error } = details;
  const reason = details.reason ?? (error instanceof HttpError ? error.reason : undefined);
  exchange.isSendingError = true;
  try {
    beginError(handler, status, reason, error);
    const written = handler.writeError(status, details);
    if (written !== undefined) await written;
    if (!isFinished(exchange)) await handler.finish();
  } catch (fault) {
    // The client has left, which is not an error.
    if (fault instanceof GaleError && fault.code === 'HTTP_CLIENT_GONE') return handler.abort();
    // A page that reads the request can find a client error in it, or a store that is gone. Its status is the response then.
    const faultStatus = statusOf(fault);
    if (faultStatus < 500) handler.logException(fault);
    else handler.log.error({ err: fault, status }, 'The error page failed');
    if (isFinished(exchange)) return;
    if (hasStarted(exchange)) return handler.abort();
    if (faultStatus !== 500) {
      beginError(handler, faultStatus, fault instanceof HttpError ? fault.reason : undefined, fault);
      writeErrorPage(handler, faultStatus, fault);
    } else beginError(handler, 500, undefined, undefined);
    await handler.finish();
  }
}

// Functions, since TypeScript would narrow the phase across calls that change it.

function isFinished({ phase }: ExchangeState): boolean {
  return phase === 'finished';
}

function isOver({ phase }: ExchangeState): boolean {
  return phase === 'finished' || phase === 'upgraded';
}

function hasStarted({ phase }: ExchangeState): boolean {
  return phase === 'started';
}

async function loadUser(handler: RequestHandler, exchange: ExchangeState): Promise<void> {
  const user = await handler.getCurrentUser();
  // A user that was assigned meanwhile stays.
  if (exchange.userLoad === settled) return;
  exchange.user = user ?? undefined;
  // An open WebSocket keeps no promise of its own.
  exchange.userLoad = settled;
}

function openSession(handler: RequestHandler): Session {
  const { sessions } = handler.settings;
  if (sessions === undefined) {
    throw new GaleError('WEB_SESSION', 'this.session needs the setting sessions: sessions() of gale/sessions.');
  }
  if (stateOf(handler).isInitialized) return sessions.open(handler);
  throw new GaleError(
    'WEB_SESSION',
    'this.session is loaded after initialize() and setDefaultHeaders(); use it in prepare() or in the verb.',
  );
}

function writeErrorPage(handler: RequestHandler, status: number, error: unknown): void {
  const reason = handler.getReason();
  const usualType = handler.getHeader('content-type');
  const nonce = handler.settings.debug ? handler.cspNonce : undefined;
  const body = errorBody(handler.request, { status, reason, error, nonce, usualType });
  handler.addHeader('Vary', 'Accept');
  handler.setHeader('Content-Type', body.contentType);
  handler.write(body.text);
}

/** After an error page that failed: the response has no body. */
function giveUpPage(handler: RequestHandler, fault: unknown): void {
  handler.log.error({ err: fault }, 'The error page failed');
  stateOf(handler).body = emptyBody;
}

function beginError(handler: RequestHandler, status: number, reason: string | undefined, error: unknown): void {
  // The error page has none of the modules of the page that failed.
  if (handler.openModules !== undefined) handler.openModules = undefined;
  try {
    handler.clear();
  } catch (fault) {
    // Of setDefaultHeaders. The headers before it are the defaults of Gale.
    handler.log.error({ err: fault, status }, 'The error page has no default headers');
  }
  handler.setStatus(status, reason);
  const retryAfter = bodyRetryAfter(error);
  if (retryAfter !== undefined) handler.setHeader('Retry-After', retryAfter);
  if (!(error instanceof HttpError)) return;
  for (const [name, value] of error.headers) handler.addHeader(name, value);
}

/** Status of the response to an error: its own, 503 if file descriptors are missing, else 500. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpError || error instanceof GaleError) return error.status;
  return isOutOfFiles(error) ? 503 : 500;
}
