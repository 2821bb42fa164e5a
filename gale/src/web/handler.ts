/**
 * The class that applications derive from: one object for each request, whose life reads as a story:
 * `initialize`, `prepare`, the verb (`get`, `post`, …), `onFinish`. Every step may be async. What it answers with stands in
 * answer.ts, what it reads from in exchange.ts, who calls the steps in life-cycle.ts.
 */
import { GaleError } from '../errors.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import type { Logger } from '../run/log.ts';
import { isOutOfFiles, warnOutOfFiles } from '../run/open-files.ts';
import type { ResponsePhase } from './response-builder.ts';
import { isSignedIn } from './current-user.ts';
import { errorPage } from './error-page.ts';
import { Exchange } from './exchange.ts';
import type { ResolvedHandlerSettings } from './handler-settings.ts';
import { HttpError } from './http-error.ts';
import type { PathArgument } from './path-pattern.ts';
import type { StaticFiles, StaticUrlOptions } from './static/static-url.ts';
import { templateNamespace } from './template-namespace.ts';
import type { Loader } from './template/loader.ts';

/** What a handler uses of its application. */
export interface HandlerApplication {
  /** Settings with every default filled in. */
  readonly settings: ResolvedHandlerSettings;
  /** Versions and URLs of static files. */
  readonly staticFiles: StaticFiles;
  /** Templates of the folder `templatePath`. */
  readonly templates: Loader;
  /**
   * Makes the path of the route called `name`.
   *
   * @param values - Arguments of the path, in order or as one object by name.
   * @throws {@link GaleError} `WEB_ROUTE` if there is no such route, or the values do not fit it.
   */
  reverseUrl(name: string, ...values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string;
  /** The setting `uiMethods`, with `handler` as the first argument of each. */
  bindUiMethods(handler: RequestHandler): Record<string, (...values: unknown[]) => unknown>;
}

/** What an error page is made from. */
export interface ErrorDetails {
  /** What was thrown; left out if `sendError` was called without it. */
  readonly error?: unknown;
  /** Words behind the status. */
  readonly reason?: string;
}

/**
 * Answers requests. Derive from it and define the verbs you answer; others are 405. HEAD is answered from `get`, without its
 * body, unless `head` is defined.
 *
 * @typeParam User - What {@link RequestHandler.getCurrentUser} finds.
 * @typeParam Init - What routes to this handler give as `init`.
 * @example
 * class Story extends RequestHandler {
 *   async get({ id }: { id: string }) {
 *     await this.render('story.html', { story: await stories.find(id) });
 *   }
 * }
 */
export class RequestHandler<User = unknown, Init = unknown> extends Exchange {
  /** Methods that a handler may define, as its method in lower case; a subclass may name more. Others are 405. */
  static readonly supportedMethods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
  /** Whether the handler reads urlencoded forms by itself, from `request.body`, rather than by `getBodyArgument`. */
  static readonly readsOwnBody: boolean = false;

  /** The application this handler belongs to. */
  readonly application: HandlerApplication;
  /** The `init` of the route. Set before `setDefaultHeaders` and `initialize`. */
  readonly init!: Init;
  /** What the verb receives: what the path gave, decoded. Set before `prepare`. */
  pathArguments: readonly unknown[] = noArguments;
  #user: User | null | undefined;
  #isUserKnown = false;

  /** Called by the application; do work in `initialize` or `prepare` instead. */
  constructor(application: HandlerApplication, request: HttpRequest, response: HttpResponse) {
    super(application.settings, request, response);
    this.application = application;
  }

  /** Runs first, with the `init` of the route. Cookies and query are readable, the body is not yet. */
  initialize(_init: Init): void {}

  /** Runs before the verb, whatever the method. If it finishes the answer, the verb is skipped. */
  prepare(): void | Promise<void> {}

  /**
   * Gets the body in parts as they come, of any size, before the verb runs; define it for uploads that are too large to be kept. A part
   * is the handler's own. While a promise that it returned is open, no further part is read, and the client is held up. A throw, or an
   * answer finished here, gives the rest of the body up.
   *
   * Forms of such a handler are not parsed, and the XSRF token is taken from a header or the query. How much may come is decided in
   * `prepare`, with `this.request.body.setMaxBytes`; by default it is `maxBodyBytes` of the server.
   */
  onData(_chunk: Buffer): void | Promise<void> {}

  /** Runs after the answer is complete, also after an error; nothing can be answered any more. */
  onFinish(): void | Promise<void> {}

  /** Runs if the client leaves while its answer is not complete. See {@link RequestHandler.signal} too. */
  onConnectionClose(): void {}

  /**
   * Finds out who is asking; override it. Called once, before `prepare`, and awaited; what it returns is
   * {@link RequestHandler.currentUser}.
   */
  getCurrentUser(): User | null | undefined | Promise<User | null | undefined> {
    return undefined;
  }

  /** Who is asking; `undefined` (or null) for nobody. May be assigned in `initialize` or `prepare`. */
  get currentUser(): User | null | undefined {
    return this.#user;
  }

  set currentUser(user: User | null | undefined) {
    this.#user = user;
    this.#isUserKnown = true;
  }

  /** Asks {@link RequestHandler.getCurrentUser}, unless the user was assigned already. */
  async loadCurrentUser(): Promise<void> {
    if (!this.#isUserKnown) this.currentUser = await this.getCurrentUser();
  }

  /** Where those go who have to log in: the setting `loginUrl`. */
  getLoginUrl(): string {
    const { loginUrl } = this.settings;
    if (loginUrl === undefined) throw new GaleError('WEB_HANDLER', 'authenticated needs the setting loginUrl.');
    return loginUrl;
  }

  /** Aborts when the client leaves before its answer is complete; hand it to whatever takes long. */
  get signal(): AbortSignal {
    return this.request.signal;
  }

  /** Log of the application. */
  get log(): Logger {
    return this.settings.log;
  }

  /** Path of the route called `name`; see {@link HandlerApplication.reverseUrl}. */
  reverseUrl(name: string, ...values: (PathArgument | Readonly<Record<string, PathArgument>>)[]): string {
    return this.application.reverseUrl(name, ...values);
  }

  /** URL of a file below the setting `staticPath`, with its version, so that it may be cached for ever. */
  staticUrl(path: string, options: StaticUrlOptions = {}): string {
    const url = this.application.staticFiles.url(path, options);
    return options.includeHost === true ? `${this.request.protocol}://${this.request.host}${url}` : url;
  }

  /**
   * Finishes with a template.
   *
   * @param values - Names of the template; they win over those every template has.
   */
  render(template: string, values: object = {}): Promise<void> {
    return this.finish(this.renderString(template, values));
  }

  /** Fills a template in. */
  renderString(template: string, values: object = {}): string {
    return this.application.templates
      .load(template)
      .generate(templateNamespace(this, this.application.bindUiMethods(this), values));
  }

  /** More names for every template of this handler; override it. */
  getTemplateNamespace(): object {
    return {};
  }

  /**
   * Finishes with an error page. If the head has left already, the connection is cut instead.
   *
   * @param details - `error`: what was thrown; its reason and headers are sent.
   */
  async sendError(status: number, details: ErrorDetails = {}): Promise<void> {
    if (this.#hasPhase('finished', 'upgraded')) return;
    if (this.#hasPhase('started')) return this.abort();
    const { error } = details;
    const reason = details.reason ?? (error instanceof HttpError ? error.reason : undefined);
    try {
      this.#beginError(status, reason, error);
      const written = this.writeError(status, details);
      if (written !== undefined) await written;
      if (!this.#hasPhase('finished')) await this.finish();
    } catch (fault) {
      // Nobody is left to be told, and nothing is wrong here.
      if (fault instanceof GaleError && fault.code === 'HTTP_CLIENT_GONE') return this.abort();
      // A page that reads the request can find out that the client broke it. That is the response then, and no fault.
      const faultStatus = statusOf(fault);
      if (faultStatus < 500) this.logException(fault);
      else this.log.error({ err: fault, status }, 'The error page failed');
      if (this.#hasPhase('finished')) return;
      if (this.#hasPhase('started')) return this.abort();
      if (faultStatus < 500) {
        this.#beginError(faultStatus, fault instanceof HttpError ? fault.reason : undefined, fault);
        this.write(errorPage(faultStatus, this.getReason()));
      } else this.#beginError(500, undefined, undefined);
      await this.finish();
    }
  }

  /** Writes the error page; override it for one of your own. Status and reason are set already; escape what you write. */
  writeError(status: number, { error }: ErrorDetails): void | Promise<void> {
    if (this.settings.debug && error instanceof Error) {
      this.setHeader('Content-Type', 'text/plain; charset=UTF-8');
      this.write(error.stack ?? String(error));
    } else {
      this.write(errorPage(status, this.getReason()));
    }
  }

  /**
   * Logs what was thrown: an {@link HttpError} below 500 as a warning if it has words for the log, every other fault as an error
   * with its stack; a lack of file descriptors as one warning per minute.
   */
  logException(error: unknown): void {
    const { id: requestId, method, path, remoteAddress } = this.request;
    const fields = { requestId, method, path, remoteAddress };
    const status = statusOf(error);
    if (isOutOfFiles(error)) warnOutOfFiles(this.log, fields);
    else if (status >= 500) this.log.error({ err: error, ...fields }, 'A handler failed');
    else if (error instanceof HttpError && error.logMessage !== undefined) {
      this.log.warn({ status, ...fields }, error.logMessage);
    } else if (error instanceof GaleError) {
      this.log.debug({ status, code: error.code, ...fields }, error.message);
    }
  }

  protected override isKnownUser(): boolean {
    return isSignedIn(this.#user);
  }

  protected override afterFinish(): void {
    try {
      this.onFinish()?.catch((error: unknown) => this.logException(error));
    } catch (error) {
      this.logException(error);
    }
  }

  /** Asks anew each time: what is called meanwhile moves the phase on. */
  #hasPhase(...phases: readonly ResponsePhase[]): boolean {
    return phases.includes(this.phase);
  }

  #beginError(status: number, reason: string | undefined, error: unknown): void {
    this.clear();
    this.setStatus(status, reason);
    if (!(error instanceof HttpError)) return;
    for (const [name, value] of error.headers) this.addHeader(name, value);
  }
}

/** Status that an error is answered with: its own, 503 if no file descriptor was left, else 500. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpError || error instanceof GaleError) return error.status;
  return isOutOfFiles(error) ? 503 : 500;
}

const noArguments: readonly unknown[] = Object.freeze([]);
