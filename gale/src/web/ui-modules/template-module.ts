/** The UI module `Template`: a template that needs no class. */
import { isDeepStrictEqual } from 'node:util';
import { GaleError } from '../../errors.ts';
import { assertNames, wrongValue } from '../../run/given-options.ts';
import { showText } from '../../run/shown-text.ts';
import type { ModuleFiles } from './page-module.ts';
import { UIModule } from './ui-module.ts';

/** What a template passes to `setResources`. */
export interface ModuleResources {
  readonly embeddedCss?: string;
  readonly embeddedJavascript?: string;
  readonly cssFiles?: ModuleFiles;
  readonly javascriptFiles?: ModuleFiles;
  readonly htmlHead?: string;
  readonly htmlBody?: string;
}

const textNames = ['embeddedCss', 'embeddedJavascript', 'htmlHead', 'htmlBody'] as const;
const fileNames = ['cssFiles', 'javascriptFiles'] as const;

/**
 * Renders a template with names of its own: `{% module Template('entry.html', { entry }) %}`. The variables of the page are not visible in
 * it. It names its styles and scripts with `{{ setResources({ cssFiles: 'entry.css' }) }}`.
 */
export class TemplateModule extends UIModule {
  readonly #resources = new Map<string, ModuleResources>();

  override render(template: string, values: object = {}): string {
    const setResources = (resources: ModuleResources): string => {
      assertResources(resources);
      const former = this.#resources.get(template);
      if (former !== undefined && !isDeepStrictEqual(former, resources)) {
        throw new GaleError(
          'WEB_UI_MODULE',
          `setResources of template ${showText(template)} must get the same resources at each use in a page. Put what differs into the HTML.`,
        );
      }
      this.#resources.set(template, resources);
      return '';
    };
    return this.renderString(template, { setResources, ...values });
  }

  override embeddedCss(): string | undefined {
    return this.#joined('embeddedCss');
  }

  override embeddedJavascript(): string | undefined {
    return this.#joined('embeddedJavascript');
  }

  override cssFiles(): ModuleFiles {
    return this.#files('cssFiles');
  }

  override javascriptFiles(): ModuleFiles {
    return this.#files('javascriptFiles');
  }

  override htmlHead(): string | undefined {
    return this.#joined('htmlHead');
  }

  override htmlBody(): string | undefined {
    return this.#joined('htmlBody');
  }

  #joined(name: (typeof textNames)[number]): string | undefined {
    const texts = [...this.#resources.values()].flatMap((resources) => resources[name] ?? []);
    // Tornado joins code by lines, and HTML by nothing.
    return texts.length === 0 ? undefined : texts.join(name.startsWith('html') ? '' : '\n');
  }

  #files(name: (typeof fileNames)[number]): readonly string[] {
    return [...this.#resources.values()].flatMap((resources) => resources[name] ?? []);
  }
}

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. The values are checked when they are inserted. */
function assertResources(resources: ModuleResources): void {
  assertNames('setResources', resources, [...textNames, ...fileNames]);
  for (const name of textNames) {
    const text: unknown = resources[name];
    if (text !== undefined && typeof text !== 'string') throw wrongValue(name, 'a string', text);
  }
}
