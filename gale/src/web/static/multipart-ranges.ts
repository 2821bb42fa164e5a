/** A body with several ranges of a file: `multipart/byteranges` (RFC 9110 §14.6). No I/O. */
import { randomBytes } from 'node:crypto';
import type { ByteRange } from './byte-range.ts';

/** A body of texts and ranges of the file. */
export interface MultipartRanges {
  readonly contentType: string;
  /** Length of the body, in bytes. */
  readonly byteLength: number;
  readonly parts: readonly (string | ByteRange)[];
}

/**
 * Frames ranges.
 *
 * @param type - Content-Type of the file.
 * @param size - Size of the file, in bytes.
 */
export function multipartRanges(ranges: readonly ByteRange[], type: string, size: number): MultipartRanges {
  // Random, so that no file contains it.
  const boundary = randomBytes(18).toString('base64url');
  const parts: (string | ByteRange)[] = [];
  let byteLength = 0;
  for (const range of ranges) {
    const head = `\r\n--${boundary}\r\nContent-Type: ${type}\r\n${contentRange(range, size)}\r\n\r\n`;
    parts.push(head, range);
    byteLength += head.length + range.end - range.start;
  }
  const end = `\r\n--${boundary}--\r\n`;
  parts.push(end);
  return { contentType: `multipart/byteranges; boundary=${boundary}`, byteLength: byteLength + end.length, parts };
}

function contentRange({ start, end }: ByteRange, size: number): string {
  return `Content-Range: bytes ${start}-${end - 1}/${size}`;
}
