/** Checks the definitions of a program's options, so that a mistake in them is found at the start and not at the first use. */
import { assertNames, listChoices, wrongValue } from './given-options.ts';
import type { IntegerOption, Option, TextOption } from './options.ts';

/**
 * Checks the definitions, their defaults included.
 *
 * @returns The name of each option by its key; see {@link optionKey}.
 * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN`; the message names the option.
 */
export function checkDefinitions(definitions: Readonly<Record<string, Option>>): ReadonlyMap<string, string> {
  assertObject('definitions of options', definitions);
  const names = new Map<string, string>();
  for (const [name, option] of Object.entries(definitions)) {
    const key = optionKey(name);
    if (!/^[A-Za-z][\w-]*$/.test(name) || key === 'help') {
      throw wrongValue('name of an option', 'letters, digits, - and _ after a letter, and not help', name);
    }
    const same = names.get(key);
    if (same !== undefined) throw wrongValue('name of an option', `different from ${same} without case, - and _`, name);
    names.set(key, name);
    checkDefinition(`--${name}`, option);
  }
  return names;
}

/** The form of a name in which `max-items`, `max_items` and `maxItems` are equal. */
export function optionKey(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}

/** The range of an integer option. */
export function rangeOf({ min = 0, max = Number.MAX_SAFE_INTEGER }: IntegerOption): {
  readonly min: number;
  readonly max: number;
} {
  return { min, max };
}

const names = {
  text: ['type', 'default', 'help', 'env', 'choices'],
  integer: ['type', 'default', 'help', 'env', 'min', 'max'],
  switch: ['type', 'default', 'help', 'env'],
} as const;

function checkDefinition(label: string, option: Option): void {
  assertObject(`definition of ${label}`, option);
  const type: unknown = option.type;
  if (type !== 'text' && type !== 'integer' && type !== 'switch') {
    throw wrongValue(`type of ${label}`, listChoices(Object.keys(names)), type);
  }
  assertNames(`definition of ${label}`, option, names[type]);
  if (typeof option.help !== 'string') throw wrongValue(`help of ${label}`, 'a string', option.help);
  if (option.env !== undefined && (typeof option.env !== 'string' || option.env === '')) {
    throw wrongValue(`env of ${label}`, 'the name of an environment variable', option.env);
  }
  const wanted = wantedDefault(label, option);
  if (wanted !== undefined) throw wrongValue(`default of ${label}`, wanted, option.default);
}

/** @returns What the default must be; `undefined` if it is right. */
function wantedDefault(label: string, option: Option): string | undefined {
  switch (option.type) {
    case 'text':
      return wantedText(label, option);
    case 'integer': {
      const { min, max } = rangeOf(option);
      if (!Number.isSafeInteger(min)) throw wrongValue(`min of ${label}`, 'an integer', min);
      if (!Number.isSafeInteger(max) || max < min) throw wrongValue(`max of ${label}`, `an integer from ${min}`, max);
      const value = option.default;
      return Number.isInteger(value) && value >= min && value <= max ? undefined : `an integer from ${min} to ${max}`;
    }
    case 'switch':
      return typeof option.default === 'boolean' ? undefined : 'true or false';
  }
}

function wantedText(label: string, { choices, default: byDefault }: TextOption): string | undefined {
  if (choices === undefined) return typeof byDefault === 'string' ? undefined : 'a string';
  const isList = Array.isArray(choices) && choices.length > 0 && choices.every((choice) => typeof choice === 'string');
  if (!isList) throw wrongValue(`choices of ${label}`, 'an array of strings that is not empty', choices);
  return choices.includes(byDefault) ? undefined : `one of ${choices.join(', ')}`;
}

function assertObject(what: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongValue(what, 'an object', value);
}
