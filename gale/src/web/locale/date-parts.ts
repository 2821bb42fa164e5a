/** Formats dates by `Intl`, with formatters that are kept, since each takes longer to create than to use a hundred times. No I/O. */
import { GaleError } from '../../errors.ts';
import { wrongValue } from '../../run/given-options.ts';

/** A moment: a `Date`, milliseconds since 1970, or a `Temporal.Instant` or `Temporal.ZonedDateTime`. */
export type DateValue = Date | number | { readonly epochMilliseconds: number };

/** The parts of a date in a time zone, by which texts of Tornado are filled. */
export interface DateParts {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  /** In English. */
  readonly weekday: string;
  /** From 0 to 23. */
  readonly hour: number;
  readonly minute: number;
}

/** Formatters that are kept per language. Time zones may come from users. */
const maxFormatters = 100;
/** The longest name of a time zone has 32 characters. */
const maxZoneCharacters = 64;

/** The formatters of one language. */
export class DateFormatters {
  readonly #tag: string;
  readonly #formatters = new Map<string, Intl.DateTimeFormat>();

  constructor(tag: string) {
    this.#tag = tag;
  }

  /**
   * Formats a date by `Intl.DateTimeFormat`.
   *
   * @throws {@link GaleError} `OPTION_VALUE` for options that `Intl` does not know.
   */
  format(ms: number, timeZone: string, options: Intl.DateTimeFormatOptions): string {
    return this.#formatter(this.#tag, timeZone, options).format(ms);
  }

  /** The name of the month as it is beside a day, which in some languages differs from that in a heading. */
  monthName(ms: number, timeZone: string): string {
    const parts = this.#formatter(this.#tag, timeZone, { month: 'long', day: 'numeric' }).formatToParts(ms);
    const month = parts.find(({ type }) => type === 'month')?.value ?? '';
    // Chinese has a number beside the day, and the rest of the name outside of it.
    return /\p{L}/u.test(month) ? month : this.format(ms, timeZone, { month: 'long' });
  }

  /** The parts, the same in every language. */
  parts(ms: number, timeZone: string): DateParts {
    const parts = this.#formatter('en-US', timeZone, partOptions).formatToParts(ms);
    const found = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
    return {
      year: Number(found['year']),
      month: Number(found['month']),
      day: Number(found['day']),
      weekday: found['weekday'] ?? '',
      hour: Number(found['hour']),
      minute: Number(found['minute']),
    };
  }

  #formatter(tag: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = JSON.stringify([tag, timeZone, options]);
    const known = this.#formatters.get(key);
    if (known !== undefined) return known;
    if (this.#formatters.size >= maxFormatters) this.#formatters.clear();
    let formatter: Intl.DateTimeFormat;
    try {
      formatter = new Intl.DateTimeFormat(tag, { ...options, timeZone });
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
      throw new GaleError('OPTION_VALUE', `Intl.DateTimeFormat does not accept the options: ${error.message}.`);
    }
    this.#formatters.set(key, formatter);
    return formatter;
  }
}

const partOptions: Intl.DateTimeFormatOptions = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  weekday: 'long',
  hour: 'numeric',
  minute: 'numeric',
};

/** @throws {@link GaleError} `OPTION_VALUE` if it is not a valid date. */
export function millisecondsOf(date: DateValue): number {
  const isObject = typeof date === 'object' && date !== null;
  const ms: unknown = isObject ? ('epochMilliseconds' in date ? date.epochMilliseconds : date.getTime?.()) : date;
  // The range of a Date.
  if (typeof ms === 'number' && Math.abs(ms) <= 8.64e15) return ms;
  throw wrongValue('date', 'a valid Date, milliseconds since 1970, or a Temporal.Instant', date);
}

/** Zones that were checked: all of the world, about 600 names. */
const knownZones = new Set<string>();
const maxKnownZones = 1_000;

/** @throws {@link GaleError} `OPTION_VALUE` if `Intl` does not know the zone. */
export function assertTimeZone(name: string, timeZone: unknown): asserts timeZone is string {
  if (knownZones.has(timeZone as string)) return;
  const isShort = typeof timeZone === 'string' && timeZone.length <= maxZoneCharacters;
  try {
    if (isShort && new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '') {
      if (knownZones.size < maxKnownZones) knownZones.add(timeZone);
      return;
    }
  } catch {
    // The error below has the name of the option.
  }
  throw wrongValue(name, 'a time zone, such as Europe/Berlin or +08:00', timeZone);
}
