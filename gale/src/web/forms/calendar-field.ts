/** Fields for dates and times: `dateField` and `timeField`. Their values are texts of ISO 8601, which have no time zone. */
import { readChoices, wrongValue } from '../../run/given-options.ts';
import type { Attributes } from './attributes.ts';
import type { Field, FieldReading } from './field.ts';
import {
  resolveFieldOptions,
  type AnySchema,
  type Checked,
  type CheckOptions,
  type FieldOptions,
  type ResolvedFieldOptions,
} from './field-options.ts';
import type { FormRule } from './form-texts.ts';
import { TypedField } from './typed-field.ts';

/** Options of {@link dateField}. */
export interface DateFieldOptions extends FieldOptions {
  /** The first date, such as `2026-01-31`. @defaultValue '0001-01-01' */
  readonly min?: string;
  /** The last date. @defaultValue '9999-12-31' */
  readonly max?: string;
}

/** Options of {@link timeField}. */
export interface TimeFieldOptions extends FieldOptions {
  /** The first time, such as `08:00`. @defaultValue '00:00' */
  readonly min?: string;
  /** The last time. @defaultValue '23:59', or '23:59:59' with seconds */
  readonly max?: string;
  /** Whether the time has seconds. @defaultValue false */
  readonly seconds?: boolean;
}

/** A date of the Gregorian calendar. Its value is `YYYY-MM-DD`. */
export function dateField<const Required extends boolean = true, Schema extends AnySchema = undefined>(
  options: DateFieldOptions & CheckOptions<string, Required, Schema>,
): Field<Checked<string, Required, Schema>, string> {
  const common = resolveFieldOptions('dateField', options, ['min', 'max']);
  const range = readRange(options, ['0001-01-01', '9999-12-31'], isDate, 'a date');
  // With max, browsers do not accept years of five digits.
  return new CalendarField(common, 'date', isDate, range, { min: options.min, max: range[1] });
}

/** A time of the day. Its value is `HH:MM`, or `HH:MM:SS` with `seconds`. */
export function timeField<const Required extends boolean = true, Schema extends AnySchema = undefined>(
  options: TimeFieldOptions & CheckOptions<string, Required, Schema>,
): Field<Checked<string, Required, Schema>, string> {
  const common = resolveFieldOptions('timeField', options, ['min', 'max', 'seconds']);
  const { seconds } = readChoices(options, { seconds: [false, true] });
  const isTime = seconds ? isTimeWithSeconds : isTimeOfMinutes;
  const whole = seconds ? (['00:00:00', '23:59:59'] as const) : (['00:00', '23:59'] as const);
  const range = readRange(options, whole, isTime, seconds ? 'a time with seconds' : 'a time without seconds');
  const { min, max } = options;
  return new CalendarField(common, 'time', isTime, range, { min, max, step: seconds ? 1 : undefined });
}

type Range = readonly [min: string, max: string];

/** Texts of one length, so their order is that of the dates or times. */
class CalendarField<Value> extends TypedField<Value, string> {
  override readonly kind: 'date' | 'time';
  protected override readonly wanted: string;
  readonly #isValid: (text: string) => boolean;
  readonly #range: Range;
  readonly #limits: Attributes;

  constructor(
    options: ResolvedFieldOptions,
    kind: 'date' | 'time',
    isValid: (text: string) => boolean,
    range: Range,
    limits: Attributes,
  ) {
    super(options, 40);
    this.kind = kind;
    this.wanted = `a ${kind} such as ${range[1]}`;
    this.#isValid = isValid;
    this.#range = range;
    this.#limits = limits;
  }

  protected override parse(text: string): FieldReading {
    const rule: FormRule = this.kind;
    const [min, max] = this.#range;
    if (!this.#isValid(text)) return { rule };
    if (text < min) return { rule: 'tooEarly', values: { min } };
    return text > max ? { rule: 'tooLate', values: { max } } : { value: text };
  }

  protected override format(value: string): string | undefined {
    return typeof value === 'string' && this.#isValid(value) ? value : undefined;
  }

  protected override inputAttributes(): Attributes {
    return { type: this.kind, ...this.#limits, required: this.options.required };
  }
}

function isDate(text: string): boolean {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  return year > 0 && month > 0 && month <= 12 && day > 0 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isTimeOfMinutes(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text);
}

function isTimeWithSeconds(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(text);
}

function readRange(
  options: { readonly min?: string; readonly max?: string },
  [first, last]: Range,
  isValid: (text: string) => boolean,
  what: string,
): Range {
  const { min = first, max = last } = options;
  for (const [name, value] of Object.entries({ min, max })) {
    if (typeof value !== 'string' || !isValid(value)) throw wrongValue(name, `${what}, such as ${last}`, value);
  }
  if (min > max) throw wrongValue('min', `at most max, ${max}`, min);
  return [min, max];
}
