/**
 * Percent-encoding of paths, queries and forms (RFC 3986 §2.1). Decoding keeps malformed sequences (`%zz`) and refuses
 * invalid UTF-8.
 */

/** The bytes are not UTF-8. */
export class NotUtf8Error extends Error {
  override readonly name = 'NotUtf8Error';
}

/**
 * Decodes `%41` to `A`. A `%` without two hex digits is unchanged.
 *
 * @throws {@link NotUtf8Error} if the result is not UTF-8.
 */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Either a single `%`, which is kept, or invalid UTF-8, which the strict decoder refuses.
    return decodeUtf8(percentToBytes(Buffer.from(text)));
  }
}

/** Whether the text has a `%` without two hex digits. */
export function hasBrokenEscape(text: string): boolean {
  return /%(?![0-9A-Fa-f]{2})/.test(text);
}

/**
 * The normal form of a path, in which equivalent paths are equal: only unreserved characters are decoded, hex digits are in
 * upper case (RFC 3986 §6.2.2). `%2F` stays. A path with a broken escape is unchanged, since a decoded digit could complete it.
 */
export function normalPath(path: string): string {
  if (!path.includes('%') || hasBrokenEscape(path)) return path;
  return path.replace(/%../g, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
}

/** Decodes `%41` to the byte 0x41. Other bytes, also a `%` without two hex digits, are unchanged. */
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
 * Decodes UTF-8 and keeps a byte order mark.
 *
 * @throws {@link NotUtf8Error} if the bytes are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new NotUtf8Error(`${bytes.byteLength} bytes are not UTF-8`, { cause: error });
  }
}

/** Encodes an argument of a path, but not `/`. */
export function encodePath(argument: string): string {
  return encodeURIComponent(argument.toWellFormed()).replaceAll('%2F', '/');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
