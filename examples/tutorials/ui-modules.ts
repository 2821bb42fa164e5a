/** UI modules (tutorial 4, `uimodule`): a part of a page with its own template and style, which is inserted once. */
import { join } from 'node:path';
import { Application, RequestHandler, UIModule, type Settings } from 'gale';

interface Seed {
  readonly name: string;
  readonly note: string;
}

class SeedEntry extends UIModule {
  render(seed: Seed, { showsNote = false }: { readonly showsNote?: boolean } = {}): string {
    return this.renderString('modules/seed.html', { seed, showsNote });
  }

  /** Tornado: embedded_css. Once in the head, however many seeds there are. */
  override embeddedCss(): string {
    return 'article h2 { color: rgb(0, 90, 60); }';
  }
}

const seeds: readonly Seed[] = [
  { name: 'Sunflower', note: 'Needs <full> sun.' },
  { name: '莲子', note: 'See www.example.com.' },
];

class Index extends RequestHandler {
  get(): Promise<void> {
    return this.render('seed-modules.html', { seeds });
  }
}

/** The seeds at `/`. */
export function createUiModules(settings: Settings): Application {
  return new Application([['/', Index]], {
    ...settings,
    templatePath: join(import.meta.dirname, 'templates'),
    uiModules: { SeedEntry },
  });
}
