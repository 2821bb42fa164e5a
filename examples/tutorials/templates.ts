/** Templates (tutorial 4): values, loops, conditions, inheritance, an included file, and a function of the program. */
import { join } from 'node:path';
import { Application, RequestHandler, type Settings } from 'gale';

class Index extends RequestHandler {
  get(): Promise<void> {
    return this.render('people.html', {
      // Every name of a template must be passed. One without a value is passed as empty.
      message: this.getQueryArgument('message', ''),
      people: ['张根', '于超', '李兆宇'],
      person: { name: '张根', gender: 'man', age: 18 },
    });
  }
}

/** `/`, and `/?message=<b>text` to see that values are escaped. */
export function createTemplates(settings: Settings): Application {
  return new Application([['/', Index]], {
    ...settings,
    templatePath: join(import.meta.dirname, 'templates'),
    // Tornado: ui_methods. The first argument is the handler.
    uiMethods: { shout: (_handler, text: string) => `${text.toUpperCase()}!` },
  });
}
