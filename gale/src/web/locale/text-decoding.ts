/** Decodes the bytes of a file of texts; a byte that the encoding does not have is an error with its line. No I/O. */
import { isUtf8 } from 'node:buffer';
import { showText } from '../../run/shown-text.ts';
import { localeFileError } from './locale-file-error.ts';

/**
 * Decodes a file.
 *
 * @param encoding - A label of the Encoding Standard, such as `utf-8` or `gbk`. A byte order mark takes precedence.
 * @param place - Where the encoding is named, for its error.
 * @throws {@link GaleError} `LOCALE_FILE`.
 */
export function decodeText(bytes: Uint8Array, file: string, encoding: string, place: string = file): string {
  const label = encodingOfMark(bytes) ?? encoding;
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label, { fatal: true });
  } catch {
    throw localeFileError(place, `the encoding ${showText(label)} is unknown; use utf-8`);
  }
  try {
    return decoder.decode(bytes);
  } catch (error) {
    const line = decoder.encoding === 'utf-8' ? `:${lineThatIsNotUtf8(bytes)}` : '';
    throw localeFileError(`${file}${line}`, `the text is not ${decoder.encoding}`, error);
  }
}

/** The encoding of a byte order mark. */
function encodingOfMark([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

function lineThatIsNotUtf8(bytes: Uint8Array): number {
  let line = 1;
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    if (!isUtf8(bytes.subarray(from, end === -1 ? bytes.length : end))) return line;
    if (end === -1) break;
    from = end + 1;
  }
  return line;
}
