/**
 * Finds the locale for a language that a reader wants: the lookup of RFC 4647 §3.4, on tags that are completed by the likely subtags
 * of Unicode, so that `zh-Hant-HK` finds `zh-TW`, and `zh` finds `zh-CN`. No I/O.
 */
import { truncations } from './language-tag.ts';

/** The available locales. */
export class Lookup {
  /** The available tag by each tag that finds it, in lower case. */
  readonly #found = new Map<string, string>();
  /** The languages that are available in several scripts, or in one that is not the usual one. */
  readonly #scripted = new Set<string>();

  /** @param tags - The available tags in their canonical spelling. Of equally good ones the first is found. */
  constructor(tags: readonly string[]) {
    const locales = tags.map((tag) => new Intl.Locale(tag));
    const add = (wanted: string, tag: string): void => {
      if (!this.#found.has(wanted.toLowerCase())) this.#found.set(wanted.toLowerCase(), tag);
    };
    for (const tag of tags) add(tag, tag);
    // Then the names under which a locale is the usual one: zh, zh-Hans and zh-Hans-CN for zh-CN.
    for (const locale of locales) {
      const { language, script, region } = locale.maximize();
      const whole = locale.maximize().toString();
      for (const name of [
        `${language}-${script}-${region}`,
        `${language}-${region}`,
        `${language}-${script}`,
        language,
      ]) {
        if (isTag(name) && new Intl.Locale(name).maximize().toString() === whole) add(name, locale.toString());
      }
      if (new Intl.Locale(language).maximize().script !== script) this.#scripted.add(language);
    }
    // A reader of a language understands another variety of it better than another language.
    for (const locale of locales) {
      const { language, script } = locale.maximize();
      add(`${language}-${script}`, locale.toString());
      add(language, locale.toString());
    }
  }

  /**
   * Finds the locale for one range.
   *
   * @param range - A tag in any case, such as `zh-hk`.
   */
  find(range: string): string | undefined {
    const wanted = range.toLowerCase();
    const [language = ''] = wanted.split('-', 1);
    if (!this.#found.has(language)) return undefined;
    for (const tag of this.#scripted.has(language) ? withScripts(wanted) : truncations(wanted)) {
      const found = this.#found.get(tag.toLowerCase());
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** The truncations of a tag; after the tag itself, and before the language alone, it has its usual script. */
function withScripts(tag: string): string[] {
  const tags = truncations(tag);
  if (!isTag(tag)) return tags;
  const { language, script, region } = new Intl.Locale(tag).maximize();
  tags.splice(Math.max(1, tags.length - 1), 0, `${language}-${script}-${region}`, `${language}-${script}`);
  return tags;
}

function isTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
