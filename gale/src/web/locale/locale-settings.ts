/** The setting `locale` of an application. */
import type { Translations } from './translations.ts';

/** The setting `locale`: which languages an application has. */
export interface LocaleSettings {
  /** The texts, from `loadTranslations`. */
  readonly translations: Translations;
  /** The locale of readers who want none of the available ones. It needs no file if the program itself has its texts. @defaultValue `en` */
  readonly fallback?: string;
  /** Time zone of dates, such as `Europe/Berlin` or `+08:00`. @defaultValue `UTC` */
  readonly timeZone?: string;
}
