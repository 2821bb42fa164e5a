/** Routes (tutorial 2): arguments of the path, a group, a host, and URLs that are built from names. */
import { Application, group, RequestHandler, type Settings } from 'gale';

/** Tornado: `MainHandler` at `/index/` and `/index/(\d+)`. */
class Index extends RequestHandler {
  get(id?: string): void {
    this.setHeader('Content-Type', 'text/plain; charset=utf-8');
    this.write(`index ${id ?? 'without an id'}\n`);
    // Tornado: self.application.reverse_url('name1'), reverse_url('name2', 666)
    this.write(`name1 is ${this.reverseUrl('name1')}, name2 with 666 is ${this.reverseUrl('name2', 666)}\n`);
  }
}

class OfHost extends RequestHandler {
  get(id: string): void {
    this.setHeader('Content-Type', 'text/plain; charset=utf-8');
    this.write(`index ${id} of ${this.request.host}\n`);
  }
}

/** `/index/`, `/index/7`, the group `/stories`, and for the host admin.localhost another `/index/7`. */
export function createRoutes(settings: Settings): Application {
  const app = new Application(
    [
      // A regular expression matches the whole path: ^ and $ are not needed. Its groups are the arguments of the verb, in order.
      [/\/index\//, Index, { name: 'name1' }],
      [/\/index\/(\d+)/, Index, { name: 'name2' }],
      // Not in Tornado: routes with a common beginning, and functions as handlers. :id is one segment of the path.
      ...group('/stories', { name: 'stories' }, [
        ['/', (_, handler) => `The first story is at ${handler.reverseUrl('stories.one', 1)}\n`, { name: 'all' }],
        ['/:id', ({ id }) => `story ${id}\n`, { name: 'one' }],
      ]),
    ],
    settings,
  );
  // Tornado: app.add_handlers(host, routes). Browsers find every name that ends in .localhost on this computer.
  app.addHandlers('admin.localhost', [[/\/index\/(\d+)/, OfHost]]);
  return app;
}
