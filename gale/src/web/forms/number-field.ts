/** Fields for numbers: `integerField` and `decimalField`. The inputs are of type text, so that what was typed is kept. */
import { assertInteger, assertNumber, readIntegers } from '../../run/given-options.ts';
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
import { TypedField } from './typed-field.ts';

/** Range of a number. */
export interface NumberFieldOptions extends FieldOptions {
  /** Smallest number. @defaultValue -9 007 199 254 740 991; -999 999 999 999 999 for a decimal */
  readonly min?: number;
  /** Largest number. @defaultValue 9 007 199 254 740 991; 999 999 999 999 999 for a decimal */
  readonly max?: number;
}

/** Options of {@link decimalField}. */
export interface DecimalFieldOptions extends NumberFieldOptions {
  /** Maximum number of decimal places, 0 to 15. @defaultValue 10 */
  readonly places?: number;
}

/** A whole number in decimal digits, from −(2^53 − 1) to 2^53 − 1. */
export function integerField<const Required extends boolean = true, Schema extends AnySchema = undefined>(
  options: NumberFieldOptions & CheckOptions<number, Required, Schema>,
): Field<Checked<number, Required, Schema>, number> {
  const common = resolveFieldOptions('integerField', options, ['min', 'max']);
  const { MIN_SAFE_INTEGER: least, MAX_SAFE_INTEGER: most } = Number;
  const { min = least, max = most } = options;
  assertInteger('max', max, least, most);
  assertInteger('min', min, least, max);
  return new IntegerField(common, min, max);
}

/**
 * A decimal number such as `2.5`, with at most 15 digits, so that the number is exactly what was typed. The decimal separator is a
 * point in all languages.
 */
export function decimalField<const Required extends boolean = true, Schema extends AnySchema = undefined>(
  options: DecimalFieldOptions & CheckOptions<number, Required, Schema>,
): Field<Checked<number, Required, Schema>, number> {
  const common = resolveFieldOptions('decimalField', options, ['min', 'max', 'places']);
  const { places } = readIntegers(options, { places: [10, 0, 15] });
  const { min = -maxDecimal, max = maxDecimal } = options;
  assertNumber('max', max, -maxDecimal, maxDecimal);
  assertNumber('min', min, -maxDecimal, max);
  return new DecimalField(common, min, max, places);
}

/** Every number of this many digits has its own double. */
const maxDigits = 15;
const maxDecimal = 999_999_999_999_999;
/** Longer than every number that is accepted. */
const maxLength = 40;

abstract class NumberField<Value> extends TypedField<Value, number> {
  readonly #min: number;
  readonly #max: number;
  protected abstract readonly inputMode: string;

  constructor(options: ResolvedFieldOptions, min: number, max: number) {
    super(options, maxLength);
    this.#min = min;
    this.#max = max;
  }

  protected inRange(value: number): FieldReading {
    if (value < this.#min) return { rule: 'tooSmall', values: { min: this.#min } };
    if (value > this.#max) return { rule: 'tooLarge', values: { max: this.#max } };
    // Minus zero is zero.
    return { value: value + 0 };
  }

  protected override inputAttributes(): Attributes {
    return { ...super.inputAttributes(), inputmode: this.inputMode };
  }
}

class IntegerField<Value> extends NumberField<Value> {
  override readonly kind = 'integer';
  protected override readonly wanted = 'an integer';
  protected override readonly inputMode = 'numeric';

  protected override parse(text: string): FieldReading {
    // Over 2^53 the number is not exact, but outside of the range.
    return /^[+-]?\d+$/.test(text) ? this.inRange(Number(text)) : { rule: 'integer' };
  }

  protected override format(value: number): string | undefined {
    return Number.isSafeInteger(value) ? String(value + 0) : undefined;
  }
}

class DecimalField<Value> extends NumberField<Value> {
  override readonly kind = 'decimal';
  protected override readonly wanted = `a number of at most ${maxDecimal}`;
  protected override readonly inputMode = 'decimal';
  readonly #places: number;

  constructor(options: ResolvedFieldOptions, min: number, max: number, places: number) {
    super(options, min, max);
    this.#places = places;
  }

  protected override parse(text: string): FieldReading {
    const [whole, integer = '', fraction = ''] = /^[+-]?(\d*)(?:\.(\d*))?$/.exec(text) ?? [];
    if (whole === undefined || integer + fraction === '') return { rule: 'decimal' };
    const places = fraction.replace(/0+$/, '');
    if (places.length > this.#places) return { rule: 'places', values: { count: this.#places } };
    if (`${integer}${places}`.replace(/^0+/, '').length > maxDigits) {
      return { rule: 'digits', values: { count: maxDigits } };
    }
    return this.inRange(Number(text));
  }

  protected override format(value: number): string | undefined {
    if (!Number.isFinite(value) || Math.abs(value) > maxDecimal) return undefined;
    const [integer = '', fraction = ''] = value.toFixed(this.#places).split('.');
    const places = fraction.replace(/0+$/, '');
    const text = places === '' ? integer : `${integer}.${places}`;
    return text === '-0' ? '0' : text;
  }
}
