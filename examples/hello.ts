/** One handler that answers one line. */
import { Application, RequestHandler, type Settings } from 'gale';

class Hello extends RequestHandler {
  get(): void {
    this.setHeader('content-type', 'text/plain; charset=utf-8');
    this.write('Hello, world!');
  }
}

/** GET `/` answers `Hello, world!`. */
export function createHello(settings: Settings): Application {
  return new Application([['/', Hello]], settings);
}
