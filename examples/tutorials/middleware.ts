/**
 * Middleware (tutorial 3). The tutorial calls `process_request` in `prepare` and `process_response` in `finish`; here it is the setting
 * `middleware`, which also runs around error pages. The terminal shows the order.
 */
import { Application, RequestHandler, type Middleware, type Settings } from 'gale';

class Logged implements Middleware {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** Before the handler, in the order of the list. */
  processRequest(): void {
    console.log(`before the request: ${this.#name}`);
  }

  /** Before the response is sent, in reverse order. */
  processResponse(handler: RequestHandler): void {
    console.log(`before the response: ${this.#name}, status ${handler.getStatus()}`);
    handler.addHeader('X-Passed', this.#name);
  }
}

/** Responds instead of the handler. */
class Closed implements Middleware {
  async processRequest(handler: RequestHandler): Promise<void> {
    if (handler.getQueryArgument('closed', null) === null) return;
    handler.setStatus(503);
    await handler.finish('closed\n');
  }
}

class Index extends RequestHandler {
  get(): string {
    console.log('get');
    return 'hhhhhhhh\n';
  }

  post(): string {
    console.log('post');
    return 'post\n';
  }
}

/** `/index/`, and `/index/?closed`, to which a middleware responds. */
export function createMiddleware(settings: Settings): Application {
  return new Application([['/index/', Index]], {
    ...settings,
    middleware: [new Logged('ware1'), new Closed(), new Logged('ware2')],
  });
}
