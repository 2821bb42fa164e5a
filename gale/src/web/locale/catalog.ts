/** The texts of one locale, whatever file they come from. */

/** A text that is looked up. */
export interface Message {
  /** Distinguishes equal texts that need different translations, such as the noun and the verb `Open`. */
  readonly context?: string | undefined;
  /** The text in the language of the program; with `plural` the form for one. */
  readonly text: string;
  /** The form for other counts. */
  readonly plural?: string | undefined;
  /** A finite number. With `plural` only. */
  readonly count?: number | undefined;
}

/** How many texts a file may have. */
export interface EntryLimit {
  /** Limit of all files together, for messages. */
  readonly maxEntries: number;
  /** What the files before it have left of it. */
  readonly rest: number;
}

/** The texts of one locale. */
export interface Catalog {
  /** Number of texts. */
  readonly size: number;
  /** Finds a translation. `undefined` if there is none, also for a text without the context. */
  find(message: Message): string | undefined;
}
