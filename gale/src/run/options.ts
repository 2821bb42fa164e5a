/**
 * Options of a program: defined once, read from the command line and the environment, typed by their definition.
 * `--name=value` on the command line wins over the environment variable, which wins over the default.
 */
import { basename } from 'node:path';
import { GaleError } from '../errors.ts';
import { assertString, listChoices, wrongValue } from './given-options.ts';
import { checkDefinitions, optionKey, rangeOf } from './option-definitions.ts';

/** An option that holds text. */
export interface TextOption {
  readonly type: 'text';
  /** Value if none is given. */
  readonly default: string;
  /** Its purpose, one line of `--help`. */
  readonly help: string;
  /** Environment variable that is read when the command line does not name the option. */
  readonly env?: string;
  /** The allowed values; any text if omitted. */
  readonly choices?: readonly string[];
}

/** An option that holds an integer. */
export interface IntegerOption {
  readonly type: 'integer';
  /** Value if none is given. */
  readonly default: number;
  /** Its purpose and unit, one line of `--help`. */
  readonly help: string;
  /** Environment variable that is read when the command line does not name the option. */
  readonly env?: string;
  /** Minimum. Default 0. */
  readonly min?: number;
  /** Maximum. Default 2^53 - 1. */
  readonly max?: number;
}

/** An option that is on or off: `--name`, `--name=true`, `--name=false`. */
export interface SwitchOption {
  readonly type: 'switch';
  /** Value if none is given. */
  readonly default: boolean;
  /** Its purpose, one line of `--help`. */
  readonly help: string;
  /** Environment variable that is read when the command line does not name the option. */
  readonly env?: string;
}

/** Definition of one option. */
export type Option = TextOption | IntegerOption | SwitchOption;

/** Values of the options of a set of definitions. */
export type OptionValues<Definitions extends Readonly<Record<string, Option>>> = {
  readonly [Name in keyof Definitions]: Definitions[Name] extends IntegerOption
    ? number
    : Definitions[Name] extends SwitchOption
      ? boolean
      : string;
};

/** A set of defined options, created by {@link defineOptions}. */
export interface Options<Definitions extends Readonly<Record<string, Option>>> {
  /**
   * Reads the values. With `--help` anywhere among the words, also beside wrong ones, it prints the help and ends the process with
   * code 0.
   *
   * @param words - The command line after the name of the program. In names, `--max-items`, `--max_items` and `--maxItems` are the
   *   same.
   * @param environment - Environment variables. An empty one counts as absent.
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; the message is one line.
   */
  parse(
    words: readonly string[],
    environment?: Readonly<Record<string, string | undefined>>,
  ): OptionValues<Definitions>;
  /**
   * The text of `--help`: the usage, then a line for each option with its default and environment variable.
   *
   * @param usage - Replaces that of {@link defineOptions}.
   */
  help(usage?: string): string;
}

/**
 * Defines a program's options. Nothing is read until {@link Options.parse}.
 *
 * @param definitions - By name: letters, digits, `-` and `_`.
 * @param usage - Printed above the options by `--help`. @defaultValue `node FILE [options]`
 * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN` for a wrong definition, such as a default outside of its range.
 * @example
 * const options = defineOptions({ port: { type: 'integer', default: 8888, max: 65535, env: 'PORT', help: 'TCP port' } });
 * options.parse(['--port=9000'], {}).port; // 9000
 */
export function defineOptions<const Definitions extends Readonly<Record<string, Option>>>(
  definitions: Definitions,
  usage: string = `node ${basename(process.argv[1] ?? 'FILE')} [options]`,
): Options<Definitions> {
  const names = checkDefinitions(definitions);
  assertString('usage', usage);
  return {
    parse(words, environment = {}) {
      if (words.includes('--help')) {
        process.stdout.write(help(definitions, usage));
        process.exit(0);
      }
      return parse(definitions, names, words, environment) as OptionValues<Definitions>;
    },
    help: (other = usage) => help(definitions, other),
  };
}

function parse(
  definitions: Readonly<Record<string, Option>>,
  names: ReadonlyMap<string, string>,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | number | boolean> {
  const values: Record<string, string | number | boolean> = {};
  for (const [name, option] of Object.entries(definitions)) {
    const text = option.env === undefined ? undefined : environment[option.env];
    values[name] = text === undefined || text === '' ? option.default : valueOf(option, String(option.env), text);
  }
  for (const word of words) {
    const match = /^--([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word);
    const name = names.get(optionKey(match?.[1] ?? '')) ?? '';
    const option = definitions[name];
    if (option === undefined) {
      const known = [...names.values()].map((each) => `--${each}`).join(', ');
      throw new GaleError('OPTION_UNKNOWN', `Unknown option ${showName(word)}; the options are ${known}.`);
    }
    const text = match?.[2] ?? (option.type === 'switch' ? 'true' : undefined);
    if (text === undefined) throw new GaleError('OPTION_VALUE', `--${name} needs a value: --${name}=VALUE.`);
    values[name] = valueOf(option, `--${name}`, text);
  }
  return values;
}

/** Shows the name of an unknown option without its value, which may be a password. A word without a name may be one too. */
function showName(word: string): string {
  const name = /^--?[A-Za-z][\w-]*(?==|$)/.exec(word)?.[0];
  if (name !== undefined && name.length <= 80) return name;
  return /^\w{1,20}$/.test(word) ? word : '(its name is not shown, since it may hold a password)';
}

function valueOf(option: Option, label: string, text: string): string | number | boolean {
  switch (option.type) {
    case 'text':
      if (option.choices && !option.choices.includes(text)) {
        throw wrongValue(label, listChoices(option.choices), text);
      }
      return text;
    case 'integer': {
      const { min, max } = rangeOf(option);
      const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
      if (!(value >= min && value <= max)) {
        throw wrongValue(label, `an integer from ${min} to ${max}`, text);
      }
      return value;
    }
    case 'switch':
      if (text === 'true' || text === 'false') return text === 'true';
      throw wrongValue(label, 'true or false', text);
  }
}

function help(definitions: Readonly<Record<string, Option>>, usage: string): string {
  const rows = Object.entries(definitions).map(([name, option]) => [signature(name, option), explanation(option)]);
  rows.push(['--help', 'Print this and stop.']);
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0));
  return [usage, '', ...rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`), ''].join('\n');
}

function signature(name: string, option: Option): string {
  if (option.type === 'switch') return `--${name}[=true|false]`;
  return `--${name}=${option.type === 'integer' ? 'N' : (option.choices?.join('|') ?? 'TEXT')}`;
}

function explanation(option: Option): string {
  const parts = [option.default === '' ? 'none by default' : `default ${option.default}`];
  if (option.env !== undefined) parts.push(`environment variable ${option.env}`);
  return `${option.help} (${parts.join('; ')})`;
}
