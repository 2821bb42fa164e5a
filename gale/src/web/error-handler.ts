/** Responds to every method with an error page. The default for requests that no route matches. */
import { GaleError } from '../errors.ts';
import { assertNames, showValue } from '../run/given-options.ts';
import { RequestHandler } from './handler.ts';
import { unknownMethod } from './handler-plan.ts';
import { HttpError } from './http-error.ts';

/** The `init` of a route to {@link ErrorHandler}. */
export interface ErrorInit {
  readonly status: number;
  /** What is wrong with the request, for the client. @defaultValue none */
  readonly detail?: string;
}

/** Responds with a fixed status, before any other step. Without `init` it is 404, or 501 for a method that no handler has. */
export class ErrorHandler extends RequestHandler<unknown, ErrorInit | undefined> {
  static override readonly usesSession: boolean = false;

  /** @throws {@link GaleError} `WEB_ROUTE` if the status is not one of an error. */
  static override assertInit(init: ErrorInit | undefined): void {
    if (init === undefined) return;
    // A subclass may have more.
    if (this === ErrorHandler) assertNames(this.name, init, ['status', 'detail']);
    const { status, detail }: { readonly status?: unknown; readonly detail?: unknown } = init ?? {};
    if (detail !== undefined && typeof detail !== 'string') {
      throw new GaleError('WEB_ROUTE', `detail must be a string; got ${showValue(detail)}.`);
    }
    if (Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599) return;
    throw new GaleError('WEB_ROUTE', `status must be an integer from 400 to 599; got ${showValue(status)}.`);
  }

  override initialize(): void {
    const { method } = this.request;
    if (this.init === undefined && !this.application.knowsMethod(method)) throw unknownMethod(method);
    const detail = this.init?.detail;
    throw new HttpError(this.init?.status ?? 404, undefined, detail === undefined ? {} : { problem: { detail } });
  }
}
