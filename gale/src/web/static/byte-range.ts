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
 *   `unsatisfiable` if the file has no byte of the range.
 */
export function readByteRange(header: string, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(trimWhitespace(header));
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return 'whole';
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= end) return 'unsatisfiable';
  return start === 0 && end === size ? 'whole' : { start, end };
}
