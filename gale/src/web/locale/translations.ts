/** The texts of all languages of a program, as `loadTranslations` returns them. */
import type { Catalog } from './catalog.ts';
import { Locales, type FallbackSettings, type LocalesTools } from './locales.ts';

/** The texts of all languages. Applications share them. */
export class Translations {
  /** The tags of the languages that have texts, sorted. */
  readonly codes: readonly string[];
  readonly #catalogs: ReadonlyMap<string, Catalog>;

  /** Called by `loadTranslations`. @internal */
  constructor(catalogs: ReadonlyMap<string, Catalog>) {
    this.codes = [...catalogs.keys()].toSorted();
    this.#catalogs = catalogs;
  }

  /** Number of texts of a language. */
  sizeOf(code: string): number {
    return this.#catalogs.get(code)?.size ?? 0;
  }

  /**
   * The locales of an application. Here, and not in the application, so that programs without texts do not load this folder.
   *
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE` for a wrong setting.
   * @internal
   */
  localesFor(settings: FallbackSettings, tools: LocalesTools): Locales {
    return new Locales(this.codes, (code) => this.#catalogs.get(code), settings, tools);
  }
}
