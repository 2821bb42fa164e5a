/**
 * A response until it is sent: its status, headers and body, and how far it is. It passes itself to the connection, as the head of a stream
 * or whole; the handler decides when.
 */
import { GaleError, type ErrorCode } from '../errors.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import { BodyTransforms, type BodyTransform } from './body-transform.ts';
import { contentNames, defaultFields, withoutFields, type HeaderField } from './header-fields.ts';
import type { ResponseMiddleware } from './middleware/response-middleware.ts';
import { emptyBody, joinChunks, type ResponseBody } from './response-body.ts';

/** Progress of a response. */
export type ResponsePhase = 'open' | 'started' | 'finished' | 'upgraded';

/**
 * {@link ResponsePhase} with what the sender also needs to know. `starting` and `finishing`: after `flush` or `finish`, while middlewares and
 * transforms run and the head can still change. `aborted` is final.
 */
export type ResponseProgress = ResponsePhase | 'starting' | 'finishing' | 'aborted';

/** State of one response. */
export abstract class ResponseState {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  status = 200;
  /** Reason phrase that was set. */
  reason: string | undefined = undefined;
  /** Headers without cookies. */
  fields: readonly HeaderField[] = defaultFields;
  /** Values of Set-Cookie by the names of the cookies. */
  cookies: Map<string, string> | undefined = undefined;
  /** Chunks that are not sent yet. */
  body: ResponseBody = emptyBody;
  transforms: BodyTransforms | undefined = undefined;
  /** The middlewares of the request, if one of them has a `processResponse`. */
  middleware: ResponseMiddleware | undefined = undefined;
  progress: ResponseProgress = 'open';

  constructor(request: HttpRequest, response: HttpResponse) {
    this.request = request;
    this.response = response;
  }

  get phase(): ResponsePhase {
    switch (this.progress) {
      case 'starting':
        return 'started';
      case 'finishing':
      case 'aborted':
        return 'finished';
      default:
        return this.progress;
    }
  }

  /** Whether status and headers can still change. */
  get isHeadOpen(): boolean {
    const { progress } = this;
    return progress === 'open' || progress === 'starting' || progress === 'finishing';
  }

  /** The headers with the cookies. */
  get allFields(): readonly HeaderField[] {
    if (this.cookies === undefined) return this.fields;
    return [...this.fields, ...[...this.cookies.values()].map((cookie) => ['Set-Cookie', cookie] as const)];
  }

  /** Sets any status, 101 included, with its own reason phrase. */
  replaceStatus(status: number): void {
    this.status = status;
    this.reason = undefined;
  }

  /** Returns the chunks so far as one, and forgets them. */
  takeBody(): string | Uint8Array {
    const body = joinChunks(this.body);
    this.body = emptyBody;
    return body;
  }

  addTransform(transform: BodyTransform): void {
    this.transforms ??= new BodyTransforms((error) => this.logTransformError(error));
    this.transforms.add(transform);
  }

  /** Logs the error of a transform that was cancelled. */
  protected abstract logTransformError(error: unknown): void;

  dropTransforms(): void {
    this.transforms?.cancel();
    this.transforms = undefined;
  }

  /** Adapts the headers to the transforms, before they are sent. */
  changeFields(): void {
    if (this.transforms !== undefined) this.fields = this.transforms.changeFields(this.fields);
  }

  /** Allows another response after one that was not sent, without its transforms, which may have begun. */
  reopen(): void {
    this.dropTransforms();
    if (this.progress !== 'aborted') this.progress = 'open';
  }

  /** Sends the head of a response whose body follows in parts. */
  sendHead(): void {
    this.changeFields();
    if (isBodyless(this.status)) this.fields = withoutFields(this.fields, contentNames);
    if (isBodyless(this.status) || this.request.method === 'HEAD') this.dropTransforms();
    try {
      this.response.start(this.status, this.allFields, this.reason);
    } catch (error) {
      this.reopen();
      throw error;
    }
    this.progress = this.progress === 'finishing' ? 'finished' : 'started';
  }

  /**
   * Sends the whole response, unless it was aborted.
   *
   * @returns Whether it was sent, so that `afterFinish` is due.
   */
  sendWhole(body: string | Uint8Array): boolean {
    if (this.progress === 'aborted') return false;
    const { status } = this;
    if (isBodyless(status)) this.fields = withoutFields(this.fields, contentNames);
    // A `head` that wrote nothing does not know the length and the tag of the body of `get`.
    const omitsBody = status === 304 || (body.length === 0 && this.request.method === 'HEAD');
    const sent = omitsBody ? undefined : body;
    try {
      this.response.send(status, this.allFields, sent, this.reason);
    } catch (error) {
      if (status < 500 || !isHeadRefused(error)) throw error;
      // The error page of a head that was refused: cookies, default headers and those of middlewares are there again.
      this.fields = this.fields.filter(([name]) => name.toLowerCase() === 'content-type');
      this.cookies = undefined;
      this.response.send(status, this.allFields, sent);
    }
    this.dropTransforms();
    this.progress = 'finished';
    return true;
  }
}

/** Whether the head is too large, or describes another body, so that nothing was sent. */
function isHeadRefused(error: unknown): boolean {
  return error instanceof GaleError && refusedHead.includes(error.code);
}

const refusedHead: readonly string[] = [
  'HTTP_RESPONSE_HEAD_TOO_LARGE',
  'HTTP_RESPONSE_HEADER',
  'HTTP_RESPONSE_LENGTH',
] satisfies readonly ErrorCode[];

/** Whether a response with this status has no body. */
export function isBodyless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** What `finish` and `flush` return if nothing is to be awaited. */
export const settled: Promise<void> = Promise.resolve();

/** Marks rejections of the promise as handled. */
export function harmless(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
