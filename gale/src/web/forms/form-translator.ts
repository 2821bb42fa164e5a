/** Translates the texts of one form: labels, hints, messages. Languages without texts here are translated by the application. */
import { assertFunctions, wrongValue } from '../../run/given-options.ts';
import { insertValues, type TextValues } from '../locale/placeholders.ts';
import { chineseFormTexts } from './chinese-form-texts.ts';
import type { FormText } from './form-texts.ts';

/**
 * Translates a text, like `translate` of a locale in Tornado.
 *
 * @param text - The English text, or your own key.
 * @param plural - The English text for several.
 * @param count - How many, with `plural`.
 * @returns The translation with its `{count}` and other values still in it; `text` or `plural` itself if there is none.
 */
export type Translate = (text: string, plural?: string, count?: number) => string;

/** Values of a message. Sizes of files are written with their unit. */
export type MessageValues = Readonly<Record<string, string | number | { readonly bytes: number }>>;

/** The texts of a form in one language. */
export class FormTranslator {
  /** BCP 47 tag of the language. */
  readonly language: string;
  /** The attribute `lang` of elements with a text of Gale. Only if the page may be in another language: that of the reader was chosen for these texts alone. */
  readonly lang: string | undefined;
  readonly #translate: Translate | undefined;

  /** @throws {@link GaleError} `OPTION_VALUE` for a tag that is not well formed. */
  constructor(
    language: string,
    translate: Translate | undefined,
    { isReaders = false }: { readonly isReaders?: boolean } = {},
  ) {
    assertFunctions({ translate }, ['translate']);
    this.language = canonicalTag(language);
    this.lang = isReaders ? this.language : undefined;
    this.#translate = translate;
  }

  /** The text in the language, with its values. `count` selects the plural form. */
  text(text: FormText, values: MessageValues | TextValues = {}): string {
    const found = typeof text === 'string' ? this.#single(text) : this.#plural(text, values['count']);
    return this.#fill(found, values);
  }

  #single(text: string): string {
    const translated = this.#translate?.(text) ?? text;
    return translated === text ? (this.#builtIn(text) ?? text) : translated;
  }

  #plural([one, other]: readonly [string, string], given: unknown): string {
    const count = typeof given === 'number' ? given : 2;
    const english = count === 1 ? one : other;
    const translated = this.#translate?.(one, other, count) ?? english;
    // A locale inserts the count.
    const isEnglish = [one, other].some((text) => text === translated || this.#fill(text, { count }) === translated);
    return isEnglish ? (this.#builtIn(one) ?? english) : translated;
  }

  #builtIn(text: string): string | undefined {
    // A label may be the name of a room, such as `constructor`.
    return /^zh\b/.test(this.language) && Object.hasOwn(chineseFormTexts, text) ? chineseFormTexts[text] : undefined;
  }

  #fill(text: string, values: MessageValues | TextValues): string {
    const texts = Object.entries(values).map(([name, value]): [string, string | number | bigint] => [
      name,
      typeof value === 'object' ? this.#size(value.bytes) : value,
    ]);
    return insertValues(text, Object.fromEntries(texts), (number) => numberFormat(this.language).format(number));
  }

  /** A size such as `5 MB`. */
  #size(bytes: number): string {
    if (bytes < 1024) return numberFormat(this.language, 'byte').format(bytes);
    const isSmall = bytes < 1024 ** 2;
    const format = numberFormat(this.language, isSmall ? 'kilobyte' : 'megabyte');
    return format.format(bytes / (isSmall ? 1024 : 1024 ** 2));
  }
}

/** @throws {@link GaleError} `OPTION_VALUE` for a tag that is not well formed. */
export function canonicalTag(language: string): string {
  try {
    const [tag] = Intl.getCanonicalLocales(language);
    if (tag !== undefined) return tag;
  } catch {
    // Reported below.
  }
  throw wrongValue('language', 'a BCP 47 tag such as "en" or "zh-CN"', language);
}

/** Creating a format takes longer than a form. Languages may come from requests, so few are kept. */
const formats = new Map<string, Intl.NumberFormat>();
const maxFormats = 50;

function numberFormat(language: string, unit?: string): Intl.NumberFormat {
  const key = `${language} ${unit ?? ''}`;
  let format = formats.get(key);
  if (format === undefined) {
    const style = unit === undefined ? {} : ({ style: 'unit', unit } as const);
    format = new Intl.NumberFormat(language, { ...style, maximumFractionDigits: unit === undefined ? 15 : 1 });
    if (formats.size >= maxFormats) formats.clear();
    formats.set(key, format);
  }
  return format;
}
