/** The Range header of a request for ranges of bytes (RFC 9110 §14). */
import { trimWhitespace } from '../../http/protocol/characters.ts';

/** From the first byte to the one after the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A request for more ranges gets the whole file. */
export const maxRanges = 100;

/**
 * Reads a Range header.
 *
 * @param size - Size of the file, in bytes.
 * @returns The ranges, limited to `size`. Ranges that begin after the last byte are left out. If some overlap, all are sorted, and those
 *   that overlap or touch are joined, so that no byte is sent twice (RFC 9110 §14.2, §17.15). `whole` if the header is malformed, has a range
 *   that ends before it begins (`5-3`), asks for all bytes or for more than {@link maxRanges} ranges, since a server may ignore what is not
 *   valid; `unsatisfiable` if no range is left. So an empty file has no `bytes=0-`, and its last five bytes are the whole file (§14.1.2).
 */
export function readByteRanges(header: string, size: number): readonly ByteRange[] | 'whole' | 'unsatisfiable' {
  const trimmed = trimWhitespace(header);
  // Empty members of the list are legal, white space only beside their commas (RFC 9110 §5.6.1.2).
  if (!/^bytes=(?![\t ]+[^\t ,])/i.test(trimmed)) return 'whole';
  const members = trimmed.slice('bytes='.length).split(',').map(trimWhitespace);
  const specs = members.filter((member) => member !== '');
  if (specs.length === 0 || specs.length > maxRanges) return 'whole';
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const range = readRange(spec, size);
    if (range === 'whole') return 'whole';
    if (range !== 'unsatisfiable') ranges.push(range);
  }
  if (ranges.length === 0) return 'unsatisfiable';
  const joined = joinOverlapping(ranges);
  return joined.length === 1 && joined[0]?.start === 0 && joined[0].end === size ? 'whole' : joined;
}

/** `whole` also for a range that is not valid. */
function readRange(spec: string, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^(\d*)-(\d*)$/.exec(spec);
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

/** The ranges in their order if no two overlap; else in ascending order, joined. */
function joinOverlapping(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const sorted = ranges.toSorted((left, right) => left.start - right.start);
  if (!sorted.some(({ start }, index) => index > 0 && start < (sorted[index - 1]?.end ?? 0))) return ranges;
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = joined.at(-1);
    if (last === undefined || start > last.end) joined.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return joined;
}
