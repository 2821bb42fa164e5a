/**
 * Percent-encoding in paths, queries and forms: decoded leniently where it is malformed (`%zz` stays as it is) and
 * strictly where bytes are no UTF-8, encoded for a Location.
 */

/** The bytes were no UTF-8. */
export class NotUtf8Error extends Error {
  override readonly name = 'NotUtf8Error';
}

/**
 * Decodes `%41` to `A`; a `%` without two hex digits stays.
 *
 * @throws {@link NotUtf8Error} if what comes out is no UTF-8.
 */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Either a lone `%`, which stays, or bytes that are no UTF-8, which the strict decoder refuses.
    return decodeUtf8(percentToBytes(Buffer.from(text)));
  }
}

/** Decodes `%41` to the byte 0x41; all other bytes, a `%` without two hex digits included, stay. */
export function percentToBytes(text: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(text.byteLength);
  let length = 0;
  for (let index = 0; index < text.byteLength; index++) {
    let byte = text[index] ?? 0;
    if (byte === 0x25) {
      const high = hexDigit(text[index + 1]);
      const low = hexDigit(text[index + 2]);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        index += 2;
      }
    }
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

/**
 * Decodes UTF-8, keeping a byte order mark.
 *
 * @throws {@link NotUtf8Error} if it is none.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new NotUtf8Error(`${bytes.byteLength} bytes are not UTF-8`, { cause: error });
  }
}

/** Encodes what a URL cannot hold as it stands; what is encoded already, and every delimiter, stays. */
export function encodeUrl(url: string): string {
  return url.toWellFormed().replace(/[^!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+/g, encodeURIComponent);
}

/** Encodes one argument of a path, leaving `/` as it is. */
export function encodePath(argument: string): string {
  return encodeURIComponent(argument.toWellFormed()).replaceAll('%2F', '/');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
