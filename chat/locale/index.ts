/**
 * The languages of the chat: the choice of one, and the function that returns its texts. The templates of the server and the page use it,
 * so it needs neither Node nor the DOM, and has no texts: the page loads those of its language only.
 */
import type { en } from './en.ts';

/** Tags of the available languages, as in `lang` attributes and in the cookie. */
export type Language = 'en' | 'zh-CN';
/** The key of a text. */
export type PhraseKey = keyof typeof en;
/** One text, or its plural forms by the categories of `Intl.PluralRules`. */
export type Phrase = string | ({ readonly other: string } & { readonly [category in Intl.LDMLPluralRule]?: string });
/** All texts of a language. */
export type Phrases = { readonly [key in PhraseKey]: Phrase };
/**
 * Values for `{name}` in a text. The first number selects the plural form. Numbers are formatted for the language. A text from
 * right to left does not change the order of the words around it.
 */
export type PhraseValues = Readonly<Record<string, string | number>>;
/** Returns the text of a key with its values. */
export type Translate = (key: PhraseKey, values?: PhraseValues) => string;

/** The languages and their own names, in the order of the menu. */
export const languageNames: Readonly<Record<Language, string>> = { 'zh-CN': '简体中文', en: 'English' };

/** Whether a tag is one of the available languages. */
export function isLanguage(tag: unknown): tag is Language {
  return typeof tag === 'string' && Object.hasOwn(languageNames, tag);
}

/** Creates the function that returns some texts in one language. A missing value remains `{name}`. */
export function createTranslator<Key extends string>(
  language: Language,
  phrases: Readonly<Record<Key, Phrase>>,
): (key: Key, values?: PhraseValues) => string {
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (key, values = {}) => {
    const phrase = phrases[key];
    const count = Object.values(values).find((value) => typeof value === 'number') ?? 0;
    const text = typeof phrase === 'string' ? phrase : (phrase[plurals.select(count)] ?? phrase.other);
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return typeof value === 'number' ? numbers.format(value) : isolate(value ?? whole);
    });
  };
}

/** Letters and marks of the scripts that are written from right to left. */
const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFE\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** Puts a text that contains words from right to left between FSI and PDI (Unicode UAX #9 §2.6). Other texts stay as they are. */
export function isolate(text: string): string {
  return rightToLeft.test(text) ? `\u2068${text}\u2069` : text;
}

/** Characters of `Accept-Language` that are used. Browsers send fewer than 200. */
const maxAcceptLanguage = 1000;

/**
 * Chooses a language.
 *
 * @param cookie - The choice on the page, if there is one. It takes precedence if it is an available language.
 * @param acceptLanguage - The browser's `Accept-Language` header (RFC 9110 §12.5.4).
 */
export function pickLanguage(cookie: string | undefined, acceptLanguage: string | undefined): Language {
  if (isLanguage(cookie)) return cookie;
  const header = acceptLanguage ?? '';
  const ranges = header.slice(0, maxAcceptLanguage).split(',');
  // The last one may be cut, and would have another weight.
  if (header.length > maxAcceptLanguage) ranges.pop();
  const wanted = ranges
    .flatMap((range) => {
      const [, tag = '', weight = '1'] = weightedRange.exec(range) ?? [];
      const language = toLanguage(tag.toLowerCase());
      return language === undefined ? [] : [{ language, weight: Number(weight) }];
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wanted[0]?.language ?? 'en';
}

/** A language with its weight, from 0 to 1 with at most three decimal places (RFC 9110 §12.4.2). Anything else is ignored. */
const weightedRange =
  /^[\t ]*([a-z]{1,8}(?:-[a-z\d]{1,8})*)(?:[\t ]*;[\t ]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[\t ]*$/i;

/** For readers of any Chinese, simplified Chinese is closer than English. */
function toLanguage(tag: string): Language | undefined {
  const [primary] = tag.split('-');
  if (primary === 'zh') return 'zh-CN';
  return primary === 'en' ? 'en' : undefined;
}
