/** What each command of `npm run chat` provides. */

/** One command. */
export interface Command {
  /** Its options: `backup --to=FOLDER`. */
  readonly usage: string;
  /** Its purpose, one line of `--help`. */
  readonly help: string;
  /**
   * Runs it and prints its result.
   *
   * @param words - The command line after its name.
   * @throws {@link StartError} or {@link GaleError} with one line for the operator.
   */
  run(words: readonly string[]): Promise<void>;
}
