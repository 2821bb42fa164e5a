/** Static files (tutorial 4.2): `staticUrl` adds a version to the URL, so that a changed file is loaded again. */
import { join } from 'node:path';
import { Application, RequestHandler, type Settings } from 'gale';

class Index extends RequestHandler {
  get(): Promise<void> {
    return this.render('static.html');
  }
}

/** A page with a style sheet, which is below `/zhanggen/` as in the tutorial. */
export function createStaticFiles(settings: Settings): Application {
  return new Application([['/', Index]], {
    ...settings,
    templatePath: join(import.meta.dirname, 'templates'),
    staticPath: join(import.meta.dirname, 'static'),
    // The folder in URLs. It begins and ends with a slash.
    staticUrlPrefix: '/zhanggen/',
  });
}
