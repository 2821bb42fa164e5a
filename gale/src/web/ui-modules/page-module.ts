/** What a page uses of UI modules. Without the class `UIModule`, which needs handler.ts, so that handler.ts can use these types. */

/** A file or several, or none. */
export type ModuleFiles = string | readonly string[] | undefined;

/** A UI module of a request; see `UIModule`. */
export interface PageModule {
  render(...values: never[]): string;
  embeddedCss(): string | undefined;
  embeddedJavascript(): string | undefined;
  cssFiles(): ModuleFiles;
  javascriptFiles(): ModuleFiles;
  htmlHead(): string | undefined;
  htmlBody(): string | undefined;
}

/** A class of UI modules. */
export type PageModuleClass = new (handler: never) => PageModule;

/** Classes of UI modules by name. */
export type PageModules = ReadonlyMap<string, PageModuleClass>;
