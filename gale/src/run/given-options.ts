/**
 * The checker that every option resolver uses: known names, numbers in their range, choices, functions, a log. Errors have one form:
 * `maxBodyBytes must be an integer from 0 to 100; got -1.` Runs in browsers too.
 */
import { GaleError } from '../errors.ts';
import type { Logger } from './log.ts';
import { shorten, showText } from './shown-text.ts';

/** Default, minimum and maximum of one number. */
export type NumberRange = readonly [byDefault: number, min: number, max: number];

/** Longest delay of a Node.js timer, in milliseconds. */
export const maxTimerMs: number = 2 ** 31 - 1;

/**
 * Checks that `options` is an object and has only these names.
 *
 * @param owner - The owner of the options, as the message names it, such as `server`.
 * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN`.
 */
export function assertNames(owner: string, options: unknown, names: readonly string[]): void {
  assertObject(`${owner} options`, options);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const meant = names.find((known) => lettersOf(known) === lettersOf(name));
    const advice = meant === undefined ? '' : `, use ${meant}`;
    throw new GaleError(
      'OPTION_UNKNOWN',
      `Unknown ${owner} option ${name}${advice}; the options are ${names.join(', ')}.`,
    );
  }
}

/** A name in one spelling: `max_age`, `max-age` and `maxAge` are equal. */
function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

/**
 * Reads integers from options. A missing or undefined value has its default.
 *
 * @throws {@link GaleError} `OPTION_VALUE` for a value that is not an integer in its range.
 */
export function readIntegers<Name extends string>(
  options: { readonly [name in NoInfer<Name>]?: unknown },
  ranges: Readonly<Record<Name, NumberRange>>,
): Record<Name, number> {
  return readInRanges(options, ranges, Number.isInteger, 'an integer');
}

/**
 * Reads numbers that may be fractions, such as rates. A missing or undefined value has its default.
 *
 * @throws {@link GaleError} `OPTION_VALUE` for a value that is not a number in its range.
 */
export function readNumbers<Name extends string>(
  options: { readonly [name in NoInfer<Name>]?: unknown },
  ranges: Readonly<Record<Name, NumberRange>>,
): Record<Name, number> {
  return readInRanges(options, ranges, Number.isFinite, 'a number');
}

/**
 * Reads options with a list of allowed values. The first is the default of a missing or undefined option.
 *
 * @throws {@link GaleError} `OPTION_VALUE` for any other value.
 */
export function readChoices<const Choices extends Readonly<Record<string, readonly (string | boolean)[]>>>(
  options: { readonly [name in keyof NoInfer<Choices>]?: unknown },
  choices: Choices,
): { [name in keyof Choices]: Choices[name][number] } {
  const entries = Object.entries(choices).map(([name, known]): [string, string | boolean | undefined] => {
    const given: unknown = options[name];
    if (given === undefined) return [name, known[0]];
    const choice = known.find((value) => value === given);
    if (choice !== undefined) return [name, choice];
    throw wrongValue(name, listChoices(known), given);
  });
  return Object.fromEntries(entries) as { [name in keyof Choices]: Choices[name][number] };
}

/** Lists allowed values for a message: `"on" or "off"`. Booleans are always `true or false`, in this order. */
export function listChoices(values: readonly (string | boolean)[]): string {
  if (values.every((value) => typeof value === 'boolean')) return 'true or false';
  return values.map((value) => JSON.stringify(value)).join(' or ');
}

/** @throws {@link GaleError} `OPTION_VALUE` if one of the named options is present and not a function. */
export function assertFunctions<Name extends string>(
  options: { readonly [name in NoInfer<Name>]?: unknown },
  names: readonly Name[],
): void {
  for (const name of names) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'function') throw wrongValue(name, 'a function', value);
  }
}

/** @throws {@link GaleError} `OPTION_VALUE` if one of the four methods of a {@link Logger} is missing. */
export function assertLog(log: Logger | undefined): void {
  if (log === undefined) return;
  assertMethods(
    'log',
    log,
    ['debug', 'info', 'warn', 'error'],
    'an object with the methods debug, info, warn and error',
  );
}

/**
 * Checks that a value is an object with these methods.
 *
 * @param wanted - What the value must be: `an object with the methods load and save`.
 * @throws {@link GaleError} `OPTION_VALUE`.
 */
export function assertMethods(name: string, value: unknown, methods: readonly string[], wanted: string): void {
  const isObject = typeof value === 'object' && value !== null;
  if (isObject && methods.every((method) => typeof Reflect.get(value, method) === 'function')) return;
  throw wrongValue(name, wanted, value);
}

/** @throws {@link GaleError} `OPTION_VALUE` if the value is not an integer from `min` to `max`. */
export function assertInteger(name: string, value: unknown, min: number, max: number): void {
  if (!isInRange(value, Number.isInteger, min, max)) throw wrongValue(name, `an integer from ${min} to ${max}`, value);
}

/** @throws {@link GaleError} `OPTION_VALUE` if the value is not a finite number from `min` to `max`. */
export function assertNumber(name: string, value: unknown, min: number, max: number): void {
  if (!isInRange(value, Number.isFinite, min, max)) throw wrongValue(name, `a number from ${min} to ${max}`, value);
}

/** @throws {@link GaleError} `OPTION_VALUE` if the value is not a string. */
export function assertString(name: string, value: unknown): void {
  if (typeof value !== 'string') throw wrongValue(name, 'a string', value);
}

/** @throws {@link GaleError} `OPTION_VALUE` if the value is not a string with at least one character. */
export function assertFilledString(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw wrongValue(name, 'a string that is not empty', value);
}

/** @throws {@link GaleError} `OPTION_VALUE` if the value is not an object; a list is none. */
export function assertObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongValue(name, 'an object', value);
}

/**
 * Makes the error for a wrong value.
 *
 * @param wanted - What the option must be: `true or false`.
 */
export function wrongValue(name: string, wanted: string, value: unknown): GaleError {
  return new GaleError('OPTION_VALUE', `${name} must be ${wanted}; got ${showValue(value)}.`);
}

/**
 * Formats a value for a message. Strings are quoted, so '5' and 5 differ, and shortened. Objects show only their class or their names,
 * because values may be secret.
 */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return showText(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `an instance of ${classNameOf(prototype)}`;
  const names = Object.keys(value);
  return names.length === 0 ? 'an empty object' : `an object with ${shorten(names.slice(0, 10).join(', '))}`;
}

function classNameOf(prototype: unknown): string {
  const { constructor } = prototype as { readonly constructor?: unknown };
  return (typeof constructor === 'function' && constructor.name) || 'a class without a name';
}

function readInRanges<Name extends string>(
  options: { readonly [name in NoInfer<Name>]?: unknown },
  ranges: Readonly<Record<Name, NumberRange>>,
  isOfKind: (value: unknown) => boolean,
  kind: string,
): Record<Name, number> {
  const numbers: Partial<Record<Name, number>> = {};
  for (const name of Object.keys(ranges) as Name[]) {
    const [byDefault, min, max] = ranges[name];
    const value: unknown = options[name] === undefined ? byDefault : options[name];
    if (!isInRange(value, isOfKind, min, max)) throw wrongValue(name, `${kind} from ${min} to ${max}`, value);
    numbers[name] = value;
  }
  return numbers as Record<Name, number>;
}

function isInRange(value: unknown, isOfKind: (value: unknown) => boolean, min: number, max: number): value is number {
  return typeof value === 'number' && isOfKind(value) && value >= min && value <= max;
}
