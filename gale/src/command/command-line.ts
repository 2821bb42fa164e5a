/** The command line of one command: words, then options. */
import { defineOptions, type Option, type OptionValues } from '../run/options.ts';

/** One command of `gale`. */
export interface Command {
  /** Its words and options: `routes FILE`. */
  readonly usage: string;
  /** Its purpose, one line of `--help`. */
  readonly help: string;
  /**
   * Runs it.
   *
   * @param words - The command line after its name.
   * @returns The exit code.
   */
  run(words: readonly string[]): Promise<number>;
}

/** The command line is wrong: exit code 2. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}

/** Words and options of a command. */
export interface CommandLine<Definitions extends Readonly<Record<string, Option>>> {
  readonly words: readonly string[];
  readonly options: OptionValues<Definitions>;
}

/**
 * Separates words from options, `--name=value`. With `--help` it prints the help and ends the process.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function readCommandLine<const Definitions extends Readonly<Record<string, Option>>>(
  command: Pick<Command, 'usage' | 'help'>,
  definitions: Definitions,
  given: readonly string[],
): CommandLine<Definitions> {
  const usage = `npx gale ${command.usage}\n\n${command.help}`;
  const options = defineOptions(definitions, usage).parse(given.filter(isOption));
  return { words: given.filter((word) => !isOption(word)), options };
}

function isOption(word: string): boolean {
  return word.startsWith('-');
}
