/** Answers every method with one error page; the default for what no route matches. */
import { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';

/** Answers with a fixed status, before anything else is looked at. */
export class ErrorHandler extends RequestHandler {
  /** @param init - The status; 404 if it is left out. */
  override initialize(init?: { readonly status: number }): void {
    throw new HttpError(init?.status ?? 404);
  }
}
