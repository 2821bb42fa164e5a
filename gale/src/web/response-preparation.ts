/**
 * The steps of a response before it is sent, if it has middlewares or transforms: `processResponse` of all middlewares runs once, and the
 * body passes through the transforms. response-sender.ts creates this object only for such a response.
 */
import { isThenable } from '../http/thenable.ts';
import { contentNames, withoutFields, type HeaderField } from './header-fields.ts';
import { Finish } from './http-error.ts';
import { ResponseSteps } from './middleware/response-step.ts';
import { emptyBody, withBytes } from './response-body.ts';
import { harmless, isBodyless, settled, type ResponseState } from './response-state.ts';

/** What a preparation needs of its handler. */
export interface PreparedHandler {
  /** The handler itself, for the middlewares. */
  readonly handler: object;
  /** The response is complete. */
  afterFinish(): void;
  /** Logs the error of a middleware and writes the error page with status 500. Never throws. */
  writeFailure(error: unknown): Promise<void> | undefined;
  /** Sends the error page for a response that failed after `finish` had returned. Never rejects. */
  sendFailure(error: unknown): Promise<void>;
}

/** The steps of one response. */
export class ResponsePreparation {
  /** Resolves when the middlewares of a stream have run and its head was sent; undefined if nobody needs to wait. */
  opening: Promise<void> | undefined;
  readonly #response: ResponseState;
  readonly #handler: PreparedHandler;
  #isRunning = false;
  /** The middlewares, if the response is a stream. */
  #steps: ResponseSteps | undefined;
  /** The headers before `processResponse`, once it has begun. */
  #fieldsBefore: readonly HeaderField[] | undefined;
  #isWhole = false;
  #errorPage: 'none' | 'collecting' | 'complete' = 'none';

  constructor(response: ResponseState, handler: PreparedHandler) {
    this.#response = response;
    this.#handler = handler;
  }

  /** Whether `processResponse` has begun to run. */
  get hasRun(): boolean {
    return this.#fieldsBefore !== undefined;
  }

  /** Whether the chunks so far are the whole body. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether the error page for a failed middleware is written: its `finish` and `flush` send nothing. */
  get isCollecting(): boolean {
    return this.#errorPage === 'collecting';
  }

  /** Whether `processResponse` is the caller, which must not send another response. */
  get isInMiddleware(): boolean {
    if (this.#isRunning && this.#response.progress === 'finishing') return true;
    return this.#steps?.isCaller === true;
  }

  /** The headers that `processResponse` has set so far. */
  addedFields(): readonly HeaderField[] {
    const before = this.#fieldsBefore;
    return before === undefined ? [] : this.#response.fields.filter((field) => !before.includes(field));
  }

  /** Adds headers of `processResponse` to those of a new response, since it runs once. Those of the previous body are left out. */
  restoreFields(added: readonly HeaderField[]): void {
    if (this.#fieldsBefore === undefined) return;
    const { fields } = this.#response;
    this.#fieldsBefore = fields;
    const kept = withoutFields(added, [...contentNames, 'etag', 'last-modified']);
    const names = kept.map(([name]) => name.toLowerCase());
    this.#response.fields = [...withoutFields(fields, names), ...kept];
  }

  /** Runs the middlewares and sends the head of a stream. {@link ResponsePreparation.opening} is set if that takes longer. */
  open(): void {
    this.#response.progress = 'starting';
    this.#steps = new ResponseSteps();
    const ran = this.#runMiddleware();
    const opening = ran === undefined ? this.#startOrEnd() : ran.then(() => this.#startOrEnd());
    if (opening !== undefined) this.opening = harmless(opening);
  }

  /** Runs the middlewares, then sends the whole response. */
  finish(body: string | Uint8Array): Promise<void> {
    this.#response.body = typeof body === 'string' ? body : withBytes(emptyBody, body);
    this.#isWhole = true;
    return this.#finishCollected();
  }

  /** Runs the middlewares, then `accept`. If one fails or changes the status, its response is sent instead. */
  upgrade(accept: () => void): void {
    this.#response.replaceStatus(101);
    this.#response.progress = 'finishing';
    const ran = this.#runMiddleware();
    if (ran === undefined) return this.#endUpgrade(accept);
    ran.then(() => this.#endUpgrade(accept)).catch((error: unknown) => void this.fail(error));
  }

  /** Sends the error page. Nobody else may wait for the response any more. Never rejects. */
  async fail(error: unknown): Promise<void> {
    if (this.#response.progress === 'aborted') return;
    this.#response.reopen();
    await this.#handler.sendFailure(error);
  }

  #endUpgrade(accept: () => void): void {
    if (this.#response.status === 101 && this.#response.progress !== 'aborted') {
      this.#response.reopen();
      return accept();
    }
    this.#isWhole = true;
    void this.#finishCollected();
  }

  /** Sends the head of a stream. If a middleware failed, sends its error page and ends the verb. */
  #startOrEnd(): Promise<void> | undefined {
    if (this.#response.progress === 'aborted') return Promise.reject(new Finish());
    if (this.#errorPage === 'none') {
      this.#response.sendHead();
      return undefined;
    }
    return this.#finishCollected().then(() => {
      throw new Finish();
    });
  }

  /** Runs the middlewares and sends the body. */
  #finishCollected(): Promise<void> {
    this.#markFinishing();
    try {
      const ran = this.#runMiddleware();
      const sent = ran === undefined ? this.#sendCollected() : ran.then(() => this.#sendCollected());
      return sent === undefined ? settled : harmless(sent.catch((error: unknown) => this.fail(error)));
    } catch (error) {
      this.#response.reopen();
      throw error;
    }
  }

  #sendCollected(): Promise<void> | undefined {
    const response = this.#response;
    const body = response.takeBody();
    response.changeFields();
    // The middlewares can have changed the status.
    const hasNoBody = isBodyless(response.status);
    // The length of the transformed body is not known without the work.
    const isHead = response.transforms !== undefined && response.request.method === 'HEAD';
    if (response.transforms === undefined || hasNoBody || isHead) {
      this.#send(hasNoBody || isHead ? '' : body);
      return undefined;
    }
    const bytes = response.transforms.whole(body);
    if (isThenable(bytes)) return bytes.then((changed) => this.#send(changed));
    this.#send(bytes);
    return undefined;
  }

  #send(body: string | Uint8Array): void {
    if (this.#response.sendWhole(body)) this.#handler.afterFinish();
  }

  #runMiddleware(): Promise<void> | undefined {
    const { middleware } = this.#response;
    if (middleware === undefined || this.hasRun) return undefined;
    this.#fieldsBefore = this.#response.fields;
    this.#isRunning = true;
    const { handler } = this.#handler;
    const ran = middleware.processResponse(handler, (error) => this.#collectErrorPage(error), this.#steps);
    if (ran !== undefined) return ran.then(() => this.#endMiddleware());
    this.#endMiddleware();
    return undefined;
  }

  #endMiddleware(): void {
    this.#isRunning = false;
  }

  #collectErrorPage(error: unknown): Promise<void> | undefined {
    if (this.#response.progress === 'aborted') return undefined;
    this.#response.progress = 'open';
    this.#errorPage = 'collecting';
    const end = (): void => {
      this.#markFinishing();
      this.#errorPage = 'complete';
      this.#isWhole = true;
    };
    const written = this.#handler.writeFailure(error);
    if (written !== undefined) return written.then(end);
    end();
    return undefined;
  }

  #markFinishing(): void {
    if (this.#response.progress !== 'aborted') this.#response.progress = 'finishing';
  }
}
