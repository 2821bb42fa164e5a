/** The names that every template of a handler has, in Tornado's order of precedence. */
import type { HttpRequest } from '../http/request.ts';
import type { StaticUrlOptions } from './static/static-url.ts';

/** What templates use of a handler. */
export interface TemplateHandler {
  readonly request: HttpRequest;
  readonly settings: object;
  readonly currentUser: unknown;
  readonly xsrfToken: string;
  readonly cspNonce: string;
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
export function templateNamespace(handler: TemplateHandler, uiMethods: object, values: object): object {
  return {
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
    ...uiMethods,
    ...handler.getTemplateNamespace(),
    ...values,
  };
}
