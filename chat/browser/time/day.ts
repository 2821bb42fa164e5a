/** Formats days and times in the time zone and language of the reader. */
import type { Language, Translate } from '../../locale/index.ts';

/** The time zone of the reader now. It changes when the reader travels, also while the page is open. */
export function readerTimeZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  // A browser that does not know its time zone reports none, or one that it does not accept.
  return (ownTimeZone = timeZone === undefined || timeZone === 'Etc/Unknown' ? 'UTC' : timeZone);
}

/** What {@link readerTimeZone} returned last. */
let ownTimeZone: string | undefined;

/** The day of a time as a comparable text: `2026-11-21`. */
export function dayKey(time: number, timeZone: string): string {
  if (timeZone === ownTimeZone) {
    // Without a formatter, which takes as long to load as all rows of the screen.
    const date = new Date(time);
    return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
      .map((part) => `${part}`.padStart(2, '0'))
      .join('-');
  }
  // The Swedish date format is that of ISO 8601.
  return formatter('sv-SE', { dateStyle: 'short', timeZone }).format(time);
}

/** The name of a day: today, yesterday, the weekday within the last week, else the date, with the year unless it is this year. */
export function dayLabel(time: number, now: number, language: Language, t: Translate, timeZone: string): string {
  const days = (dayNumber(now, timeZone) - dayNumber(time, timeZone)) | 0;
  if (days === 0) return t('today');
  if (days === 1) return t('yesterday');
  if (days > 1 && days < 7) return formatter(language, { weekday: 'long', timeZone }).format(time);
  const sameYear = dayKey(time, timeZone).slice(0, 4) === dayKey(now, timeZone).slice(0, 4);
  return formatter(language, {
    ...(sameYear ? {} : { year: 'numeric' }),
    month: 'long',
    day: 'numeric',
    weekday: 'long',
    timeZone,
  }).format(time);
}

/** When something was, in few characters: the time of today, yesterday, the weekday within the last week, else the date. */
export function shortTime(time: number, now: number, language: Language, t: Translate, timeZone: string): string {
  const days = (dayNumber(now, timeZone) - dayNumber(time, timeZone)) | 0;
  if (days <= 0) return clockTime(time, language, timeZone);
  if (days === 1) return t('yesterday');
  if (days < 7) return formatter(language, { weekday: 'short', timeZone }).format(time);
  const sameYear = dayKey(time, timeZone).slice(0, 4) === dayKey(now, timeZone).slice(0, 4);
  const year = sameYear ? {} : ({ year: 'numeric' } as const);
  return formatter(language, { ...year, month: sameYear ? 'short' : 'numeric', day: 'numeric', timeZone }).format(time);
}

/** The time of day in the format of the language: `14:05` or `2:05 PM`. */
export function clockTime(time: number, language: Language, timeZone: string): string {
  return formatter(language, { timeStyle: 'short', timeZone }).format(time);
}

/** The full date and time, with seconds. */
export function fullTime(time: number, language: Language, timeZone: string): string {
  return formatter(language, { dateStyle: 'full', timeStyle: 'medium', timeZone }).format(time);
}

/** Milliseconds until the next midnight of the reader. */
export function untilMidnight(now: number): number {
  const midnight = new Date(now);
  midnight.setHours(24, 0, 0, 0);
  return midnight.getTime() - now;
}

/** Calendar days since 1970. */
function dayNumber(time: number, timeZone: string): number {
  return Date.parse(dayKey(time, timeZone)) / 86_400_000;
}

/** Adds the region of the reader to a language, if the browser reports one. 14:05 in Britain is 2:05 PM in America. */
function regional(locale: string): string {
  const isOfLocale = (language: string): boolean => language.startsWith(`${locale}-`) && isTag(language);
  return languages?.find(isOfLocale) ?? locale;
}

/** Chromium without a locale of the system reports `en-US@posix`, which `Intl` does not accept. */
function isTag(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
}

const formatters = new Map<string, Intl.DateTimeFormat>();
/** The languages of the browser. */
let languages: readonly string[] | undefined;

/** A formatter always has a time zone: without one it would keep that of its creation. Cached, because the creation is expensive. */
function formatter(
  language: string,
  options: Intl.DateTimeFormatOptions & { readonly timeZone: string },
): Intl.DateTimeFormat {
  languages = globalThis.navigator?.languages;
  // With the texts of the languages, since some browsers return a new list each time.
  const key = JSON.stringify([language, options, languages]);
  let known = formatters.get(key);
  if (!known) formatters.set(key, (known = new Intl.DateTimeFormat(regional(language), options)));
  return known;
}
