/**
 * Sends a response: whole, or in parts. Abstract, below {@link ResponseBuilder}. If no middleware and no transform has
 * anything to do, a whole response is sent in one call, synchronously; else response-preparation.ts runs them.
 */
import type { BodyTransform } from './body-transform.ts';
import { ConditionalHead } from './conditional-head.ts';
import { stateOf } from './head-builder.ts';
import { defaultFields } from './header-fields.ts';
import { byteLengthOf, emptyBody } from './response-body.ts';
import type { ExchangeState } from './exchange-state.ts';
import { ResponsePreparation } from './response-preparation.ts';
import { harmless, settled } from './response-state.ts';

/** A response on its way to the client. */
export abstract class ResponseSender extends ConditionalHead {
  /**
   * Resets status, headers and body. Cookies stay, so that an error page does not undo a logout. Headers that middlewares set in
   * `processResponse` stay too, since it runs once.
   */
  clear(): void {
    this.assertHeadOpen('clear');
    const exchange = stateOf(this);
    const { preparation } = exchange;
    exchange.dropTransforms();
    exchange.body = emptyBody;
    exchange.replaceStatus(200);
    const added = preparation?.addedFields() ?? [];
    exchange.fields = defaultFields;
    this.setDefaultHeaders();
    preparation?.restoreFields(added);
  }

  /** Override to set headers of every response of this handler, error pages included. */
  setDefaultHeaders(): void {}

  /** Length of the body in bytes, for `processResponse`. Undefined if only the first part of the body is known, and before. */
  get wholeBodyBytes(): number | undefined {
    const { body, preparation } = stateOf(this);
    return preparation?.isWhole === true ? byteLengthOf(body) : undefined;
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
    stateOf(this).addTransform(transform);
  }

  /** Resets the connection, so that a response whose head was sent does not look complete. */
  abort(): void {
    const exchange = stateOf(this);
    exchange.progress = 'aborted';
    exchange.dropTransforms();
    exchange.response.destroy();
    this.afterFinish();
  }

  /** The steps of this response, created on first use. @internal */
  protected get preparation(): ResponsePreparation {
    const exchange = stateOf(this);
    exchange.preparation ??= new ResponsePreparation(exchange, {
      handler: this,
      afterFinish: () => this.afterFinish(),
      writeFailure: (error) => this.writeFailure(error),
      sendFailure: (error) => this.sendFailure(error),
    });
    return exchange.preparation;
  }

  /** Called once, when the response is complete or aborted. */
  protected abstract afterFinish(): void;

  /** Logs the error of a middleware and writes the error page with status 500. Never throws. @internal */
  protected abstract writeFailure(error: unknown): Promise<void> | undefined;

  /** Sends the error page for a response that failed after `finish` had returned. Never rejects. @internal */
  protected abstract sendFailure(error: unknown): Promise<void>;

  /** Sends the head, if it is not sent yet, and the body so far. @internal */
  protected sendPart(): Promise<void> {
    const exchange = stateOf(this);
    if (exchange.progress === 'open') {
      if (hasMiddlewareWork(this, exchange)) this.preparation.open();
      else exchange.sendHead();
    }
    const write = (): Promise<void> => {
      const body = exchange.takeBody();
      const { response, transforms } = exchange;
      if (transforms !== undefined) return transforms.write(response, body);
      return body.length > 0 ? response.write(body) : settled;
    };
    const opening = exchange.preparation?.opening;
    return opening === undefined ? write() : harmless(opening.then(write));
  }

  /** Sends the rest of a stream. @internal */
  protected async finishStarted(): Promise<void> {
    const exchange = stateOf(this);
    const { preparation, response } = exchange;
    exchange.progress = exchange.progress === 'starting' ? 'finishing' : 'finished';
    try {
      await preparation?.opening;
    } catch (error) {
      // Closed: the response is complete, since a middleware failed, or it was aborted.
      return exchange.isHeadOpen ? preparation?.fail(error) : undefined;
    }
    try {
      const body = exchange.takeBody();
      if (exchange.transforms !== undefined) await exchange.transforms.end(response, body);
      else {
        if (body.length > 0) await response.write(body);
        await response.end();
      }
    } catch (error) {
      // A transform that failed leaves an incomplete body.
      exchange.dropTransforms();
      response.destroy();
      throw error;
    } finally {
      this.afterFinish();
    }
  }

  /** Sends a response whose whole body is known. @internal */
  protected finishWhole(body: string | Uint8Array): Promise<void> {
    const exchange = stateOf(this);
    if (exchange.transforms !== undefined || hasMiddlewareWork(this, exchange)) {
      return this.preparation.finish(body);
    }
    if (exchange.sendWhole(body)) this.afterFinish();
    return settled;
  }

  /**
   * Runs the middlewares before a 101, then `accept`. If a middleware fails or changes the status, its response is sent instead.
   *
   * @param accept - Sends the 101 and calls `beginUpgrade`. May throw.
   * @internal
   */
  protected upgradeBy(accept: () => void): void {
    if (hasMiddlewareWork(this, stateOf(this))) this.preparation.upgrade(accept);
    else accept();
  }

  /** Ends the HTTP part of the connection: later calls that change or send the response throw. */
  protected beginUpgrade(): void {
    this.assertHeadOpen('upgrade');
    const exchange = stateOf(this);
    exchange.replaceStatus(101);
    exchange.progress = 'upgraded';
  }
}

/** Whether a `processResponse` is to run before the head. */
function hasMiddlewareWork(handler: ResponseSender, { middleware, preparation }: ExchangeState): boolean {
  return middleware !== undefined && preparation?.hasRun !== true && middleware.hasResponseWork(handler);
}
