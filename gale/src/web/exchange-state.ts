/**
 * What a handler knows about its request and its response. A handler has this one field: handlers are objects of many classes, whose fields
 * are slow to create and to read, and the state is always of one class. Parts that few requests need are created on first use.
 */
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import type { EventStream } from './events/event-stream.ts';
import type { ResolvedHandlerSettings } from './handler-settings.ts';
import { ReadRequest } from './read-request.ts';
import type { ResponsePreparation } from './response-preparation.ts';
import { ResponseState } from './response-state.ts';

/** The application of a handler, as the state needs it. */
export interface ExchangeApplication {
  readonly settings: ResolvedHandlerSettings;
}

/** State of one request and its response. */
export class ExchangeState extends ResponseState {
  readonly application: ExchangeApplication;
  readonly settings: ResolvedHandlerSettings;
  /** The `init` of the route. */
  init: unknown = undefined;
  /** Arguments of the verb. */
  pathArguments: readonly unknown[] = noArguments;
  /** Whether `initialize` has run, so that the middlewares run and the session can be loaded. */
  isInitialized = false;
  /** What was read of the request; {@link ExchangeState.read} creates it. */
  wasRead: ReadRequest | undefined = undefined;
  /** The signed-in user. */
  user: unknown = undefined;
  /** The call of `getCurrentUser`; `settled` if the user is known. */
  userLoad: Promise<void> | undefined = undefined;
  /** Whether `checkPreconditions` was called and applied to the method, or the response needs no further check. */
  hasCheckedPreconditions = false;
  /** Whether `sendError` has begun to send an error page. */
  isSendingError = false;
  /** The steps of a response with middlewares or transforms. */
  preparation: ResponsePreparation | undefined = undefined;
  /** The stream of server-sent events. */
  events: EventStream | undefined = undefined;

  constructor(application: ExchangeApplication, request: HttpRequest, response: HttpResponse) {
    super(request, response);
    this.application = application;
    this.settings = application.settings;
  }

  protected override logTransformError(error: unknown): void {
    const { id: requestId, path } = this.request;
    this.settings.log.error({ err: error, requestId, path }, 'A transform failed in cancel');
  }

  /** Drops what an open WebSocket does not need: the steps of its response, and parsed cookies and arguments, which a later use parses again. */
  forgetHandshake(): void {
    this.preparation = undefined;
    // The outputs of schemas are kept, since they may have come from the body.
    if (this.wasRead?.validated === undefined) this.wasRead = undefined;
  }

  /** What was read of the request. */
  get read(): ReadRequest {
    return (this.wasRead ??= new ReadRequest(this.request, this.settings));
  }
}

const noArguments: readonly unknown[] = Object.freeze([]);
