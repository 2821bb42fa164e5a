/** Responds to every method with an error page. The default for requests that no route matches. */
import { RequestHandler } from './handler.ts';
import { unknownMethod } from './handler-plan.ts';
import { HttpError } from './http-error.ts';

/** The `init` of a route to {@link ErrorHandler}. */
export interface ErrorInit {
  readonly status: number;
}

/** Responds with a fixed status, before any other step. Without `init` it is 404, or 501 for a method that no handler has. */
export class ErrorHandler extends RequestHandler<unknown, ErrorInit | undefined> {
  override initialize(): void {
    const { method } = this.request;
    if (this.init === undefined && !this.application.knowsMethod(method)) throw unknownMethod(method);
    throw new HttpError(this.init?.status ?? 404);
  }
}
