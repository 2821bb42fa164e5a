/** The names that every template of a handler has, in Tornado's order of precedence. */
import type { RequestHandler } from './handler.ts';

/**
 * Gathers the names for one rendering: those of the handler, the application's `uiMethods`, the handler's own
 * `getTemplateNamespace`, then `values`; each wins over those before it. The setting `locals` stands below all of them,
 * in the loader.
 */
export function templateNamespace(handler: RequestHandler, values: object): object {
  return {
    handler,
    request: handler.request,
    settings: handler.settings,
    currentUser: handler.currentUser,
    reverseUrl: handler.reverseUrl.bind(handler),
    staticUrl: handler.staticUrl.bind(handler),
    xsrfFormHtml: handler.xsrfFormHtml.bind(handler),
    // Read only by a template that names it: reading sets the cookie.
    get xsrfToken(): string {
      return handler.xsrfToken;
    },
    ...handler.application.bindUiMethods(handler),
    ...handler.getTemplateNamespace(),
    ...values,
  };
}
