/**
 * A result of `doctor`: one line. A wrong one says what to do.
 */

/** `note` is worth knowing, and nothing has to be done. */
export type FindingState = 'ok' | 'note' | 'wrong';

export interface Finding {
  readonly state: FindingState;
  /** What was checked, such as `database`. */
  readonly about: string;
  readonly text: string;
}

/** Makes findings about one thing. */
export class Findings {
  readonly all: Finding[] = [];
  readonly #about: string;

  constructor(about: string) {
    this.#about = about;
  }

  ok(text: string): void {
    this.all.push({ state: 'ok', about: this.#about, text });
  }

  note(text: string): void {
    this.all.push({ state: 'note', about: this.#about, text });
  }

  /** @param text - The problem and the next step. */
  wrong(text: string): void {
    this.all.push({ state: 'wrong', about: this.#about, text });
  }
}

/** A number of bytes for people: `1.5 GB`. */
export function shownBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
