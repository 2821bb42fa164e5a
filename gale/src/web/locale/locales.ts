/** The locales of one application, and which of them a reader gets. No I/O. */
import { assertNames, wrongValue } from '../../run/given-options.ts';
import type { Logger } from '../../run/log.ts';
import { shorten } from '../../run/shown-text.ts';
import { readAcceptLanguage } from './accept-language.ts';
import type { Catalog } from './catalog.ts';
import { assertTimeZone } from './date-parts.ts';
import { toLanguageTag, truncations } from './language-tag.ts';
import { Locale } from './locale.ts';
import { Lookup } from './lookup.ts';

/** The setting `locale`, without the texts. */
export interface FallbackSettings {
  /** See the setting `locale`. */
  readonly fallback?: string;
  /** See the setting `locale`. */
  readonly timeZone?: string;
}

/** What the locales use of their application. */
export interface LocalesTools {
  readonly log: () => Logger;
  readonly now: () => number;
}

/** Values of Accept-Language whose locale is remembered. There are few in use. */
const maxRemembered = 500;
/** Unknown locales that are reported, each once. They may come from users. */
const maxReported = 100;

/** The locales of one application: `app.locales`. */
export class Locales {
  /** The tags of all locales, sorted. */
  readonly codes: readonly string[];
  /** The locale of readers who want none of the available ones. */
  readonly fallback: Locale;
  readonly #locales: ReadonlyMap<string, Locale>;
  readonly #lookup: Lookup;
  readonly #tools: LocalesTools;
  readonly #byHeader = new Map<string, Locale | undefined>();
  readonly #reported = new Set<string>();

  /** Called by the application. @internal */
  constructor(
    available: readonly string[],
    catalogOf: (code: string) => Catalog | undefined,
    settings: FallbackSettings,
    tools: LocalesTools,
  ) {
    const { fallback, timeZone } = resolve(settings);
    this.#tools = tools;
    this.codes = [...new Set([...available, fallback])].toSorted();
    const catalogsOf = (code: string): Catalog[] => truncations(code).flatMap((tag) => catalogOf(tag) ?? []);
    const create = (code: string): Locale => {
      const otherCatalogs = code === fallback ? [] : catalogsOf(fallback);
      return new Locale(code, { catalogs: catalogsOf(code), otherCatalogs, timeZone, now: tools.now });
    };
    this.#locales = new Map(this.codes.map((code) => [code, create(code)]));
    this.fallback = this.#locales.get(fallback) ?? create(fallback);
    // Of equally good locales the fallback is found.
    this.#lookup = new Lookup([fallback, ...this.codes.filter((code) => code !== fallback)]);
  }

  /**
   * The locale of the first code for which there is one, else the fallback: for mails and other texts outside of a request.
   *
   * @param codes - Such as `zh-CN` or `zh_CN`. `zh-Hant-HK` finds `zh-TW`, `de-AT` finds `de`.
   */
  get(...codes: readonly (string | null | undefined)[]): Locale {
    return this.#closest(codes) ?? this.fallback;
  }

  /**
   * The locale that `getUserLocale` returned. One that does not exist is a warning in the log, once.
   *
   * @throws {@link GaleError} `OPTION_VALUE` if the value is neither a code nor a locale.
   * @internal
   */
  forUser(value: unknown): Locale | undefined {
    if (value === null || value === undefined || value === '') return undefined;
    if (value instanceof Locale) return value;
    if (typeof value !== 'string') throw wrongValue('The result of getUserLocale', 'a locale or its code', value);
    const found = this.#closest([value]);
    if (found === undefined) this.#report(value);
    return found;
  }

  /** The locale for the field Accept-Language; `undefined` if the reader wants none of the available ones. @internal */
  forBrowser(field: string | undefined): Locale | undefined {
    if (field === undefined || field === '') return undefined;
    if (this.#byHeader.has(field)) return this.#byHeader.get(field);
    const found = this.#closest(readAcceptLanguage(field));
    if (this.#byHeader.size >= maxRemembered) this.#byHeader.clear();
    // What browsers send is short.
    if (field.length <= 200) this.#byHeader.set(field, found);
    return found;
  }

  #closest(codes: readonly (string | null | undefined)[]): Locale | undefined {
    for (const code of codes) {
      const tag = typeof code === 'string' ? toLanguageTag(code) : undefined;
      const found = tag === undefined ? undefined : this.#lookup.find(tag);
      if (found !== undefined) return this.#locales.get(found);
    }
    return undefined;
  }

  #report(code: string): void {
    const shown = shorten(code);
    if (this.#reported.has(shown) || this.#reported.size >= maxReported) return;
    this.#reported.add(shown);
    const reason = `There is no locale for ${JSON.stringify(shown)}; there are ${this.codes.join(', ')}.`;
    this.#tools.log().warn({ reason }, 'Unknown locale');
  }
}

function resolve(settings: FallbackSettings): Required<FallbackSettings> {
  assertNames('locale', settings, ['translations', 'fallback', 'timeZone']);
  const { fallback = 'en', timeZone = 'UTC' } = settings;
  const tag = typeof fallback === 'string' ? toLanguageTag(fallback) : undefined;
  if (tag === undefined) throw wrongValue('locale.fallback', 'the tag of a language, such as en or zh-CN', fallback);
  assertTimeZone('locale.timeZone', timeZone);
  return { fallback: tag, timeZone };
}
