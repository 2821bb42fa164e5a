/**
 * The head of a response until it is sent: status, headers and cookies. Abstract; response-builder.ts adds the body and sends
 * both. It is the root of the handlers, so it creates their only field: the state, which exchange-state.ts describes. The classes above
 * it have neither fields nor private methods, which would cost time in each request.
 */
import { GaleError } from '../errors.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import { reasonPhrase } from '../http/protocol/status.ts';
import { showValue } from '../run/given-options.ts';
import { deletingOptions, formatCookie, type CookieOptions } from './cookies/cookies.ts';
import { ExchangeState } from './exchange-state.ts';
import type { ResolvedHandlerSettings } from './handler-settings.ts';
import {
  defaultType,
  findField,
  headerField,
  isReason,
  withField,
  withFieldAdded,
  withoutField,
  type HeaderField,
  type HeaderValue,
} from './header-fields.ts';
import type { ResponsePhase } from './response-state.ts';

/** The state of a handler, for the classes above this one and their lifecycle only. */
export let stateOf: (handler: HeadBuilder) => ExchangeState;

/** The head of a response and the methods that build it. */
export abstract class HeadBuilder {
  readonly #state: ExchangeState;

  static {
    stateOf = (handler) => handler.#state;
  }

  /** Called by the application. Override `initialize` or `prepare` instead. */
  constructor(
    application: { readonly settings: ResolvedHandlerSettings },
    request: HttpRequest,
    response: HttpResponse,
  ) {
    this.#state = new ExchangeState(application, request, response);
  }

  /** The request. */
  get request(): HttpRequest {
    return this.#state.request;
  }

  /** Settings of the application with every default filled in. */
  get settings(): ResolvedHandlerSettings {
    return this.#state.settings;
  }

  /** `open` until `flush` or `finish`, `started` after `flush`, `finished`, or `upgraded` to a WebSocket. */
  get phase(): ResponsePhase {
    return this.#state.phase;
  }

  /**
   * Sets the status.
   *
   * @param reason - Reason phrase, Latin-1 without control characters and `<`, `>`, `&`. Another one is not sent, but logged as a warning.
   * Left out: the phrase of RFC 9110.
   */
  setStatus(status: number, reason?: string): void {
    this.assertHeadOpen('setStatus');
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new GaleError('WEB_HEADER', `status must be an integer from 200 to 599; got ${showValue(status)}.`);
    }
    const exchange = this.#state;
    exchange.status = status;
    exchange.reason = undefined;
    if (reason === undefined) return;
    if (typeof reason === 'string' && isReason(reason)) exchange.reason = reason;
    else this.warnReason(reason);
  }

  /** Status of the response. */
  getStatus(): number {
    return this.#state.status;
  }

  /** Reason phrase of the response. */
  getReason(): string {
    const { reason, status } = this.#state;
    return reason ?? reasonPhrase(status);
  }

  /** Sets a header, replacing all headers of that name. A Date is written as an HTTP date. */
  setHeader(name: string, value: HeaderValue): void {
    this.assertHeadOpen('setHeader');
    const exchange = this.#state;
    exchange.fields = withField(exchange.fields, headerField(name, value));
  }

  /** Adds a header and keeps those of the same name. */
  addHeader(name: string, value: HeaderValue): void {
    this.assertHeadOpen('addHeader');
    const exchange = this.#state;
    exchange.fields = withFieldAdded(exchange.fields, headerField(name, value));
  }

  /** Removes a header. Does nothing if it is not set. */
  clearHeader(name: string): void {
    this.assertHeadOpen('clearHeader');
    const exchange = this.#state;
    exchange.fields = withoutField(exchange.fields, name);
  }

  /** Value of a header of the response. `Set-Cookie` is not included. */
  getHeader(name: string): string | undefined {
    return findField(this.#state.fields, name);
  }

  /**
   * Sets a cookie of the response, replacing an earlier one of that name. `getCookie` still returns the cookie of the request.
   *
   * @throws {@link GaleError} `WEB_COOKIE` for a value that a cookie cannot have, and for a cookie that browsers would drop;
   *   `OPTION_UNKNOWN` for an unknown attribute, `OPTION_VALUE` for one of the wrong type.
   */
  setCookie(name: string, value: string, options: CookieOptions = {}): void {
    this.assertHeadOpen('setCookie');
    const exchange = this.#state;
    exchange.cookies ??= new Map();
    exchange.cookies.set(name, formatCookie(name, value, options, this.currentTime()));
  }

  /** The time for `expiresDays` of cookies, in milliseconds since 1970. */
  protected currentTime(): number {
    return this.#state.settings.now();
  }

  /**
   * Deletes a cookie in the browser. `domain`, `path` and `partitioned` must have the values that the cookie was set with. `secure`
   * is on by default for names with `__Host-` and `__Secure-`.
   *
   * @throws {@link GaleError} `OPTION_UNKNOWN` for a lifetime, which would keep the cookie alive; else as `setCookie`.
   */
  clearCookie(name: string, options: Omit<CookieOptions, 'expires' | 'expiresDays' | 'maxAge'> = {}): void {
    this.setCookie(name, '', deletingOptions(name, options));
  }

  /** Whether status and headers can still change: also while `processResponse` runs. @internal */
  get isHeadOpen(): boolean {
    return this.#state.isHeadOpen;
  }

  /** Whether Content-Type is the default, so that a returned value determines it. @internal */
  get hasDefaultType(): boolean {
    return this.#state.fields.includes(defaultType);
  }

  /** Logs a reason phrase that cannot be sent. @internal */
  protected abstract warnReason(reason: string): void;

  /** @throws {@link GaleError} `WEB_RESPONDED` or `WEB_UPGRADED` if the head was sent. */
  protected assertHeadOpen(method: string): void {
    if (!this.#state.isHeadOpen) throw tooLate(this.#state, method);
  }

  /** @throws {@link GaleError} `WEB_RESPONDED` or `WEB_UPGRADED` after `finish` and an upgrade. @internal */
  protected assertWritable(method: string): void {
    const { phase } = this.#state;
    if (phase === 'finished' || phase === 'upgraded') throw tooLate(this.#state, method);
    this.assertOutsideMiddleware(method);
  }

  /** @throws {@link GaleError} `WEB_RESPONDED` if `processResponse` calls it. @internal */
  protected assertOutsideMiddleware(method: string): void {
    if (this.#state.preparation?.isInMiddleware === true) throw tooLate(this.#state, method);
  }

  /** The current header fields, cookies included. */
  protected headFields(): readonly HeaderField[] {
    return this.#state.allFields;
  }
}

function tooLate({ phase, isHeadOpen, preparation }: ExchangeState, method: string): GaleError {
  if (phase === 'upgraded') {
    return new GaleError('WEB_UPGRADED', `${method}() was called after the upgrade to a WebSocket.`);
  }
  const begun = isHeadOpen ? 'flush() began the response' : 'flush() sent the head';
  const when = phase === 'finished' ? 'the response was finished' : begun;
  const advice =
    isHeadOpen || preparation?.isInMiddleware === true
      ? '; processResponse can change status, headers, and bytes by transformBody()'
      : '';
  return new GaleError('WEB_RESPONDED', `${method}() was called after ${when}${advice}.`);
}
