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

/** The handler of a namespace. A symbol, so that no value replaces it. */
const owner: unique symbol = Symbol('handler');

type NamedHandler = TemplateHandler & ModuleHandler;

interface Owned {
  readonly [owner]: NamedHandler;
}

/** Names that are inherited by all namespaces, since a getter of an object costs time in each rendering, also if no template uses it. */
const inheritedNames = {
  // Reading the token sets its cookie: only templates that use the name read it.
  get xsrfToken(): string {
    return (this as unknown as Owned)[owner].xsrfToken;
  },
  // The nonce is in the policy only if a page uses it.
  get cspNonce(): string {
    return (this as unknown as Owned)[owner].cspNonce;
  },
  // Templates without {% module %} create nothing.
  get modules(): object {
    return openModulesOf((this as unknown as Owned)[owner]).namespace;
  },
};

/** Also the names of the setting `locale`; without it an application may use them itself. The locale of the browser adds a field to the response. */
const localeNames = {
  __proto__: inheritedNames,
  get locale(): Locale {
    return (this as unknown as Owned)[owner].locale;
  },
  get _(): Locale['translate'] {
    const { locale } = (this as unknown as Owned)[owner];
    return locale.translate.bind(locale);
  },
  get pgettext(): Locale['pgettext'] {
    const { locale } = (this as unknown as Owned)[owner];
    return locale.pgettext.bind(locale);
  },
};

/**
 * Collects the names for one rendering: those of the handler, the application's `uiMethods`, the handler's
 * `getTemplateNamespace`, then `values`. Later names replace earlier ones. The loader adds the setting `locals` with the
 * lowest precedence.
 */
export function templateNamespace(handler: NamedHandler, uiMethods: object, values: object): object {
  return {
    __proto__: handler.application.locales === undefined ? inheritedNames : localeNames,
    [owner]: handler,
    handler,
    request: handler.request,
    settings: handler.settings,
    currentUser: handler.currentUser,
    reverseUrl: handler.reverseUrl.bind(handler),
    staticUrl: handler.staticUrl.bind(handler),
    xsrfFormHtml: handler.xsrfFormHtml.bind(handler),
    ...uiMethods,
    ...handler.getTemplateNamespace(),
    ...values,
  };
}
