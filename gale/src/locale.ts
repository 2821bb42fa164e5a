/** The package `gale/locale`: languages and their texts, for the setting `locale`. No logic. */
export { loadTranslations } from './web/locale/load-translations.ts';
export type { LoadTranslationsOptions } from './web/locale/load-translations.ts';
export type { Locale } from './web/locale/locale.ts';
export type { FormatDateOptions, FormatDayOptions } from './web/locale/locale.ts';
export type { Locales } from './web/locale/locales.ts';
export type { LocaleSettings } from './web/locale/locale-settings.ts';
export type { DateValue } from './web/locale/date-parts.ts';
export type { TextValues } from './web/locale/placeholders.ts';
export type { Translations } from './web/locale/translations.ts';
