/** The values that a field offers, with their labels. */
import { wrongValue } from '../../run/given-options.ts';

/** Values to choose from: an array of values or of pairs with a label, or an object with a label for each value. */
export type GivenChoices<Choice extends string = string> =
  | readonly (Choice | readonly [value: Choice, label: string])[]
  | Readonly<Record<Choice, string>>;

const maxChoices = 10_000;
const maxValueLength = 200;

/** Labels by value, in the order of the page. */
export class Choices {
  readonly #labels: ReadonlyMap<string, string>;

  /** @throws {@link GaleError} `OPTION_VALUE`. */
  constructor(given: unknown) {
    const pairs = readPairs(given);
    if (pairs.length > maxChoices) throw wrongValue('choices', `at most ${maxChoices} choices`, given);
    for (const [value] of pairs) {
      if (!isChoiceValue(value)) {
        const rule = `strings of 1 to ${maxValueLength} characters without control characters`;
        throw wrongValue('choices', rule, value);
      }
    }
    this.#labels = new Map(pairs);
    if (this.#labels.size < pairs.length) throw wrongValue('choices', 'values that differ', given);
  }

  get size(): number {
    return this.#labels.size;
  }

  has(value: string): boolean {
    return this.#labels.has(value);
  }

  /** Values with their labels. */
  entries(): IterableIterator<[value: string, label: string]> {
    return this.#labels.entries();
  }
}

function readPairs(given: unknown): [value: string, label: string][] {
  const wanted = 'an array of values or of pairs [value, label], or an object with a label for each value';
  if (typeof given !== 'object' || given === null) throw wrongValue('choices', wanted, given);
  const list: readonly unknown[] = Array.isArray(given) ? given : Object.entries(given);
  return list.map((entry) => {
    const [value, label]: readonly unknown[] = Array.isArray(entry) ? entry : [entry, entry];
    if (typeof value === 'string' && typeof label === 'string') return [value, label];
    throw wrongValue('choices', wanted, given);
  });
}

/** Browsers change line breaks and lone surrogates. An empty value means that nothing is chosen. */
function isChoiceValue(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- Matches control characters.
  return value !== '' && value.length <= maxValueLength && value.isWellFormed() && !/[\x00-\x1f\x7f]/.test(value);
}
