/** The application of the handlers of one place where it is mounted: its URLs begin with the path of the place. */
import type { HandlerApplication, RequestHandler } from './handler.ts';
import type { ResolvedHandlerSettings } from './handler-settings.ts';
import type { Locales } from './locale/locales.ts';
import type { PathArgument } from './path-pattern.ts';
import type { StaticFiles } from './static/static-url.ts';
import type { Loader } from './template/loader.ts';
import type { PageModules } from './ui-modules/page-module.ts';

/** An application below a path. */
export class MountedApplication implements HandlerApplication {
  readonly staticFiles: StaticFiles;
  readonly #application: HandlerApplication;
  readonly #prefix: string;

  constructor(application: HandlerApplication, prefix: string) {
    this.#application = application;
    this.#prefix = prefix;
    this.staticFiles = application.staticFiles.below(prefix);
  }

  get settings(): ResolvedHandlerSettings {
    return this.#application.settings;
  }

  get templates(): Loader {
    return this.#application.templates;
  }

  get locales(): Locales | undefined {
    return this.#application.locales;
  }

  get uiModules(): PageModules {
    return this.#application.uiModules;
  }

  knowsMethod(method: string): boolean {
    return this.#application.knowsMethod(method);
  }

  reverseUrl(name: string, ...values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string {
    const path = this.#application.reverseUrl(name, ...values);
    return path === '/' ? this.#prefix : this.#prefix + path;
  }

  bindUiMethods(handler: RequestHandler): Record<string, (...values: unknown[]) => unknown> {
    return this.#application.bindUiMethods(handler);
  }
}
