/**
 * The header fields of a request, split from the text of its head on first use.
 * field-section.ts has validated the text; this file only splits it.
 */
import { assertString } from '../../run/given-options.ts';
import { isWhitespace } from './characters.ts';

/** Header fields in the order they were sent. Names match in any case. */
export class HeaderList {
  #text: string;
  #at: number;
  /** Lower-cased. */
  #names: string[] | undefined;
  #values: string[] = [];

  /**
   * @param text - Lines `name: value`, each ended by CRLF, then an empty line.
   * @param at - Where the first line begins in `text`.
   * @throws {@link GaleError} `OPTION_VALUE` if `text` is not a string.
   */
  constructor(text: string, at = 0) {
    assertString('text', text);
    this.#text = text;
    this.#at = at;
  }

  /** Value of the field; values of a repeated field are joined with `, ` (Cookie: `; `). Undefined if the field is absent. */
  get(name: string): string | undefined {
    const names = this.#names ?? this.#split();
    const wanted = name.toLowerCase();
    const index = names.indexOf(wanted);
    if (index < 0 || !names.includes(wanted, index + 1)) return this.#values[index];
    return this.getAll(wanted).join(wanted === 'cookie' ? '; ' : ', ');
  }

  /** Values of all fields with this name, in order. */
  getAll(name: string): readonly string[] {
    const names = this.#names ?? this.#split();
    const wanted = name.toLowerCase();
    return this.#values.filter((_, index) => names[index] === wanted);
  }

  /** Whether there is a field with this name. */
  has(name: string): boolean {
    return (this.#names ?? this.#split()).includes(name.toLowerCase());
  }

  /** Each field as `[name in lower case, value]`, in the order they were sent. */
  *[Symbol.iterator](): IterableIterator<[string, string]> {
    const names = this.#names ?? this.#split();
    for (let index = 0; index < names.length; index++) yield [names[index] as string, this.#values[index] as string];
  }

  #split(): string[] {
    const text = this.#text;
    const lowered = text.toLowerCase();
    const names: string[] = [];
    for (let at = this.#at; ;) {
      const end = text.indexOf('\r\n', at);
      if (end <= at) break;
      const colon = text.indexOf(':', at);
      let from = colon + 1;
      let to = end;
      while (from < to && isWhitespace(text.charCodeAt(from))) from++;
      while (to > from && isWhitespace(text.charCodeAt(to - 1))) to--;
      names.push(lowered.slice(at, colon));
      this.#values.push(text.slice(from, to));
      at = end + 2;
    }
    this.#names = names;
    this.#text = '';
    return names;
  }
}
