/**
 * Parses one Forwarded field: elements separated by commas, pairs separated by semicolons, values that are tokens or quoted strings.
 * RFC 7239 §4, RFC 9110 §5.6. forwarded.ts interprets the pairs.
 */
import { isFieldValue, isToken, isWhitespace } from '../protocol/characters.ts';

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Parses a field.
 *
 * @returns The elements from left to right, each with its values by lower-case name, without quotes; `undefined` if the field is malformed or
 *   an element has a name twice.
 */
export function readForwardedField(value: string): ReadonlyMap<string, string>[] | undefined {
  const elements: Map<string, string>[] = [];
  const reader = new FieldReader(value);
  for (;;) {
    reader.skipWhitespace();
    // Empty members of a list are skipped, RFC 9110 §5.6.1.2.
    if (!reader.isAtEnd && !reader.isAt(COMMA)) {
      const element = readElement(reader);
      if (element === undefined) return undefined;
      elements.push(element);
      reader.skipWhitespace();
    }
    if (reader.isAtEnd) return elements;
    if (!reader.take(COMMA)) return undefined;
  }
}

/** An element must not contain whitespace; empty pairs are allowed. */
function readElement(reader: FieldReader): Map<string, string> | undefined {
  const element = new Map<string, string>();
  do {
    const name = reader.takeToken().toLowerCase();
    if (name === '') continue;
    const value = reader.take(EQUALS) ? reader.takeValue() : undefined;
    if (value === undefined || element.has(name)) return undefined;
    element.set(name, value);
  } while (reader.take(SEMICOLON));
  return element;
}

class FieldReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  isAt(code: number): boolean {
    return this.#text.charCodeAt(this.#at) === code;
  }

  take(code: number): boolean {
    if (!this.isAt(code)) return false;
    this.#at++;
    return true;
  }

  skipWhitespace(): void {
    while (isWhitespace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  /** Empty if there is no token. */
  takeToken(): string {
    const from = this.#at;
    while (isToken[this.#text.charCodeAt(this.#at)] === 1) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  takeValue(): string | undefined {
    if (this.take(QUOTE)) return this.#takeQuoted();
    const token = this.takeToken();
    return token === '' ? undefined : token;
  }

  #takeQuoted(): string | undefined {
    let value = '';
    for (let from = this.#at; !this.isAtEnd; this.#at++) {
      const isEscape = this.isAt(BACKSLASH);
      if (isEscape || this.isAt(QUOTE)) {
        value += this.#text.slice(from, this.#at++);
        if (!isEscape) return value;
        from = this.#at;
      }
      if (isFieldValue[this.#text.charCodeAt(this.#at)] !== 1) return undefined;
    }
    return undefined;
  }
}
