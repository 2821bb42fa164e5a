/**
 * Checks of the options that a program gives to a server, to `listen` or to `runProgram`: known names, whole numbers in their range, a
 * log that can be written to. A wrong one is told by its name, its value and what it may be.
 */
import { GaleError } from '../errors.ts';
import type { Logger } from './log.ts';
import { showText } from './shown-text.ts';

/** Default, least and greatest value of one number. */
export type NumberRange = readonly [byDefault: number, least: number, greatest: number];

/** The longest time a timer of Node.js can be set to, in milliseconds. */
export const maxTimerMs: number = 2 ** 31 - 1;

/**
 * Looks whether `options` is an object that has only these names.
 *
 * @param owner - Whose options they are, as the message says it: `server`.
 * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN`.
 */
export function assertNames(owner: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongValue(`The options of ${owner}`, 'an object', options, 'are');
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new GaleError('OPTION_UNKNOWN', `Unknown ${owner} option ${name}; the options are ${names.join(', ')}.`);
  }
}

/**
 * Reads numbers out of options; what is left out or undefined has its default.
 *
 * @throws {@link GaleError} `OPTION_VALUE` for what is not a whole number inside its range.
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
      throw wrongValue(name, `a whole number from ${least} to ${greatest}`, value);
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
 * An error that says what an option may be and what it is.
 *
 * @param wanted - What it may be: `true or false`.
 */
export function wrongValue(name: string, wanted: string, value: unknown, verb: 'is' | 'are' = 'is'): GaleError {
  return new GaleError('OPTION_VALUE', `${name} ${verb} ${wanted}, not ${shown(value)}.`);
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
