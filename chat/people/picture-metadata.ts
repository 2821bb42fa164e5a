/**
 * Removes from a picture what a camera or a program wrote about it, such as the place where it was taken. The page makes a new picture before
 * it sends one; a browser without scripts sends the file itself. The pixels are not decoded.
 */
import type { Picture } from './people-store.ts';

/** Returns the picture without its metadata. What is not a well-formed part of the format is kept as it is. */
export function withoutMetadata(type: Picture['type'], bytes: Buffer): Buffer {
  switch (type) {
    case 'image/jpeg':
      return cleanJpeg(bytes);
    case 'image/png':
      return cleanPng(bytes);
    case 'image/webp':
      return cleanWebp(bytes);
  }
}

/** Exif and XMP, other data of programs, and comments. APP0 is the density, APP2 the colours, APP14 how the colours are stored. */
function isMetadataOfJpeg(marker: number): boolean {
  return marker === 0xfe || (marker > 0xe0 && marker <= 0xef && marker !== 0xe2 && marker !== 0xee);
}

/** @see ITU T.81 §B.1.1.4: segments with their length. After the start of a scan (DA) the rest is pixels. */
function cleanJpeg(bytes: Buffer): Buffer {
  const kept = [bytes.subarray(0, 2)];
  let at = 2;
  while (at + 4 <= bytes.byteLength && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (marker === 0xda || end > bytes.byteLength) break;
    if (!isMetadataOfJpeg(marker)) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...kept, bytes.subarray(at)]);
}

const metadataOfPng: ReadonlySet<string> = new Set(['eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME']);

/** @see PNG (third edition) §5.3: chunks of a length, a type, data and a checksum. */
function cleanPng(bytes: Buffer): Buffer {
  const kept = [bytes.subarray(0, 8)];
  let at = 8;
  while (at + 12 <= bytes.byteLength) {
    const end = at + 12 + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (end > bytes.byteLength || !/^[A-Za-z]{4}$/.test(type)) break;
    if (!metadataOfPng.has(type)) kept.push(bytes.subarray(at, end));
    at = end;
    // What follows the end of the picture is not a part of it.
    if (type === 'IEND') return Buffer.concat(kept);
  }
  return Buffer.concat([...kept, bytes.subarray(at)]);
}

/** Bits of the extended header that say that there is Exif and XMP. */
const metadataBits = 0x08 | 0x04;

/** @see RFC 9649 §2.3: chunks of a type, a length and data, padded to an even length; §2.7 for the flags. */
function cleanWebp(file: Buffer): Buffer {
  // What follows the end of the picture is not a part of it.
  const bytes = file.subarray(0, Math.max(12, 8 + file.readUInt32LE(4)));
  const kept = [];
  let at = 12;
  while (at + 8 <= bytes.byteLength) {
    const length = bytes.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    const type = bytes.toString('latin1', at, at + 4);
    if (end > bytes.byteLength) break;
    if (type === 'VP8X') {
      const extended = Buffer.from(bytes.subarray(at, end));
      extended[8] = (extended[8] ?? 0) & ~metadataBits;
      kept.push(extended);
    } else if (type !== 'EXIF' && type !== 'XMP ') kept.push(bytes.subarray(at, end));
    at = end;
  }
  const parts = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), ...kept, bytes.subarray(at)]);
  parts.writeUInt32LE(parts.byteLength - 8, 4);
  return parts;
}
