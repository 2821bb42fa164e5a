/**
 * Header fields of a response whose value is a date: `Date`, `Expires`, `Last-Modified` and `Retry-After`. A client ignores a date
 * that it cannot read, and nobody notices, so such a value is an error here.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { formatHttpDate, parseHttpDate } from './http-date.ts';

/**
 * Formats the value of a field with a date. A text in one of the three forms of RFC 9110 §5.6.7 is written in the first of them, since
 * a server must not send the others. A Last-Modified in the future becomes the current time (§8.8.2.1).
 *
 * `Expires` may also be `0` or `-1`, as text or number: caches read every other text as a time in the past (RFC 9111 §5.3), and these
 * two are in wide use. `Retry-After` may also be a whole number of seconds (RFC 9110 §10.2.3).
 *
 * @param name - In any case.
 * @returns `undefined` if the field is none of these four.
 * @throws {@link GaleError} `WEB_HEADER` for any other value.
 */
export function formatDateField(name: string, value: unknown): string | undefined {
  const rule = rules.get(name.toLowerCase());
  if (rule === undefined) return undefined;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && rule.others?.test(text) === true) return text;
  const now = Date.now();
  const time =
    value instanceof Date ? value.getTime() : typeof value === 'string' ? parseHttpDate(value, now) : undefined;
  if (time === undefined) {
    throw new GaleError('WEB_HEADER', `${name} must be ${rule.wanted}; got ${showValue(value)}; pass ${rule.advice}.`);
  }
  return formatHttpDate(new Date(rule.isPast === true ? Math.min(time, now) : time));
}

interface DateRule {
  readonly wanted: string;
  readonly advice: string;
  /** What the value may be instead of a date. */
  readonly others?: RegExp;
  readonly isPast?: boolean;
}

const date: DateRule = { wanted: 'a Date or an HTTP date', advice: 'a Date' };
const rules: ReadonlyMap<string, DateRule> = new Map([
  ['date', date],
  ['last-modified', { ...date, isPast: true }],
  ['expires', { wanted: 'a Date, an HTTP date or 0', advice: 'a Date, or 0 for the past', others: /^(?:0|-1)$/ }],
  [
    'retry-after',
    { wanted: 'a whole number of seconds, a Date or an HTTP date', advice: 'seconds or a Date', others: /^\d+$/ },
  ],
]);
