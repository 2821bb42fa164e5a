/**
 * The preconditions and the entity tag of a response (RFC 9110 §13, §8.8.3). Abstract, between {@link HeadBuilder} and
 * {@link ResponseSender}; conditional-request.ts evaluates the conditions.
 */
import {
  endOf,
  evaluateConditions,
  evaluateResponse,
  isReading,
  isWriting,
  toCurrentVersion,
} from './conditional-request.ts';
import { entityTagOf } from './entity-tag.ts';
import { emptyBody } from './response-body.ts';
import { HeadBuilder, stateOf } from './head-builder.ts';

/** A head whose response can be conditional. */
export abstract class ConditionalHead extends HeadBuilder {
  /**
   * Checks the preconditions of the request (RFC 9110 §13) against the current version of the resource. Call it in a verb that
   * writes, after the checks that lead to 403 or 404 and before the change, so that nobody overwrites a version they have not
   * seen. In one transaction with the change no other write can come between.
   *
   * In GET and HEAD it saves work: it sets ETag and Last-Modified, and ends the request with 304 if the client has this version.
   * Without the call they are compared when the response is complete, or at the first `flush`.
   *
   * @param current - The version before the change; empty if there is none.
   * @throws {@link HttpError} 412 if the client requires another version (If-Match, If-Unmodified-Since), or none, such as
   *   `If-None-Match: *` for a resource that exists. {@link Finish} for 304.
   * @throws {@link GaleError} `WEB_HEADER` if `etag` is not in double quotes or `lastModified` is not a valid Date.
   * @example
   * async put({ id }: { id: string }) {
   *   const story = await stories.find(id);
   *   this.checkPreconditions({ etag: story && `"${story.version}"`, lastModified: story?.changedAt });
   *   await stories.save(id, await this.readBytes());
   * }
   */
  checkPreconditions(
    current: {
      /** Its entity tag, with the quotes: `"v1"`, or `W/"v1"` if versions with one tag may differ in their bytes. */
      readonly etag?: string | undefined;
      /** Its last change. HTTP compares whole seconds. */
      readonly lastModified?: Date | undefined;
      /** Whether there is a version. @defaultValue whether there is an `etag` or `lastModified` */
      readonly exists?: boolean | undefined;
    } = {},
  ): void {
    this.assertHeadOpen('checkPreconditions');
    const version = toCurrentVersion(current.etag, current.lastModified, current.exists);
    const { method, headers, isConditional } = this.request;
    if (isReading(method)) {
      // Without a version the response will be an error, which takes precedence (RFC 9110 §13.2.1).
      if (!version.exists) return;
      if (current.etag !== undefined) this.setHeader('Etag', current.etag);
      if (current.lastModified !== undefined) this.setHeader('Last-Modified', current.lastModified);
    } else if (!isWriting(method)) return;
    stateOf(this).hasCheckedPreconditions = true;
    const result = isConditional ? evaluateConditions(method, headers, version) : 'perform';
    if (result === 'unchanged') {
      this.setStatus(304);
      stateOf(this).body = emptyBody;
    }
    const end = endOf(result);
    if (end !== undefined) throw end;
  }

  /** Whether {@link ConditionalHead.checkPreconditions} was called and applied to the method. @internal */
  get hasCheckedPreconditions(): boolean {
    return stateOf(this).hasCheckedPreconditions;
  }

  /**
   * Computes the ETag of a response to GET or HEAD with status 200 that has none and was not flushed.
   *
   * @returns The quoted tag. Override it to return `undefined` for responses without a tag.
   */
  computeEtag(body: string | Uint8Array): string | undefined {
    return entityTagOf(body);
  }

  /**
   * Compares the preconditions of GET or HEAD with the ETag and Last-Modified of this response, unless it is an error, the
   * handler did so by `checkPreconditions`, or this was called before with the result `perform`.
   *
   * @returns `perform`: send the response; `unchanged`: send 304; `failed`: send 412.
   */
  protected evaluatePreconditions(): 'perform' | 'unchanged' | 'failed' {
    const exchange = stateOf(this);
    const { isConditional, method } = exchange.request;
    if (!isConditional || exchange.hasCheckedPreconditions || exchange.status > 299 || !isReading(method))
      return 'perform';
    const result = evaluateResponse(exchange.request, exchange.fields);
    if (result === 'perform') exchange.hasCheckedPreconditions = true;
    return result;
  }
}
