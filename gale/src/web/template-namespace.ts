/** The names that every template of a handler has, in Tornado's order of precedence. */
import type { HttpRequest } from '../http/request.ts';
import type { Locale } from './locale/locale.ts';
import type { StaticUrlOptions } from './static/static-url.ts';
import { openModulesOf, type ModuleHandler } from './ui-modules/open-modules.ts';

/** What templates use of a handler. */
export interface TemplateHandler {
  readonly request: HttpRequest;
  readonly settings: object;
  readonly currentUser: unknown;
  readonly xsrfToken: string;
  readonly cspNonce: string;
  readonly locale: Locale;
  readonly application: { readonly locales: object | undefined } & ModuleHandler['application'];
  reverseUrl(name: string, ...values: never[]): string;
  staticUrl(path: string, options?: StaticUrlOptions): string;
  xsrfFormHtml(): string;
  getTemplateNamespace(): object;
}

/**
 * Collects the names for one rendering: those of the handler, the application's `uiMethods`, the handler's
 * `getTemplateNamespace`, then `values`. Later names replace earlier ones. The loader adds the setting `locals` with the
 * lowest precedence.
 */
export function templateNamespace(handler: TemplateHandler & ModuleHandler, uiMethods: object, values: object): object {
  const names = {
    handler,
    request: handler.request,
    settings: handler.settings,
    currentUser: handler.currentUser,
    reverseUrl: handler.reverseUrl.bind(handler),
    staticUrl: handler.staticUrl.bind(handler),
    xsrfFormHtml: handler.xsrfFormHtml.bind(handler),
    // A getter, because reading the token sets its cookie: only templates that use the name read it.
    get xsrfToken(): string {
      return handler.xsrfToken;
    },
    // A getter, because the nonce is in the policy only if a page uses it.
    get cspNonce(): string {
      return handler.cspNonce;
    },
    // A getter, so that templates without {% module %} create nothing.
    get modules(): object {
      return openModulesOf(handler).namespace;
    },
    ...uiMethods,
    ...handler.getTemplateNamespace(),
    ...values,
  };
  // Inherited, so that an application without the setting `locale` may use the names itself.
  return handler.application.locales === undefined ? names : Object.setPrototypeOf(names, localeNames(handler));
}

/** The names of the setting `locale`. Getters, because the locale of the browser adds a field to the response. */
function localeNames(handler: TemplateHandler): object {
  return {
    get locale(): Locale {
      return handler.locale;
    },
    get _(): Locale['translate'] {
      return handler.locale.translate.bind(handler.locale);
    },
    get pgettext(): Locale['pgettext'] {
      return handler.locale.pgettext.bind(handler.locale);
    },
  };
}
