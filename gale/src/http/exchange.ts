/**
 * One request and its response on a connection, from the head of the request until both are complete. It holds what is known about this
 * pair only; the connection makes one for each request and drops it afterwards.
 */
import type { GaleError } from '../errors.ts';
import type { RequestBody } from './body.ts';
import type { RequestHead } from './protocol/request-head.ts';
import { HttpRequest } from './request.ts';
import type { RequestOwner } from './request.ts';
import { HttpResponse } from './response.ts';
import type { ResponseChannel } from './response.ts';

/** State of one request and its response. */
export class Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** The body of the request, if it has one. */
  readonly body: RequestBody | undefined;
  /** When the head was complete, by `performance.now`; 0 without an access log. */
  readonly beganAt: number;
  /** Whether the last byte of the request has arrived. */
  requestEnded = false;
  /** Whether the connection stays open after the response; meaningful once the response is complete. */
  keepAlive = false;
  /** Whether the client still waits for `100 Continue`. */
  owesContinue: boolean;
  /** Whether the handler reads the body. */
  isBodyWanted = false;

  constructor(connection: RequestOwner & ResponseChannel, head: RequestHead, beganAt: number) {
    this.request = new HttpRequest(connection, head);
    this.response = new HttpResponse(connection, this.request);
    this.body = head.declaredBytes === 0 ? undefined : this.request.body;
    this.owesContinue = head.expectsContinue;
    this.beganAt = beganAt;
  }

  /** Whether the rest of the body has at most `maxBytes`, so that reading and dropping it costs less than a new connection. */
  canDropBody(maxBytes: number): boolean {
    const { body } = this;
    if (body === undefined || body.isComplete) return true;
    // A client that waits for 100 Continue may send the body or not.
    return (
      !this.owesContinue && body.declaredBytes !== undefined && body.declaredBytes - body.receivedBytes <= maxBytes
    );
  }

  /**
   * Ends the exchange because the client has gone.
   *
   * @returns Whether the response was not complete.
   */
  abort(error: GaleError): boolean {
    this.body?.fail(error);
    this.body?.release();
    if (this.response.finished) return false;
    this.request.abort(error);
    return true;
  }
}
