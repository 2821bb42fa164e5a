/**
 * The expression of `Plural-Forms` in a gettext file, `n%10==1 && n%100!=11 ? 0 : 1`: C with the variable `n`. It is parsed, never
 * evaluated as code. No I/O.
 */

/** Computes the number of a form for a count, which is a non-negative integer. */
export type FormOf = (count: number) => number;

/** Longest expression. That of Arabic, the longest in use, has 130 characters. */
const maxCharacters = 1_000;

/** Binary operators with their precedence. All associate to the left. */
const operators: Readonly<Record<string, readonly [precedence: number, (left: number, right: number) => number]>> = {
  '||': [1, (left, right) => Number(left !== 0 || right !== 0)],
  '&&': [2, (left, right) => Number(left !== 0 && right !== 0)],
  '==': [3, (left, right) => Number(left === right)],
  '!=': [3, (left, right) => Number(left !== right)],
  '<': [4, (left, right) => Number(left < right)],
  '>': [4, (left, right) => Number(left > right)],
  '<=': [4, (left, right) => Number(left <= right)],
  '>=': [4, (left, right) => Number(left >= right)],
  '+': [5, (left, right) => left + right],
  '-': [5, (left, right) => left - right],
  '*': [6, (left, right) => left * right],
  '/': [6, (left, right) => Math.trunc(left / right)],
  '%': [6, (left, right) => left % right],
};

/**
 * Parses an expression.
 *
 * @throws {@link SyntaxError} With the reason and the position.
 */
export function parsePluralExpression(source: string): FormOf {
  if (source.length > maxCharacters) {
    throw new SyntaxError(`the expression has ${source.length} characters; the limit is ${maxCharacters}`);
  }
  return new Parser(source).parse();
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly { readonly text: string; readonly at: number }[];
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = [...source.matchAll(/\|\||&&|[=!<>]=|[-+*/%<>!?:()n]|\d+|[^\s]/g)].map((match) => ({
      text: match[0],
      at: match.index,
    }));
  }

  parse(): FormOf {
    const form = this.#choice();
    if (this.#peek() !== undefined) throw this.#unexpected();
    return form;
  }

  #choice(): FormOf {
    const test = this.#binary(1);
    if (this.#peek() !== '?') return test;
    this.#next++;
    const yes = this.#choice();
    this.#expect(':');
    const no = this.#choice();
    return (count) => (test(count) === 0 ? no(count) : yes(count));
  }

  #binary(lowest: number): FormOf {
    let left = this.#unary();
    for (;;) {
      const word = this.#peek() ?? '';
      const operator = Object.hasOwn(operators, word) ? operators[word] : undefined;
      if (operator === undefined || operator[0] < lowest) return left;
      this.#next++;
      const [precedence, compute] = operator;
      const before = left;
      const right = this.#binary(precedence + 1);
      left = (count) => compute(before(count), right(count));
    }
  }

  #unary(): FormOf {
    const word = this.#peek();
    if (word === '!') {
      this.#next++;
      const value = this.#unary();
      return (count) => Number(value(count) === 0);
    }
    if (word === '(') {
      this.#next++;
      const value = this.#choice();
      this.#expect(')');
      return value;
    }
    if (word === 'n') {
      this.#next++;
      return (count) => count;
    }
    if (word === undefined || !/^\d{1,9}$/.test(word)) throw this.#unexpected();
    this.#next++;
    const value = Number(word);
    return () => value;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next]?.text;
  }

  #expect(word: string): void {
    if (this.#peek() !== word) throw this.#unexpected(word);
    this.#next++;
  }

  #unexpected(wanted?: string): SyntaxError {
    const token = this.#tokens[this.#next];
    const place = token === undefined ? 'the end' : `\`${token.text}\` at character ${token.at + 1}`;
    const need = wanted === undefined ? 'unexpected' : `\`${wanted}\` is missing before`;
    return new SyntaxError(`${need} ${place} of \`${this.#source}\``);
  }
}
