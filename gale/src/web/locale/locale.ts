/**
 * A language and its texts: what handlers and templates use as `locale`. It translates, and formats dates, numbers and lists. It does not
 * choose the language; see locales.ts. No I/O.
 */
import { assertNames, assertObject, assertString, readChoices, wrongValue } from '../../run/given-options.ts';
import type { Catalog, Message } from './catalog.ts';
import { assertTimeZone, millisecondsOf, type DateValue } from './date-parts.ts';
import { DateText } from './date-text.ts';
import { directionOf } from './language-tag.ts';
import { insertValues, type TextValues } from './placeholders.ts';

/** Options of {@link Locale.formatDate}. */
export interface FormatDateOptions {
  /** Whether a date of the last day is `5 minutes ago` or `yesterday`. @defaultValue true */
  readonly relative?: boolean;
  /** Whether the time is omitted. @defaultValue false */
  readonly shorter?: boolean;
  /** Whether day, month and year are written even for a date of the last days. @defaultValue false */
  readonly fullFormat?: boolean;
  /** Such as `Europe/Berlin` or `+08:00`. @defaultValue that of the setting `locale`, else UTC */
  readonly timeZone?: string;
  /** Formats by `Intl.DateTimeFormat` with these options instead: `{ dateStyle: 'long', timeStyle: 'short' }`. @defaultValue none */
  readonly intl?: Intl.DateTimeFormatOptions;
}

/** Options of {@link Locale.formatDay}. */
export interface FormatDayOptions {
  /** Whether the day of the week is written. @defaultValue true */
  readonly weekday?: boolean;
  /** Such as `Europe/Berlin` or `+08:00`. @defaultValue that of the setting `locale`, else UTC */
  readonly timeZone?: string;
}

/** Texts and clock of a {@link Locale}. */
export interface LocaleTools {
  /** The texts of the language: those of its tag, then of its shorter tags. */
  readonly catalogs: readonly Catalog[];
  /** Searched after them: those of the fallback. Not for words of dates and lists, which must be of one language. */
  readonly otherCatalogs: readonly Catalog[];
  /** Default of the option `timeZone`. */
  readonly timeZone: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A language and its texts. Applications get it as `locale` of a handler, or from `app.locales`. */
export class Locale {
  /** The tag of the language (BCP 47): `zh-CN`. The value of `lang` in HTML. */
  readonly code: string;
  /** The value of `dir` in HTML. */
  readonly direction: 'ltr' | 'rtl';
  /** Time zone of dates without the option. */
  readonly timeZone: string;
  readonly #catalogs: readonly Catalog[];
  readonly #allCatalogs: readonly Catalog[];
  readonly #now: () => number;
  readonly #dates: DateText;
  readonly #numbers: Intl.NumberFormat;

  /** Called by gale/locale. @internal */
  constructor(code: string, { catalogs, otherCatalogs, timeZone, now }: LocaleTools) {
    this.code = code;
    this.direction = directionOf(code);
    this.timeZone = timeZone;
    this.#catalogs = catalogs;
    this.#allCatalogs = [...catalogs, ...otherCatalogs];
    this.#now = now;
    this.#numbers = new Intl.NumberFormat(code, { maximumFractionDigits: 20 });
    this.#dates = new DateText(code, (text, values, plural, count) => this.#findOwn({ text, plural, count }, values));
  }

  /** The name of the language in itself: `中文（中国）`. */
  get name(): string {
    return (
      new Intl.DisplayNames(this.code, { type: 'language', languageDisplay: 'standard' }).of(this.code) ?? this.code
    );
  }

  /** Attributes for the `html` element, to be written raw: `<html {% raw locale.htmlAttributes %}>`. */
  get htmlAttributes(): string {
    return `lang="${this.code}" dir="${this.direction}"`;
  }

  /**
   * Translates a text. A text without a translation is returned as it is.
   *
   * @param values - For `{name}` in the text: numbers are formatted for the language. `%(name)s` and `%(name)d` of Python work too.
   * @example
   * locale.translate('Hello, {name}!', { name });
   */
  translate(text: string, values?: TextValues): string;
  /**
   * Translates a text with a count, by the plural rule of the language.
   *
   * @param text - The English form for 1.
   * @param plural - The English form for other counts. `{count}` is the count.
   * @example
   * locale.translate('{count} message', '{count} messages', count);
   */
  translate(text: string, plural: string, count: number, values?: TextValues): string;
  translate(text: string, second?: string | TextValues, count?: number, values?: TextValues): string {
    return this.#translate(undefined, text, second, count, values);
  }

  /**
   * Translates a text whose meaning depends on the context: `Open` in a menu and as a state. Without a translation for the context, that
   * without one is used.
   */
  pgettext(context: string, text: string, values?: TextValues): string;
  pgettext(context: string, text: string, plural: string, count: number, values?: TextValues): string;
  pgettext(context: string, text: string, second?: string | TextValues, count?: number, values?: TextValues): string {
    assertString('context', context);
    return this.#translate(context, text, second, count, values);
  }

  /**
   * Formats a date: relative within a day, `yesterday`, a day of the week, a day of the year, and with the year after 11 months. A date in
   * the future has all of them.
   *
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`, also for an invalid date.
   */
  formatDate(date: DateValue, options: FormatDateOptions = {}): string {
    assertNames('formatDate', options, ['relative', 'shorter', 'fullFormat', 'timeZone', 'intl']);
    const ms = millisecondsOf(date);
    const { intl } = options;
    const timeZone = this.#zone(options.timeZone);
    const style = readChoices(options, { relative: [true, false], shorter: [false, true], fullFormat: [false, true] });
    if (intl === undefined) return this.#dates.format(ms, this.#now(), { ...style, timeZone });
    assertObject('intl', intl);
    if (!style.relative || style.shorter || style.fullFormat) {
      throw wrongValue('intl', 'given without relative, shorter and fullFormat', intl);
    }
    return this.#dates.byIntl(ms, timeZone, intl);
  }

  /**
   * Formats a day: `Monday, January 22`.
   *
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`, also for an invalid date.
   */
  formatDay(date: DateValue, options: FormatDayOptions = {}): string {
    assertNames('formatDay', options, ['weekday', 'timeZone']);
    const { weekday } = readChoices(options, { weekday: [true, false] });
    return this.#dates.formatDay(millisecondsOf(date), this.#zone(options.timeZone), weekday);
  }

  /** Formats a number as the language groups digits: `1,234,567`, in German `1.234.567`. */
  friendlyNumber(value: number | bigint): string {
    if (typeof value === 'number' || typeof value === 'bigint') return this.#numbers.format(value);
    throw wrongValue('value', 'a number', value);
  }

  /** Joins texts: `A, B and C`. */
  list(parts: readonly string[]): string {
    if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) {
      throw wrongValue('parts', 'an array of strings', parts);
    }
    const last = parts.at(-1) ?? '';
    if (parts.length < 2) return last;
    const commas = parts.slice(0, -1).join(this.code.startsWith('fa') ? ' و ' : ', ');
    const found = this.#findOwn({ text: '%(commas)s and %(last)s' }, { commas, last });
    return found ?? new Intl.ListFormat(this.code, { type: 'conjunction' }).format(parts);
  }

  #translate(
    context: string | undefined,
    text: string,
    second: string | TextValues | undefined,
    count: number | undefined,
    values: TextValues | undefined,
  ): string {
    assertString('text', text);
    if (typeof second !== 'string') {
      if (second === undefined) return this.#find({ context, text }) ?? text;
      assertObject('values', second);
      return this.#insert(this.#find({ context, text }) ?? text, second);
    }
    if (typeof count !== 'number' || !Number.isFinite(count)) throw wrongValue('count', 'a finite number', count);
    if (values !== undefined) assertObject('values', values);
    const found = this.#find({ context, text, plural: second, count });
    return this.#insert(found ?? (count === 1 ? text : second), { count, ...values });
  }

  #find(message: Message): string | undefined {
    for (const catalog of this.#allCatalogs) {
      const found = catalog.find(message);
      if (found !== undefined) return found;
      if (message.context === undefined) continue;
      const plain = catalog.find({ ...message, context: undefined });
      if (plain !== undefined) return plain;
    }
    return undefined;
  }

  /** The translation of a text of Gale itself; in English the text without a translation too. */
  #findOwn(message: Message, values: TextValues): string | undefined {
    const own = this.#catalogs.map((catalog) => catalog.find(message)).find((text) => text !== undefined);
    const english = message.plural !== undefined && message.count !== 1 ? message.plural : message.text;
    const text = own ?? (this.code === 'en' || this.code.startsWith('en-') ? english : undefined);
    return text === undefined ? undefined : this.#insert(text, values);
  }

  #insert(text: string, values: TextValues): string {
    return insertValues(text, values, (value) => this.#numbers.format(value));
  }

  #zone(timeZone: unknown): string {
    if (timeZone === undefined || timeZone === this.timeZone) return this.timeZone;
    assertTimeZone('timeZone', timeZone);
    return timeZone;
  }
}
