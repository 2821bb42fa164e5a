/** One handler that responds with one line. */
import { Application, RequestHandler, type Settings } from 'gale';

class Hello extends RequestHandler {
  get(): void {
    this.setHeader('content-type', 'text/plain; charset=utf-8');
    this.write('Hello, world!');
  }
}

/** GET `/` responds with `Hello, world!`. */
export function createHello(settings: Settings): Application {
  return new Application([['/', Hello]], settings);
}
