/**
 * The checker that every option resolver uses: known names, integers in their range, a log with its methods. An error has one form:
 * `maxBodyBytes must be an integer from 0 to 100; got -1.`
 */
import { GaleError } from '../errors.ts';
import type { Logger } from './log.ts';
import { showText } from './shown-text.ts';

/** Default, least and greatest value of one number. */
export type NumberRange = readonly [byDefault: number, least: number, greatest: number];

/** The longest time a timer of Node.js can be set to, in milliseconds. */
export const maxTimerMs: number = 2 ** 31 - 1;

/**
 * Checks that `options` is an object with no other names than these.
 *
 * @param owner - Whose options they are, as the message says it: `server`.
 * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN`.
 */
export function assertNames(owner: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongValue(`The options of ${owner}`, 'an object', options);
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new GaleError('OPTION_UNKNOWN', `Unknown ${owner} option ${name}; the options are ${names.join(', ')}.`);
  }
}

/**
 * Reads integers from options. A missing or undefined one has its default.
 *
 * @throws {@link GaleError} `OPTION_VALUE` for a value that is not an integer in its range.
 */
export function wholeNumbers<Name extends string>(
  options: { readonly [name in NoInfer<Name>]?: unknown },
  ranges: Readonly<Record<Name, NumberRange>>,
): Record<Name, number> {
  const numbers: Partial<Record<Name, number>> = {};
  for (const name of Object.keys(ranges) as Name[]) {
    const [byDefault, least, greatest] = ranges[name];
    const value: unknown = options[name] === undefined ? byDefault : options[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > greatest) {
      throw wrongValue(name, `an integer from ${least} to ${greatest}`, value);
    }
    numbers[name] = value;
  }
  return numbers as Record<Name, number>;
}

/** @throws {@link GaleError} `OPTION_VALUE` for what lacks one of the four methods of a {@link Logger}. */
export function assertLog(log: Logger | undefined): void {
  if (log === undefined) return;
  const methods: unknown = log;
  for (const name of ['debug', 'info', 'warn', 'error']) {
    if (typeof methods !== 'object' || methods === null || typeof Reflect.get(methods, name) !== 'function') {
      throw wrongValue('log', 'an object with the methods debug, info, warn and error', log);
    }
  }
}

/**
 * Makes the error for a wrong value.
 *
 * @param wanted - What the option must be: `true or false`.
 */
export function wrongValue(name: string, wanted: string, value: unknown): GaleError {
  return new GaleError('OPTION_VALUE', `${name} must be ${wanted}; got ${shown(value)}.`);
}

/** As JSON, so that '5' and 5 differ; what JSON cannot say as JavaScript does, and an object without what is in it, which may be secret. */
function shown(value: unknown): string {
  if (typeof value === 'string') return showText(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const names = Object.keys(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return names.length === 0 ? 'an empty object' : `an object with ${names.slice(0, 10).join(', ')}`;
}
