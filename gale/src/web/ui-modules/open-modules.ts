/** The UI modules that the templates of one request have used: their objects, and the resources of their page. */
import { TemplateError } from '../template/template-error.ts';
import { cspNonceOf, usedCspNonce } from '../middleware/csp-nonce.ts';
import { stateOf, type HeadBuilder } from '../head-builder.ts';
import type { StaticUrlOptions } from '../static/static-url.ts';
import { collectResources, insertResources } from './page-resources.ts';
import type { PageModule, PageModules } from './page-module.ts';
import type { ResourceElements } from './resource-elements.ts';

/** The handler of a page. */
export interface ModuleHandler extends HeadBuilder, ResourceElements {
  readonly application: { readonly uiModules: PageModules };
  openModules?: OpenModules | undefined;
  staticUrl(path: string, options?: StaticUrlOptions): string;
}

/** The modules of the request, created at their first use. */
export function openModulesOf(handler: ModuleHandler): OpenModules {
  return (handler.openModules ??= new OpenModules(handler));
}

/** The modules of one request. */
export class OpenModules {
  /** The object `modules` of templates: a function for each module. */
  readonly namespace: object;
  readonly #handler: ModuleHandler;
  /** In the order of their first use. */
  readonly #used = new Map<string, PageModule>();

  constructor(handler: ModuleHandler) {
    this.#handler = handler;
    // The functions that were used are properties of the namespace. Its prototype finds all others.
    const finder = new Proxy(Object.freeze({ __proto__: null }), {
      get: (_, name, namespace: object): unknown => {
        if (typeof name === 'symbol') return undefined;
        const call = this.#open(name);
        Object.defineProperty(namespace, name, { value: call });
        return call;
      },
    });
    this.namespace = Object.create(finder) as object;
  }

  /**
   * Inserts the resources of the modules into a page.
   *
   * @param template - Name of the page, for errors.
   * @throws {@link GaleError} `WEB_UI_MODULE` if the page has no place for them, or if one would end its element.
   */
  insertInto(page: string, template: string): string {
    const handler = this.#handler;
    const resources = collectResources(this.#used, (path) => handler.staticUrl(path));
    return insertResources(page, resources, {
      template,
      elements: handler,
      nonce: (hasInline) => nonceOf(handler, hasInline),
    });
  }

  #open(name: string): (...values: unknown[]) => unknown {
    const { uiModules } = this.#handler.application;
    const moduleClass = uiModules.get(name);
    if (moduleClass === undefined) throw notRegistered(name, uiModules);
    return (...values) => {
      let module = this.#used.get(name);
      if (module === undefined) {
        // An application registers modules for the handlers that use them.
        module = new (moduleClass as new (handler: ModuleHandler) => PageModule)(this.#handler);
        this.#used.set(name, module);
      }
      return (module.render as (...given: unknown[]) => unknown)(...values);
    };
  }
}

function notRegistered(name: string, modules: PageModules): TemplateError {
  const known = [...modules.keys()].toSorted().join(', ');
  return new TemplateError(
    'TEMPLATE_NAME',
    `UI module \`${name}\` is not registered; add it to the setting uiModules. Registered are ${known}`,
  );
}

/** The nonce for scripts and styles, if it was read or the policy of the response needs it. Otherwise a page stays the same for each request. */
function nonceOf(handler: ModuleHandler, hasInline: boolean): string | undefined {
  const use = stateOf(handler).middleware?.cspNonceUse;
  return use === 'all' || (use === 'inline' && hasInline) ? cspNonceOf(handler) : usedCspNonce(handler);
}
