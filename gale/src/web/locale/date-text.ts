/**
 * Dates in words, as Tornado writes them: `5 minutes ago`, `yesterday at 4:05 pm`, `July 1 at 4:05 pm`. Its texts are used in English, and in
 * a language that has translations of them; `Intl` has the words of all others. No I/O.
 */
import { DateFormatters, type DateParts } from './date-parts.ts';

/** Options of one date, checked. */
export interface DateStyle {
  readonly relative: boolean;
  readonly shorter: boolean;
  readonly fullFormat: boolean;
  readonly timeZone: string;
}

/** Finds the translation of a text of Tornado, with its values. `undefined` if there is none. */
export type DateTranslate = (
  text: string,
  values: Readonly<Record<string, string | number>>,
  plural?: string,
  count?: number,
) => string | undefined;

type Unit = 'second' | 'minute' | 'hour';

/** The texts of Tornado for one kind of date: without and with the time, and what `Intl` writes instead. */
interface Kind {
  readonly short: string;
  readonly long: string;
  readonly intl: Intl.DateTimeFormatOptions;
}

const time: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' };
const weekday: Kind = { short: '%(weekday)s', long: '%(weekday)s at %(time)s', intl: { weekday: 'long' } };
const monthDay: Kind = {
  short: '%(month_name)s %(day)s',
  long: '%(month_name)s %(day)s at %(time)s',
  intl: { month: 'long', day: 'numeric' },
};
const whole: Kind = {
  short: '%(month_name)s %(day)s, %(year)s',
  long: '%(month_name)s %(day)s, %(year)s at %(time)s',
  intl: { year: 'numeric', month: 'long', day: 'numeric' },
};

const monthNames: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Writes dates of one language. */
export class DateText {
  readonly #tag: string;
  readonly #find: DateTranslate;
  readonly #formatters: DateFormatters;
  #relative: Intl.RelativeTimeFormat | undefined;

  /** @param find - For English, also without a translation, the text itself with its values. */
  constructor(tag: string, find: DateTranslate) {
    this.#tag = tag;
    this.#find = find;
    this.#formatters = new DateFormatters(tag);
  }

  /** A date by `Intl` alone. */
  byIntl(ms: number, timeZone: string, options: Intl.DateTimeFormatOptions): string {
    return this.#formatters.format(ms, timeZone, options);
  }

  /** A date as Tornado writes it: the further away, the more of it. */
  format(date: number, now: number, { relative, shorter, fullFormat, timeZone }: DateStyle): string {
    let ms = date;
    let isWhole = fullFormat;
    if (date > now) {
      // The clocks of two computers differ: what is only just ahead is now. What is later has the whole date.
      if (relative && date - now < minuteMs) ms = now;
      else isWhole = true;
    }
    if (isWhole) return this.#date(whole, ms, timeZone, shorter);
    const seconds = Math.floor((now - ms) / 1_000);
    const days = Math.floor(seconds / 86_400);
    if (days === 0) return relative ? this.#ago(seconds) : this.#time(ms, timeZone);
    if (days === 1 && relative && this.#isDayBefore(ms, now, timeZone)) return this.#yesterday(ms, timeZone, shorter);
    if (days < 5) return this.#date(weekday, ms, timeZone, shorter);
    // 11 months, because a year later the same month could be either.
    return this.#date(days < 334 ? monthDay : whole, ms, timeZone, shorter);
  }

  /** A day without its year: `Monday, January 22`. */
  formatDay(ms: number, timeZone: string, hasWeekday: boolean): string {
    if (!hasWeekday) return this.#date(monthDay, ms, timeZone, true);
    return (
      this.#fill('%(weekday)s, %(month_name)s %(day)s', ms, timeZone) ??
      this.byIntl(ms, timeZone, { weekday: 'long', month: 'long', day: 'numeric' })
    );
  }

  #ago(seconds: number): string {
    if (seconds < 50) return this.#unitsAgo('second', seconds);
    if (seconds < 50 * 60) return this.#unitsAgo('minute', roundHalfEven(seconds / 60));
    return this.#unitsAgo('hour', roundHalfEven(seconds / 3_600));
  }

  #unitsAgo(unit: Unit, count: number): string {
    const found = this.#find(`1 ${unit} ago`, { [`${unit}s`]: count }, `%(${unit}s)d ${unit}s ago`, count);
    if (found !== undefined) return found;
    this.#relative ??= new Intl.RelativeTimeFormat(this.#tag);
    return this.#relative.format(-count, unit);
  }

  #isDayBefore(ms: number, now: number, timeZone: string): boolean {
    return this.#formatters.parts(ms, timeZone).day === this.#formatters.parts(now - dayMs, timeZone).day;
  }

  #time(ms: number, timeZone: string): string {
    // A translation has no reason to have this text. One of its longer texts shows that the language uses the words of Tornado.
    const values = { time: this.#clock(this.#formatters.parts(ms, timeZone)) };
    if (this.#find(monthDay.long, values) === undefined) return this.byIntl(ms, timeZone, time);
    return this.#find('%(time)s', values) ?? values.time;
  }

  #yesterday(ms: number, timeZone: string, shorter: boolean): string {
    const found = this.#fill(shorter ? 'yesterday' : 'yesterday at %(time)s', ms, timeZone);
    if (found !== undefined) return found;
    const yesterday = new Intl.RelativeTimeFormat(this.#tag, { numeric: 'auto' }).format(-1, 'day');
    return shorter ? yesterday : `${yesterday} ${this.byIntl(ms, timeZone, time)}`;
  }

  #date({ short, long, intl }: Kind, ms: number, timeZone: string, shorter: boolean): string {
    const found = this.#fill(shorter ? short : long, ms, timeZone);
    return found ?? this.byIntl(ms, timeZone, shorter ? intl : { ...intl, ...time });
  }

  /** A text of Tornado with the parts of a date. */
  #fill(text: string, ms: number, timeZone: string): string | undefined {
    const parts = this.#formatters.parts(ms, timeZone);
    const month = monthNames[parts.month - 1] ?? '';
    return this.#find(text, {
      month_name: this.#find(month, {}) ?? this.#formatters.monthName(ms, timeZone),
      weekday: this.#find(parts.weekday, {}) ?? this.byIntl(ms, timeZone, weekday.intl),
      day: String(parts.day),
      year: String(parts.year),
      time: this.#clock(parts),
    });
  }

  /** The time of day as Tornado writes it: 12 hours in English and simplified Chinese, else 24. */
  #clock({ hour, minute }: DateParts): string {
    const minutes = String(minute).padStart(2, '0');
    if (this.#tag === 'en' || this.#tag === 'en-US') {
      return `${hour % 12 || 12}:${minutes} ${hour < 12 ? 'am' : 'pm'}`;
    }
    if (this.#tag === 'zh-CN') return `${hour < 12 ? '上午' : '下午'}${hour % 12 || 12}:${minutes}`;
    return `${hour}:${minutes}`;
  }
}

/** As Python rounds: 2.5 to 2, 3.5 to 4. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
