/**
 * Dates of HTTP headers. Reads exactly the three forms of RFC 9110 §5.6.7, which are always UTC, and writes the first of them.
 * `Date.parse` reads much more (`9999`, `foo 2030`, local times), so it is not for text from outside.
 */
import { GaleError } from '../errors.ts';

/**
 * Reads a date in one of the forms `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
 * `Sun Nov  6 08:49:37 1994`. Names are case-sensitive and there is no other white space, as in the grammar. The name of the
 * day need not fit the date, since the grammar does not require it and no meaning depends on it. Days that do not exist, hour
 * 24 and a second 60 other than 23:59:60 (a leap second, the same as 00:00:00 of the next day) are not dates.
 *
 * @param now - Milliseconds since 1970, for a year of two digits: if the date would be more than 50 years in the future, it is
 *   in the century before.
 * @returns Milliseconds since 1970; `undefined` for any other text.
 */
export function parseHttpDate(text: string, now: number = Date.now()): number | undefined {
  // A cheap limit before any work: the longest date is `Wednesday, 06-Nov-94 08:49:37 GMT`.
  if (text.length > 33) return undefined;
  const parts = (fixedDate.exec(text) ?? shortYearDate.exec(text) ?? plainDate.exec(text))?.groups;
  if (parts === undefined) return undefined;
  const { day = '', month = '', year = '', hour = '', minute = '', second = '' } = parts;
  const time = readTime(Number(hour), Number(minute), Number(second));
  if (time === undefined) return undefined;
  const monthIndex = months.indexOf(month);
  if (year.length === 4) return instantOf(Number(year), monthIndex, Number(day), time);
  const today = new Date(now);
  const century = Math.floor(today.getUTCFullYear() / 100) * 100;
  const horizon = today.setUTCFullYear(today.getUTCFullYear() + 50);
  const near = century + Number(year);
  const instant = instantOf(near, monthIndex, Number(day), time);
  return instant !== undefined && instant <= horizon ? instant : instantOf(near - 100, monthIndex, Number(day), time);
}

/**
 * Writes a date as `Sun, 06 Nov 1994 08:49:37 GMT`.
 *
 * @throws {@link GaleError} `WEB_HEADER` if it is not valid or its year does not have four digits.
 */
export function formatHttpDate(date: Date): string {
  const year = date.getUTCFullYear();
  if (year >= 0 && year <= 9999) return date.toUTCString();
  const found = Number.isNaN(year) ? 'an invalid date' : `year ${year}`;
  throw new GaleError('WEB_HEADER', `date of a header must have a year from 0 to 9999; got ${found}.`);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayName = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const longDayName = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';
const monthName = `(?<month>${months.join('|')})`;
const timeOfDay = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';
const fixedDate = new RegExp(`^${dayName}, (?<day>\\d\\d) ${monthName} (?<year>\\d{4}) ${timeOfDay} GMT$`);
const shortYearDate = new RegExp(`^${longDayName}, (?<day>\\d\\d)-${monthName}-(?<year>\\d\\d) ${timeOfDay} GMT$`);
const plainDate = new RegExp(`^${dayName} ${monthName} (?<day>\\d\\d| \\d) ${timeOfDay} (?<year>\\d{4})$`);

const dayMs = 86_400_000;

/** Milliseconds since midnight. */
function readTime(hour: number, minute: number, second: number): number | undefined {
  if (hour === 23 && minute === 59 && second === 60) return dayMs;
  return hour > 23 || minute > 59 || second > 59 ? undefined : ((hour * 60 + minute) * 60 + second) * 1000;
}

function instantOf(year: number, month: number, day: number, time: number): number | undefined {
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month, day);
  return midnight.getUTCDate() === day ? midnight.getTime() + time : undefined;
}
