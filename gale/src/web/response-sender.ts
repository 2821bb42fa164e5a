/**
 * Sends a response: runs `processResponse` of the middlewares once before the head, and passes the body through the transforms.
 * Abstract, below {@link ResponseBuilder}. Without middlewares and transforms a response is sent in one call, synchronously.
 */
import { GaleError } from '../errors.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import { isThenable } from '../http/thenable.ts';
import { BodyTransforms, type BodyTransform } from './body-transform.ts';
import { ConditionalHead } from './conditional-head.ts';
import { defaultFields } from './head-builder.ts';
import { contentNames, withoutFields, type HeaderField } from './header-fields.ts';
import { Finish } from './http-error.ts';
import { ResponseBody } from './response-body.ts';

/** Progress of a response. */
export type ResponsePhase = 'open' | 'started' | 'finished' | 'upgraded';

/**
 * Runs `processResponse` of all middlewares.
 *
 * @param onError - Called for each that throws.
 * @returns A promise if one of them is async. It never rejects.
 */
export type ResponseSteps = (onError: (error: unknown) => Promise<void> | undefined) => Promise<void> | undefined;

/** A response on its way to the client. */
export abstract class ResponseSender extends ConditionalHead {
  /** Chunks that are not sent yet. @internal */
  protected readonly responseBody: ResponseBody = new ResponseBody();
  readonly #response: HttpResponse;
  #phase: ResponsePhase = 'open';
  /** Whether the head cannot change any more. With async middlewares the phase changes before. */
  #isHeadClosed = false;
  #isAborted = false;
  /** Runs `processResponse` of the middlewares; undefined if it ran. */
  #middleware: ResponseSteps | undefined;
  /** The headers before `processResponse`, once it has begun. */
  #fieldsBefore: readonly HeaderField[] | undefined;
  /** Whether `responseBody` is the whole body. */
  #isWhole = false;
  #errorPage: 'none' | 'collecting' | 'complete' = 'none';
  #transforms: BodyTransforms | undefined;
  /** Resolves when the middlewares of a stream have run and its head was sent. */
  #opening: Promise<void> | undefined;

  constructor(request: HttpRequest, response: HttpResponse) {
    super(request);
    this.#response = response;
  }

  /** `open` until `flush` or `finish`, `started` after `flush`, `finished`, or `upgraded` to a WebSocket. */
  get phase(): ResponsePhase {
    return this.#phase;
  }

  /**
   * Resets status, headers and body. Cookies stay, so that an error page does not undo a logout. Headers that middlewares set in
   * `processResponse` stay too, since it runs once.
   */
  clear(): void {
    this.assertHeadOpen('clear');
    this.#dropTransforms();
    this.clearBody();
    this.replaceStatus(200);
    const before = this.#fieldsBefore;
    const added = before === undefined ? [] : this.responseFields.filter((field) => !before.includes(field));
    this.responseFields = defaultFields;
    this.setDefaultHeaders();
    if (before === undefined) return;
    this.#fieldsBefore = this.responseFields;
    const kept = withoutFields(added, [...contentNames, 'etag', 'last-modified']);
    const names = kept.map(([name]) => name.toLowerCase());
    this.responseFields = [...withoutFields(this.responseFields, names), ...kept];
  }

  /** Override to set headers of every response of this handler, error pages included. */
  setDefaultHeaders(): void {}

  /** Length of the body in bytes, for `processResponse`. Undefined if only the first part of the body is known, and before. */
  get wholeBodyBytes(): number | undefined {
    return this.#isWhole ? this.responseBody.byteLength : undefined;
  }

  /**
   * Changes the bytes of the body while they are sent, after the transforms that were added before. Content-Length is removed and
   * a strong ETag becomes weak; set other headers, such as Content-Encoding, yourself. A response without a body is not
   * transformed: HEAD, 204, 304, the 101 of a WebSocket. `clear` and `sendError` remove the transforms.
   *
   * @throws {@link GaleError} `WEB_RESPONDED` after the head was sent.
   */
  transformBody(transform: BodyTransform): void {
    this.assertHeadOpen('transformBody');
    this.#transforms ??= new BodyTransforms();
    this.#transforms.add(transform);
  }

  /** Resets the connection, so that a response whose head was sent does not look complete. */
  abort(): void {
    this.#phase = 'finished';
    this.#isHeadClosed = true;
    this.#isAborted = true;
    this.#dropTransforms();
    this.#response.destroy();
    this.afterFinish();
  }

  /** Sets the middlewares of the request, before any other step. @internal */
  useMiddleware(run: ResponseSteps): void {
    this.#middleware = run;
  }

  /** Called once, when the response is complete or aborted. */
  protected abstract afterFinish(): void;

  /** Logs the error of a middleware and writes the error page with status 500. Never throws. @internal */
  protected abstract writeFailure(error: unknown): Promise<void> | undefined;

  /** Sends the error page for a response that failed after `finish` had returned. Never rejects. @internal */
  protected abstract sendFailure(error: unknown): Promise<void>;

  protected override assertHeadOpen(method: string): void {
    if (this.#isHeadClosed) throw this.#tooLate(method);
  }

  /** @throws {@link GaleError} `WEB_RESPONDED` or `WEB_UPGRADED` after `finish` and an upgrade. @internal */
  protected assertWritable(method: string): void {
    if (this.#phase === 'finished' || this.#phase === 'upgraded') throw this.#tooLate(method);
  }

  protected override clearBody(): void {
    this.responseBody.clear();
  }

  /** Whether the error page for a failed middleware is written: its `finish` and `flush` send nothing. @internal */
  protected get isCollecting(): boolean {
    return this.#errorPage === 'collecting';
  }

  /** Sends the head, if it is not sent yet, and the body so far. @internal */
  protected sendPart(): Promise<void> {
    if (this.#phase === 'open') {
      const opening = this.#open();
      if (opening !== undefined) this.#opening = harmless(opening);
    }
    return this.#opening === undefined ? this.#writePart() : harmless(this.#opening.then(() => this.#writePart()));
  }

  /** Sends the rest of a stream. @internal */
  protected async finishStarted(): Promise<void> {
    this.#phase = 'finished';
    try {
      await this.#opening;
    } catch (error) {
      // Closed: the response is complete, since a middleware failed, or it was aborted.
      return this.#isHeadClosed ? undefined : this.#fail(error);
    }
    try {
      const body = this.responseBody.take();
      if (this.#transforms !== undefined) await this.#transforms.end(this.#response, body);
      else {
        if (body.length > 0) await this.#response.write(body);
        await this.#response.end();
      }
    } catch (error) {
      // A transform that failed leaves an incomplete body.
      this.#dropTransforms();
      this.#response.destroy();
      throw error;
    } finally {
      this.afterFinish();
    }
  }

  /** Sends a response whose whole body is known. @internal */
  protected finishWhole(body: string | Uint8Array): Promise<void> {
    if (this.#middleware === undefined && this.#transforms === undefined) {
      this.#send(body);
      return settled;
    }
    if (body.length > 0) this.responseBody.add(body);
    this.#isWhole = true;
    return this.#finishCollected();
  }

  /**
   * Runs the middlewares before a 101, then `accept`. If a middleware fails or changes the status, its response is sent instead.
   *
   * @param accept - Sends the 101 and calls `beginUpgrade`. May throw.
   * @internal
   */
  protected upgradeBy(accept: () => void): void {
    if (this.#middleware === undefined) return accept();
    this.replaceStatus(101);
    this.#phase = 'finished';
    const ran = this.#runMiddleware();
    if (ran === undefined) return this.#endUpgrade(accept);
    ran.then(() => this.#endUpgrade(accept)).catch((error: unknown) => void this.#fail(error));
  }

  /** Ends the HTTP part of the connection: later calls that change or send the response throw. */
  protected beginUpgrade(): void {
    this.assertHeadOpen('upgrade');
    this.replaceStatus(101);
    this.#phase = 'upgraded';
    this.#isHeadClosed = true;
  }

  #endUpgrade(accept: () => void): void {
    if (this.getStatus() === 101 && !this.#isAborted) {
      this.#reopen();
      return accept();
    }
    this.#isWhole = true;
    void this.#finishCollected();
  }

  /** Runs the middlewares and sends the head of a stream. @returns A promise if it takes longer, or if an error page is sent instead. */
  #open(): Promise<void> | undefined {
    if (this.#middleware === undefined) {
      this.#start();
      return undefined;
    }
    this.#phase = 'started';
    const ran = this.#runMiddleware();
    return ran === undefined ? this.#startOrEnd() : ran.then(() => this.#startOrEnd());
  }

  /** Sends the head of a stream. If a middleware failed, sends its error page and ends the verb. */
  #startOrEnd(): Promise<void> | undefined {
    if (this.#isAborted) return Promise.reject(new Finish());
    if (this.#errorPage === 'none') {
      this.#start();
      return undefined;
    }
    return this.#finishCollected().then(() => {
      throw new Finish();
    });
  }

  #start(): void {
    const status = this.getStatus();
    this.#changeFields();
    if (isBodyless(status)) this.responseFields = withoutFields(this.responseFields, contentNames);
    if (isBodyless(status) || this.request.method === 'HEAD') this.#dropTransforms();
    try {
      this.#response.start(status, this.headFields(), this.responseReason);
    } catch (error) {
      this.#reopen();
      throw error;
    }
    if (this.#phase === 'open') this.#phase = 'started';
    this.#isHeadClosed = true;
  }

  #writePart(): Promise<void> {
    const body = this.responseBody.take();
    if (this.#transforms !== undefined) return this.#transforms.write(this.#response, body);
    return body.length > 0 ? this.#response.write(body) : settled;
  }

  /** Runs the middlewares and sends the body. */
  #finishCollected(): Promise<void> {
    this.#phase = 'finished';
    try {
      const ran = this.#runMiddleware();
      const sent = ran === undefined ? this.#sendCollected() : ran.then(() => this.#sendCollected());
      return sent === undefined ? settled : harmless(sent.catch((error: unknown) => this.#fail(error)));
    } catch (error) {
      this.#reopen();
      throw error;
    }
  }

  #sendCollected(): Promise<void> | undefined {
    const body = this.responseBody.take();
    this.#changeFields();
    if (this.#transforms === undefined || isBodyless(this.getStatus())) {
      // The middlewares can have changed the status.
      this.#send(isBodyless(this.getStatus()) ? '' : body);
      return undefined;
    }
    // The length of the transformed body is not known without the work.
    if (this.request.method === 'HEAD') {
      this.#send('');
      return undefined;
    }
    const bytes = this.#transforms.whole(body);
    if (isThenable(bytes)) return bytes.then((changed) => this.#send(changed));
    this.#send(bytes);
    return undefined;
  }

  #send(body: string | Uint8Array): void {
    if (this.#isAborted) return;
    const status = this.getStatus();
    if (isBodyless(status)) this.responseFields = withoutFields(this.responseFields, contentNames);
    // A `head` that wrote nothing does not know the length and the tag of the body of `get`.
    const omitsBody = status === 304 || (body.length === 0 && this.request.method === 'HEAD');
    this.#response.send(status, this.headFields(), omitsBody ? undefined : body, this.responseReason);
    this.#dropTransforms();
    this.#phase = 'finished';
    this.#isHeadClosed = true;
    this.afterFinish();
  }

  /** Nobody else may wait for the response any more, so the error page is sent from here. */
  async #fail(error: unknown): Promise<void> {
    if (this.#isAborted) return;
    this.#reopen();
    await this.sendFailure(error);
  }

  /** Allows another response after one that was not sent, without the transforms, which may have begun. */
  #reopen(): void {
    this.#dropTransforms();
    this.#phase = 'open';
  }

  #runMiddleware(): Promise<void> | undefined {
    const run = this.#middleware;
    if (run === undefined) return undefined;
    this.#middleware = undefined;
    this.#fieldsBefore = this.responseFields;
    return run((error) => this.#collectErrorPage(error));
  }

  #collectErrorPage(error: unknown): Promise<void> | undefined {
    if (this.#isAborted) return undefined;
    this.#phase = 'open';
    this.#errorPage = 'collecting';
    const end = (): void => {
      this.#phase = 'finished';
      this.#errorPage = 'complete';
      this.#isWhole = true;
    };
    const written = this.writeFailure(error);
    if (written !== undefined) return written.then(end);
    end();
    return undefined;
  }

  #changeFields(): void {
    if (this.#transforms !== undefined) this.responseFields = this.#transforms.changeFields(this.responseFields);
  }

  #dropTransforms(): void {
    this.#transforms?.cancel();
    this.#transforms = undefined;
  }

  #tooLate(method: string): GaleError {
    if (this.#phase === 'upgraded') {
      return new GaleError('WEB_UPGRADED', `${method}() was called after the upgrade to a WebSocket.`);
    }
    const state = this.#phase === 'finished' ? 'the response was finished' : 'flush() sent the head';
    const advice = this.#isHeadClosed
      ? ''
      : '; processResponse can change status, headers, and bytes by transformBody()';
    return new GaleError('WEB_RESPONDED', `${method}() was called after ${state}${advice}.`);
  }
}

/** What `finish` and `flush` return if nothing is to be awaited. */
export const settled: Promise<void> = Promise.resolve();

/** Whether a response with this status has no body. */
export function isBodyless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** Marks rejections of the promise as handled. */
export function harmless(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
