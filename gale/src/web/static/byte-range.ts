/** The Range header of a request for one range of bytes (RFC 9110 §14). A request for several ranges gets the whole file. */
import { trimWhitespace } from '../../http/protocol/characters.ts';

/** From the first byte to the one after the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a Range header.
 *
 * @param size - Size of the file, in bytes.
 * @returns The range, limited to `size`; `whole` if the header is malformed or asks for several ranges or all bytes;
 *   `unsatisfiable` if the range begins after the last byte, or is the last 0 bytes. So an empty file has no `bytes=0-`, and
 *   its last five bytes are the whole file (RFC 9110 §14.1.2).
 */
export function readByteRange(header: string, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  // Empty list members before and after the range are legal (RFC 9110 §5.6.1). No class follows itself, so this is linear.
  const match = /^bytes=[\t ,]*(\d*)-(\d*)[\t ,]*$/i.exec(trimWhitespace(header));
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return 'whole';
    if (Number(last) === 0) return 'unsatisfiable';
    return Number(last) >= size ? 'whole' : { start: size - Number(last), end: size };
  }
  // A number with too many digits becomes Infinity, which compares correctly.
  const start = Number(first);
  const end = last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= end) return 'unsatisfiable';
  return start === 0 && end === size ? 'whole' : { start, end };
}
