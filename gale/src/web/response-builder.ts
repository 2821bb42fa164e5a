/**
 * The response of a handler: collects status, headers, cookies and body, then sends them at once (`finish`) or in parts
 * (`flush`). Abstract; {@link RequestHandler} inherits it by {@link Exchange}. head-builder.ts has status, headers and cookies,
 * conditional-head.ts the preconditions, response-sender.ts middlewares and sending.
 */
import { GaleError } from '../errors.ts';
import { assertNames, readChoices, showValue } from '../run/given-options.ts';
import { endOf, isReading } from './conditional-request.ts';
import type { ExchangeState } from './exchange-state.ts';
import { stateOf } from './head-builder.ts';
import {
  contentNames,
  findTag,
  headerField,
  withField,
  withFieldAdded,
  withoutFields,
  type HeaderField,
} from './header-fields.ts';
import { toLocation } from './location.ts';
import { emptyBody, encodeChunk, withBytes, withText, type Chunk } from './response-body.ts';
import { ResponseSender } from './response-sender.ts';
import { harmless, isBodyless, settled } from './response-state.ts';

/** A response and the methods that build it. */
export abstract class ResponseBuilder extends ResponseSender {
  /**
   * Appends to the body. An object is written as JSON and sets Content-Type; a later `setHeader` can change the type.
   *
   * @throws {@link GaleError} `WEB_BODY` for an array (wrap it in an object) and for an object that JSON would lose, at any
   *   depth: a promise, a stream, an iterator, a Map, a Set, an Error, a Response. The message says what to write instead.
   */
  write(chunk: Chunk): void {
    this.assertWritable('write');
    const exchange = stateOf(this);
    const given = typeof chunk === 'string' ? chunk : encodeChunk(chunk);
    exchange.body = typeof given === 'string' ? withText(exchange.body, given) : withBytes(exchange.body, given);
    const isJson = typeof given === 'string' && typeof chunk !== 'string';
    if (isJson && exchange.phase === 'open') exchange.fields = withField(exchange.fields, jsonType);
  }

  /** Whether a part of the body waits to be sent. @internal */
  get hasWritten(): boolean {
    return stateOf(this).body !== emptyBody;
  }

  /**
   * Sends the head, if it is not sent yet, and the body so far.
   *
   * @returns Resolves when the socket has taken the data: await it for backpressure. Rejects if the client has left, and if a
   *   precondition of GET or HEAD decides the response: let that error end the verb, then 304 or 412 is sent. An unhandled
   *   rejection of it does not end the process.
   */
  flush(): Promise<void> {
    // Thrown, since a middleware may not await it.
    this.assertOutsideMiddleware('flush');
    try {
      this.assertWritable('flush');
      const { phase, preparation } = stateOf(this);
      if (preparation?.isCollecting === true) return settled;
      const end = phase === 'open' ? endOf(this.evaluatePreconditions()) : undefined;
      // Returned directly: a derived promise would have its own unhandled rejection, which ends the process.
      return end === undefined ? this.sendPart() : harmless(Promise.reject(end));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Completes the response. Called automatically after the verb.
   *
   * @returns Resolves when the socket has taken the data. Rejects if the client has left; an unhandled rejection of it does
   *   not end the process.
   */
  finish(chunk?: Chunk): Promise<void> {
    this.assertWritable('finish');
    if (chunk !== undefined) this.write(chunk);
    const exchange = stateOf(this);
    if (exchange.preparation?.isCollecting === true) return settled;
    if (exchange.phase === 'started') return harmless(this.finishStarted());
    const body = exchange.takeBody();
    if (isBodyless(exchange.status)) assertNoBody(exchange, body);
    else if (exchange.status < 300 && isReading(exchange.request.method)) {
      const hasTag = exchange.status !== 200 || findTag(exchange.fields) !== undefined;
      if (!hasTag && (body.length > 0 || exchange.request.method !== 'HEAD')) {
        const tag = this.computeEtag(body);
        if (tag !== undefined) exchange.fields = withFieldAdded(exchange.fields, headerField('Etag', tag));
      }
      const result = this.evaluatePreconditions();
      if (result === 'failed') {
        // The response will not be checked again, whatever status it gets.
        exchange.hasCheckedPreconditions = true;
        return harmless(this.sendPreconditionFailed());
      }
      if (result === 'unchanged') {
        exchange.replaceStatus(304);
        exchange.fields = withoutFields(exchange.fields, contentNames);
        return this.finishWhole('');
      }
    }
    return this.finishWhole(body);
  }

  /**
   * Responds with a Location and no body.
   *
   * @param url - Read as browsers read it, relative to the URL of the request. Characters outside of ASCII are encoded, spaces
   *   at both ends are removed; where it leads does not change.
   * @param options - `permanent`: 301 instead of 302; `status`: another status from 300 to 399.
   * @throws {@link GaleError} `WEB_HEADER` if the URL is empty, has control characters, or cannot be followed; `OPTION_UNKNOWN` or `OPTION_VALUE`.
   */
  redirect(url: string | URL, options: { readonly permanent?: boolean; readonly status?: number } = {}): Promise<void> {
    this.assertHeadOpen('redirect');
    this.assertOutsideMiddleware('redirect');
    assertNames('redirect', options, ['permanent', 'status']);
    const { permanent } = readChoices(options, { permanent: [false, true] });
    const { status = permanent ? 301 : 302 } = options;
    if (!Number.isInteger(status) || status < 300 || status > 399) {
      const got = showValue(status);
      throw new GaleError('WEB_HEADER', `status of a redirect must be an integer from 300 to 399; got ${got}.`);
    }
    const location = toLocation(url);
    this.setStatus(status);
    this.setHeader('Location', location);
    stateOf(this).body = emptyBody;
    return this.finish();
  }

  /** Sends the error page with status 412 instead of the response. */
  protected abstract sendPreconditionFailed(): Promise<void>;
}

function assertNoBody(exchange: ExchangeState, body: string | Uint8Array): void {
  if (body.length > 0) {
    throw new GaleError(
      'WEB_BODY',
      `A response with status ${exchange.status} must have no body; got ${body.length} characters or bytes.`,
    );
  }
  exchange.fields = withoutFields(exchange.fields, contentNames);
}

const jsonType: HeaderField = headerField('Content-Type', 'application/json; charset=UTF-8');
