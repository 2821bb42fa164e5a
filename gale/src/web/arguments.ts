/**
 * The arguments of a query string or an urlencoded form, by name. A value is decoded when it is read, so only then can
 * invalid UTF-8 throw (400).
 */
import { assertNames, readChoices } from '../run/given-options.ts';
import { ClientFault } from './client-fault.ts';
import type { HttpError } from './http-error.ts';
import { decodePercent, decodeUtf8, NotUtf8Error, percentToBytes } from './percent-encoding.ts';

/** Options of the methods that read arguments. */
export interface ArgumentOptions {
  /** Whether to remove white space around the value. @defaultValue true */
  readonly strip?: boolean;
  /** Whether to keep control characters and white space around the value, as for passwords. @defaultValue false */
  readonly raw?: boolean;
}

/** Decodes the bytes of a value. Throws {@link HttpError} 400 if they are not valid. */
export type ArgumentDecoder = (value: Uint8Array, name: string) => string;

/** Arguments by name, each with its values in the order of the request. */
export class Arguments {
  /** Encoded values, one Latin-1 character for each byte. */
  readonly #values = new Map<string, string[]>();

  /**
   * Adds the arguments of an urlencoded text. Arguments with an empty value count too.
   *
   * @param text - Encoded text, one Latin-1 character for each byte.
   * @param maxArguments - Maximum number of arguments.
   * @throws {@link HttpError} 400 over `maxArguments`, or for a name that is not UTF-8.
   */
  add(text: string, maxArguments: number): void {
    let start = 0;
    for (let count = 1; start < text.length; count++) {
      if (count > maxArguments) {
        throw new ClientFault(400, `More than ${maxArguments} arguments (maxArguments)`, {
          problem: { detail: `The query or the form has more than ${maxArguments} arguments.` },
        });
      }
      const ampersand = text.indexOf('&', start);
      const end = ampersand === -1 ? text.length : ampersand;
      if (end > start) this.#addPiece(text.slice(start, end));
      start = end + 1;
    }
  }

  /**
   * Adds a value that is not encoded, such as a field of a multipart form.
   *
   * @param bytes - Not kept.
   */
  addValue(name: string, bytes: Buffer): void {
    // Encodes what decodeValue decodes.
    this.#add(
      name,
      bytes.toString('latin1').replace(/[%+]/g, (character) => (character === '%' ? '%25' : '%2B')),
    );
  }

  /** The last value of `name`, still encoded; `undefined` if there is none. */
  last(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** All values of `name`, still encoded. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** All names, in the order of their first values. */
  names(): IterableIterator<string> {
    return this.#values.keys();
  }

  #addPiece(piece: string): void {
    const equals = piece.indexOf('=');
    const name = decodeValue(equals === -1 ? piece : piece.slice(0, equals), '');
    const value = equals === -1 ? '' : piece.slice(equals + 1);
    this.#add(name, value);
  }

  #add(name: string, value: string): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }
}

/**
 * Decodes a value: first `+` to a space, then percent-encoding, then UTF-8 or `decode`.
 *
 * @param value - Encoded value, one Latin-1 character for each byte.
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

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveArgumentOptions(options: ArgumentOptions | undefined): Readonly<Required<ArgumentOptions>> {
  if (options === undefined) return argumentDefaults;
  assertNames('argument', options, Object.keys(argumentDefaults));
  return readChoices(options, { strip: [true, false], raw: [false, true] });
}

const argumentDefaults: Readonly<Required<ArgumentOptions>> = Object.freeze({ strip: true, raw: false });

/** Replaces control characters except tab and line breaks by spaces, and trims white space. `raw` changes nothing. */
export function tidyValue(text: string, { strip, raw }: Required<ArgumentOptions> = argumentDefaults): string {
  if (raw) return text;
  // oxlint-disable-next-line no-control-regex -- Matches control characters.
  const tidy = text.replace(/[\x00-\x08\x0e-\x1f]/g, ' ');
  return strip ? tidy.trim() : tidy;
}

const maxShownCharacters = 100;

/** The 400 for a value that is not UTF-8. */
export function notUtf8(name: string, cause: unknown): HttpError {
  if (name === '') {
    const detail = 'The path, or a name in the query or the form, is not UTF-8.';
    return new ClientFault(400, 'A name or path is not UTF-8', { problem: { detail }, cause });
  }
  // The client chose it.
  const shown = JSON.stringify(name.length > maxShownCharacters ? `${name.slice(0, maxShownCharacters)}…` : name);
  const detail = `The argument ${shown} is not UTF-8.`;
  return new ClientFault(400, `Argument ${name} is not UTF-8`, { problem: { detail }, cause });
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- Matches all of ASCII.
  return /^[\x00-\x7f]*$/.test(text);
}
