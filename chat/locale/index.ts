/**
 * The chat's words: which language somebody reads, and a text by its key. Used by the templates on the server and by the
 * page alike, so it touches neither Node nor the DOM.
 */
import { en } from './en.ts';
import { zhCn } from './zh-cn.ts';

/** Tags of the languages there are, as they stand in `lang` attributes and in the cookie. */
export type Language = 'en' | 'zh-CN';
/** Names one text. */
export type PhraseKey = keyof typeof en;
/** One text, or its plural forms by the categories of `Intl.PluralRules`. */
export type Phrase = string | ({ readonly other: string } & { readonly [category in Intl.LDMLPluralRule]?: string });
/** A whole language. */
export type Phrases = { readonly [key in PhraseKey]: Phrase };
/** What stands in for `{name}` in a text. The first number also chooses the plural form; numbers are written as the reader does. */
export type PhraseValues = Readonly<Record<string, string | number>>;
/** Gives the text of a key, filled in. */
export type Translate = (key: PhraseKey, values?: PhraseValues) => string;

/** The languages and what they call themselves, in the order they are offered. */
export const languageNames: Readonly<Record<Language, string>> = { 'zh-CN': '简体中文', en: 'English' };

const phrasesByLanguage: Readonly<Record<Language, Phrases>> = { en, 'zh-CN': zhCn };

/** Tells whether a tag is exactly one of the languages there are. */
export function isLanguage(tag: unknown): tag is Language {
  return typeof tag === 'string' && Object.hasOwn(languageNames, tag);
}

/** Makes the function that gives texts in one language. A value that is not given stays as `{name}`. */
export function translator(language: Language): Translate {
  const phrases = phrasesByLanguage[language];
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (key, values = {}) => {
    const phrase = phrases[key];
    const count = Object.values(values).find((value) => typeof value === 'number') ?? 0;
    const text = typeof phrase === 'string' ? phrase : (phrase[plurals.select(count)] ?? phrase.other);
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return typeof value === 'number' ? numbers.format(value) : (value ?? whole);
    });
  };
}

/** Characters of `Accept-Language` that are read. Browsers send fewer than 200. */
const maxAcceptLanguage = 1000;

/**
 * Chooses a language.
 *
 * @param cookie - What was chosen on the page, if anything; wins if it is a language there is.
 * @param acceptLanguage - The browser's `Accept-Language` header (RFC 9110 §12.5.4).
 */
export function pickLanguage(cookie: string | undefined, acceptLanguage: string | undefined): Language {
  if (isLanguage(cookie)) return cookie;
  const wanted = (acceptLanguage ?? '')
    .slice(0, maxAcceptLanguage)
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { language: toLanguage(tag), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ language, weight }) => language !== undefined && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wanted[0]?.language ?? 'en';
}

/** Every kind of Chinese is nearer to simplified Chinese than to English. */
function toLanguage(tag: string): Language | undefined {
  const [primary] = tag.split('-');
  if (primary === 'zh') return 'zh-CN';
  return primary === 'en' ? 'en' : undefined;
}
