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
 * @returns The range, limited to `size`; `whole` if the header is malformed, ends before it begins (`5-3`), or asks for several
 *   ranges or all bytes, since a server may ignore what is not valid (RFC 9110 §14.2); `unsatisfiable` if the range begins after the last byte, or is the last 0 bytes. So an empty file has no `bytes=0-`, and
 *   its last five bytes are the whole file (RFC 9110 §14.1.2).
 */
export function readByteRange(header: string, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  // Empty list members before and after the range are legal, white space only beside their commas (RFC 9110 §5.6.1.2). Each `*` is
  // followed by what it cannot match, or by the end of the text, so this is linear.
  const match = /^bytes=(?:[\t ]*,[\t ,]*)?(\d*)-(\d*)(?:[\t ]*,[\t ,]*)?$/i.exec(trimWhitespace(header));
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return 'whole';
    if (Number(last) === 0) return 'unsatisfiable';
    return Number(last) >= size ? 'whole' : { start: size - Number(last), end: size };
  }
  // A number with too many digits becomes Infinity, which compares correctly.
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  const end = last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= end) return 'unsatisfiable';
  return start === 0 && end === size ? 'whole' : { start, end };
}
