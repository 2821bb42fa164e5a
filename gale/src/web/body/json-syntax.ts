/**
 * Parses JSON of clients (RFC 8259). `JSON.parse` does the work; if it refuses a text, a scan finds the position, since the messages of
 * engines differ and quote the text. A member `__proto__` is refused: copied with `Object.assign` it would change a prototype. So are numbers
 * that would become Infinity, which JSON cannot write.
 */

/** A text is not JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  /** From 1; undefined if it was not searched. */
  readonly line: number | undefined;
  /** From 1, in UTF-16 units. */
  readonly column: number | undefined;

  constructor(text: string, offset: number | undefined, problem: string) {
    if (offset === undefined) {
      super(problem);
      return;
    }
    let line = 1;
    let lineStart = 0;
    for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', lineStart)) {
      line++;
      lineStart = end + 1;
    }
    const column = offset - lineStart + 1;
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
  } catch (error) {
    if (text.length > maxSearchedLength) throw faultOfEngine(text, error);
    throw findFault(text) ?? new JsonSyntaxError(text, text.length, 'unexpected end');
  }
  const fault = mayNamePrototype.test(text) || mayOverflow.test(text) ? findFault(text) : undefined;
  if (fault !== undefined) throw fault;
  return value;
}

/** The search for a fault costs several times a failed `JSON.parse`, so longer texts get only the position that the engine names. */
const maxSearchedLength = 65_536;

function faultOfEngine(text: string, error: unknown): JsonSyntaxError {
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('Unexpected end')) return new JsonSyntaxError(text, text.length, 'unexpected end');
  const position = /\bat position (\d+)/.exec(message)?.[1];
  const offset = position === undefined ? undefined : Number(position);
  const isString = message.startsWith('Unterminated string');
  return new JsonSyntaxError(text, offset, isString ? 'unexpected end of a string' : 'unexpected text');
}

/** A number that may be too large for a double, such as `1e999`, which JSON.parse reads as Infinity. It may also be inside a string. */
const mayOverflow = /\d[Ee]\+?\d{3}|\d{200}/;

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
  if (!literal.test(text)) return { index: start, problem };
  const end = literal.lastIndex;
  const isTooLarge = !Number.isFinite(Number(text.slice(start, end))) && /[-\d]/.test(text[start] ?? '');
  return isTooLarge ? { index: start, problem: 'the number is too large' } : { index: end };
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

const escape = /\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y;
const literal = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[Ee][+-]?[0-9]+)?)(?![\w.+-])/y;
