/**
 * The arguments of a request: what a query string or an urlencoded form says, by name. Values stay as they were sent
 * until they are asked for; only then are they decoded, and only then can they turn out not to be UTF-8 (400).
 */
import { HttpError } from './http-error.ts';
import { decodePercent, decodeUtf8, NotUtf8Error, percentToBytes } from './percent-encoding.ts';

/** Options of the methods that read arguments. */
export interface ArgumentOptions {
  /** Whether white space around the value is taken off. @defaultValue true */
  readonly strip?: boolean;
  /** Whether the value keeps its control characters and the white space around it, as passwords must. @defaultValue false */
  readonly raw?: boolean;
}

/** Turns the bytes of a value into text; throws {@link HttpError} 400 if they are none. */
export type ArgumentDecoder = (value: Uint8Array, name: string) => string;

/** Arguments by name, each with its values in the order they were sent. */
export class Arguments {
  /** Values as sent, one Latin-1 character for each byte. */
  readonly #values = new Map<string, string[]>();

  /**
   * Adds what an urlencoded text says: pieces between `&`, each split at its first `=`; blank values count.
   *
   * @param text - As sent, one Latin-1 character for each byte.
   * @param maxArguments - Most pieces accepted.
   * @throws {@link HttpError} 400 over `maxArguments`, or for a name that is not UTF-8.
   */
  add(text: string, maxArguments: number): void {
    let start = 0;
    for (let count = 1; start < text.length; count++) {
      if (count > maxArguments) throw new HttpError(400, `More than ${maxArguments} arguments (maxArguments)`);
      const ampersand = text.indexOf('&', start);
      const end = ampersand === -1 ? text.length : ampersand;
      if (end > start) this.#addPiece(text.slice(start, end));
      start = end + 1;
    }
  }

  /** The last value of `name`, as sent; `undefined` if there is none. */
  last(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** All values of `name`, as sent. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** All names, in the order they were first sent. */
  names(): IterableIterator<string> {
    return this.#values.keys();
  }

  #addPiece(piece: string): void {
    const equals = piece.indexOf('=');
    const name = decodeValue(equals === -1 ? piece : piece.slice(0, equals), '');
    const value = equals === -1 ? '' : piece.slice(equals + 1);
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }
}

/**
 * Decodes a value: `+` is a blank, then percent-encoding, then UTF-8 or what `decode` makes of the bytes.
 *
 * @param value - As sent, one Latin-1 character for each byte.
 * @throws {@link HttpError} 400 if it is not UTF-8.
 */
export function decodeValue(value: string, name: string, decode?: ArgumentDecoder): string {
  const spaced = value.includes('+') ? value.replaceAll('+', ' ') : value;
  if (decode !== undefined) return decode(percentToBytes(Buffer.from(spaced, 'latin1')), name);
  try {
    return isAscii(spaced) ? decodePercent(spaced) : decodeUtf8(percentToBytes(Buffer.from(spaced, 'latin1')));
  } catch (error) {
    throw error instanceof NotUtf8Error ? notUtf8(name, error) : error;
  }
}

/** Turns control characters other than tab and line breaks into blanks, and takes white space off both ends; `raw` leaves all. */
export function tidyValue(text: string, { strip = true, raw = false }: ArgumentOptions = {}): string {
  if (raw) return text;
  // oxlint-disable-next-line no-control-regex -- Control characters are what it is about.
  const tidy = text.replace(/[\x00-\x08\x0e-\x1f]/g, ' ');
  return strip ? tidy.trim() : tidy;
}

/** Makes the 400 for a value that is not UTF-8. */
export function notUtf8(name: string, cause: unknown): HttpError {
  return new HttpError(400, name === '' ? 'A name or path is not UTF-8' : `Argument ${name} is not UTF-8`, { cause });
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- All of ASCII is meant.
  return /^[\x00-\x7f]*$/.test(text);
}
