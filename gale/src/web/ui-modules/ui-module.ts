/** The base class of UI modules: parts of pages with their styles and scripts. */
import { assertObject, wrongValue } from '../../run/given-options.ts';
import { showText } from '../../run/shown-text.ts';
import type { HttpRequest } from '../../http/request.ts';
import type { RequestHandler } from '../handler.ts';
import type { Locale } from '../locale/locale.ts';
import type { ModuleFiles, PageModule } from './page-module.ts';

/**
 * A part of pages that a template calls as `{% module Name(values) %}`. There is one object for each name and request. What its methods return
 * is inserted once into a page that uses it, whatever the number of calls; a method that returns undefined adds nothing.
 *
 * @typeParam Handler - Class of the handlers whose pages use the module.
 * @example
 * class Entry extends UIModule {
 *   render(entry: BlogEntry, { comments = false } = {}) {
 *     return this.renderString('modules/entry.html', { entry, comments });
 *   }
 *   override cssFiles() {
 *     return 'entry.css';
 *   }
 * }
 */
export abstract class UIModule<Handler extends RequestHandler = RequestHandler> implements PageModule {
  /** The handler of the page. */
  readonly handler: Handler;

  constructor(handler: Handler) {
    this.handler = handler;
  }

  /** The request of the page. */
  get request(): HttpRequest {
    return this.handler.request;
  }

  /** The signed-in user. */
  get currentUser(): Handler['currentUser'] {
    return this.handler.currentUser;
  }

  /** The language of the reader. Needs the setting `locale`. */
  get locale(): Locale {
    return this.handler.locale;
  }

  /** Returns the HTML of the part. It is printed unescaped: render a template, or escape with `xhtmlEscape`. */
  abstract render(...values: never[]): string;

  /** Renders a template, as the handler does. It may use other modules. */
  renderString(template: string, values: object = {}): string {
    return this.handler.renderString(template, values);
  }

  /** Styles, inserted as one `<style>` before `</head>`. */
  embeddedCss(): string | undefined {
    return undefined;
  }

  /** JavaScript, inserted as one `<script>` before `</body>`. */
  embeddedJavascript(): string | undefined {
    return undefined;
  }

  /** Style sheets: paths for `staticUrl`, or URLs that begin with `/`, `http:` or `https:`. Each is linked once, before `</head>`. */
  cssFiles(): ModuleFiles {
    return undefined;
  }

  /** Scripts, as {@link UIModule.cssFiles}, before `</body>`. */
  javascriptFiles(): ModuleFiles {
    return undefined;
  }

  /** HTML for the end of `<head>`. */
  htmlHead(): string | undefined {
    return undefined;
  }

  /** HTML for the end of `<body>`, after the scripts. */
  htmlBody(): string | undefined {
    return undefined;
  }
}

/** A class that extends {@link UIModule}. */
export type UIModuleClass = new (handler: never) => UIModule;

/** @throws {@link GaleError} `OPTION_VALUE` unless each value is such a class, with a name that templates can write. */
export function assertUiModules(name: string, value: unknown): void {
  assertObject(name, value);
  for (const [key, module] of Object.entries(value)) {
    if (!/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key) || key.startsWith('$$')) {
      throw wrongValue(`A name in ${name}`, 'a name as of a variable, such as Entry', key);
    }
    if (typeof module === 'function' && module.prototype instanceof UIModule) continue;
    throw wrongValue(`${name}.${showText(key).slice(1, -1)}`, 'a class that extends UIModule', module);
  }
}
