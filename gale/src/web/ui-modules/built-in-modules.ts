/** The UI modules that every application has. */
import { linkify, type LinkifyOptions } from '../links/linkify.ts';
import { TemplateModule } from './template-module.ts';
import type { PageModuleClass, PageModules } from './page-module.ts';
import { UIModule } from './ui-module.ts';

class LinkifyModule extends UIModule {
  override render(text: string, options?: LinkifyOptions): string {
    return linkify(text, options);
  }
}

class XsrfFormModule extends UIModule {
  override render(): string {
    return this.handler.xsrfFormHtml();
  }
}

/** By name. The setting `uiModules` can replace them. */
export const builtInModules: PageModules = new Map<string, PageModuleClass>([
  ['Template', TemplateModule],
  ['linkify', LinkifyModule],
  ['xsrfFormHtml', XsrfFormModule],
]);
