/**
 * Gale with many routes: a text `/`, and `/section-N/items/:id`, all with `Hello, world!`. The requested section is the last. It uses
 * only the exports of the package. `node gale-routes.ts --port=N --routes=10 --handlers=class`.
 */
import { Application, RequestHandler, type Route } from 'gale';

const [port, routes, handlers] = process.argv.slice(2).map((word) => word.split('=')[1]);

class Hello extends RequestHandler {
  get(): void {
    this.setHeader('content-type', 'text/plain; charset=utf-8');
    this.write('Hello, world!');
  }
}

function hello(_params: object, handler: RequestHandler): string {
  handler.setHeader('content-type', 'text/plain; charset=utf-8');
  return 'Hello, world!';
}

const handler = handlers === 'class' ? Hello : hello;
const sections = Array.from({ length: Number(routes) - 1 }, (_, index) => index + 1).toReversed();
const application: Application = new Application([
  ...sections.map((section): Route => [`/section-${section}/items/:id`, handler]),
  ['/', handler],
]);
await application.listen(Number(port), '127.0.0.1');
