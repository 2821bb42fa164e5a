/** Stands in for a handler whose constructor threw, so that the middlewares and the error page still run. */
import { RequestHandler, type ErrorDetails } from './handler.ts';

/** A handler with no more than the error page. */
export class UncreatedHandler extends RequestHandler {
  override sendError(_status: number, details?: ErrorDetails): Promise<void> {
    return super.sendError(500, details);
  }

  override logException(error: unknown): void {
    const { method, path } = this.request;
    this.log.error({ err: error, method, path }, 'A handler cannot be created');
  }
}
