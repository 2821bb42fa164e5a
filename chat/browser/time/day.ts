/** Days and times of day as the reader's zone and language have them. */
import type { Language, Translate } from '../../locale/index.ts';

/** The day of an instant, comparable: `2026-11-21`. @param timeZone - The reader's own if not given. */
export function dayKey(time: number, timeZone?: string): string {
  // Sweden writes dates as ISO 8601 does.
  return formatter('sv-SE', { dateStyle: 'short', ...zone(timeZone) }).format(time);
}

/** What a day is called: today, yesterday, a weekday within the last week, else the date; the year if it is another. */
export function dayLabel(time: number, now: number, language: Language, t: Translate, timeZone?: string): string {
  const days = (dayNumber(now, timeZone) - dayNumber(time, timeZone)) | 0;
  if (days === 0) return t('today');
  if (days === 1) return t('yesterday');
  if (days > 1 && days < 7) return formatter(language, { weekday: 'long', ...zone(timeZone) }).format(time);
  const sameYear = dayKey(time, timeZone).slice(0, 4) === dayKey(now, timeZone).slice(0, 4);
  return formatter(language, {
    ...(sameYear ? {} : { year: 'numeric' }),
    month: 'long',
    day: 'numeric',
    weekday: 'long',
    ...zone(timeZone),
  }).format(time);
}

/** The time of day, `14:05` or `2:05 PM` as the language has it. */
export function clockTime(time: number, language: Language, timeZone?: string): string {
  return formatter(language, { timeStyle: 'short', ...zone(timeZone) }).format(time);
}

/** Date and time in full. */
export function fullTime(time: number, language: Language, timeZone?: string): string {
  return formatter(language, { dateStyle: 'full', timeStyle: 'medium', ...zone(timeZone) }).format(time);
}

/** Milliseconds until the reader's next midnight. */
export function untilMidnight(now: number): number {
  const midnight = new Date(now);
  midnight.setHours(24, 0, 0, 0);
  return midnight.getTime() - now;
}

/** Days since 1970 by the calendar. */
function dayNumber(time: number, timeZone: string | undefined): number {
  return Date.parse(dayKey(time, timeZone)) / 86_400_000;
}

function zone(timeZone: string | undefined): { timeZone?: string } {
  return timeZone === undefined ? {} : { timeZone };
}

/** The reader's own region of a language, where the browser names one: 14:05 in Britain is 2:05 PM in America. */
function regional(locale: string): string {
  return globalThis.navigator?.languages.find((language) => language.startsWith(`${locale}-`)) ?? locale;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Formatters are dear to make and cheap to use. */
function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let known = formatters.get(key);
  if (!known) formatters.set(key, (known = new Intl.DateTimeFormat(regional(locale), options)));
  return known;
}
