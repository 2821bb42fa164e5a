/**
 * Parses JSON of clients (RFC 8259). `JSON.parse` does the work; if it refuses a text, a scan finds the position, since the messages of
 * engines differ and quote the text. A member `__proto__` is refused: copied with `Object.assign` it would change a prototype.
 */

/** A text is not JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;

  constructor(text: string, offset: number, problem: string) {
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - before.lastIndexOf('\n');
    super(`${problem} at line ${line}, column ${column}`);
    this.line = line;
    this.column = column;
  }
}

/** @throws {@link JsonSyntaxError} */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw findFault(text) ?? new JsonSyntaxError(text, text.length, 'unexpected end');
  }
  const fault = mayNamePrototype.test(text) ? findFault(text) : undefined;
  if (fault !== undefined) throw fault;
  return value;
}

/** A string `__proto__`, with or without escapes; it may also be a value. */
const mayNamePrototype =
  /"(?:_|\\u005[Ff]){2}(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006[Ff])(?:t|\\u0074)(?:o|\\u006[Ff])(?:_|\\u005[Ff]){2}"/;

type State = 'value' | 'first item' | 'name' | 'first name' | 'colon' | 'after value';

const expected: Readonly<Record<State, string>> = {
  value: 'expected a value',
  'first item': 'expected a value or ]',
  name: 'expected a name in double quotes',
  'first name': 'expected a name in double quotes or }',
  colon: 'expected :',
  'after value': 'expected , or the end of the object or array',
};

/** The first fault of the text. Not recursive: the nesting of a text has no limit. */
function findFault(text: string): JsonSyntaxError | undefined {
  const closers: string[] = [];
  let state: State = 'value';
  let index = 0;
  const fault = (offset: number, problem: string): JsonSyntaxError => new JsonSyntaxError(text, offset, problem);
  for (;;) {
    while (isSpace(text.charCodeAt(index))) index++;
    const closer = closers.at(-1);
    if (state === 'after value' && closer === undefined) {
      return index < text.length ? fault(index, 'unexpected text after the value') : undefined;
    }
    const character = text[index];
    if (character === undefined) return fault(index, `unexpected end, ${expected[state]}`);
    const isClosable = state === 'after value' || state === 'first item' || state === 'first name';
    if (isClosable && character === closer) {
      closers.pop();
      state = 'after value';
      index++;
    } else if (state === 'after value') {
      if (character !== ',') return fault(index, `expected , or ${closer}`);
      state = closer === '}' ? 'name' : 'value';
      index++;
    } else if (state === 'colon') {
      if (character !== ':') return fault(index, expected.colon);
      state = 'value';
      index++;
    } else if (state === 'name' || state === 'first name') {
      if (character !== '"') return fault(index, expected[state]);
      const end = scanString(text, index);
      if (end.problem !== undefined) return fault(end.index, end.problem);
      if (JSON.parse(text.slice(index, end.index)) === '__proto__')
        return fault(index, 'the name __proto__ is refused');
      state = 'colon';
      index = end.index;
    } else if (character === '{' || character === '[') {
      closers.push(character === '{' ? '}' : ']');
      state = character === '{' ? 'first name' : 'first item';
      index++;
    } else {
      const end = character === '"' ? scanString(text, index) : scanLiteral(text, index, expected[state]);
      if (end.problem !== undefined) return fault(end.index, end.problem);
      state = 'after value';
      index = end.index;
    }
  }
}

/** Where a token ends, or where its problem is. */
interface TokenEnd {
  readonly index: number;
  readonly problem?: string;
}

function scanString(text: string, start: number): TokenEnd {
  for (let index = start + 1; ; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) return { index: index + 1 };
    if (Number.isNaN(code)) return { index, problem: 'unexpected end of a string' };
    if (code < 0x20) return { index, problem: 'a control character in a string must be escaped' };
    if (code !== 0x5c) continue;
    escape.lastIndex = index;
    if (!escape.test(text)) return { index, problem: 'a string has an unknown escape' };
    index = escape.lastIndex - 1;
  }
}

function scanLiteral(text: string, start: number, problem: string): TokenEnd {
  literal.lastIndex = start;
  return literal.test(text) ? { index: literal.lastIndex } : { index: start, problem };
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

const escape = /\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y;
const literal = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[Ee][+-]?[0-9]+)?)(?![\w.+-])/y;
